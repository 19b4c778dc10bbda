package pdf_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/pdf"
)

func written(t *testing.T, d *pdf.Document) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, d.Write(&out))
	return out.Bytes()
}

// shown reads the text of a file line by line: the fonts' codes are UTF-16.
func shown(t *testing.T, file []byte) string {
	t.Helper()
	unescape := strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r")
	var lines []string
	for _, at := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(file, -1) {
		z, err := zlib.NewReader(bytes.NewReader(at[1]))
		if err != nil {
			continue // not packed, so no page
		}
		raw, err := io.ReadAll(z)
		require.NoError(t, err)
		for _, found := range regexp.MustCompile(`(?s)BT .*?\((.*?)\) ?Tj ET`).FindAllSubmatch(raw, -1) {
			text := []byte(unescape.Replace(string(found[1])))
			var units []uint16
			for i := 0; i+1 < len(text); i += 2 {
				units = append(units, uint16(text[i])<<8|uint16(text[i+1]))
			}
			lines = append(lines, string(utf16.Decode(units)))
		}
	}
	return strings.Join(lines, "\n")
}

func TestTextComesBackOut(t *testing.T) {
	t.Parallel()
	d := &pdf.Document{Title: "Выписка", Language: "ru", Made: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Footer: "внизу"}
	d.Heading("Выписка из реестра — №1")
	d.Subheading("Объект")
	d.Row("Площадь", "1 200 м²")
	d.Paragraph("Ёлки; naïve; α\nвторая строка 漢")
	d.Space()
	file := written(t, d)
	got := shown(t, file)
	for _, want := range []string{"Выписка из реестра — №1", "Объект", "Площадь", "1 200 м²", "Ёлки; naïve; α", "вторая строка ?", "внизу", "1 / 1"} {
		require.Contains(t, got, want)
	}
	api.DisableConfigDir()
	opened, err := api.ReadAndValidate(bytes.NewReader(file), model.NewDefaultConfiguration())
	require.NoError(t, err)
	require.Equal(t, 1, opened.PageCount)
	require.Less(t, len(file), 40_000, "only used glyphs are embedded")
}

func TestLongTextsFillPages(t *testing.T) {
	t.Parallel()
	d := &pdf.Document{}
	for range 120 {
		d.Paragraph(strings.Repeat("слово ", 20))
	}
	d.Paragraph(strings.Repeat("щ", 400))
	file := written(t, d)
	api.DisableConfigDir()
	opened, err := api.ReadAndValidate(bytes.NewReader(file), model.NewDefaultConfiguration())
	require.NoError(t, err)
	require.Greater(t, opened.PageCount, 3)
	require.Equal(t, 400, strings.Count(shown(t, file), "щ"), "a word without an end is broken, not cut off")
	require.Equal(t, 2400, strings.Count(shown(t, file), "слово"))
}

func TestTheSameDocumentMakesTheSameBytes(t *testing.T) {
	t.Parallel()
	compose := func(text string) []byte {
		d := &pdf.Document{Title: "x"}
		d.Paragraph(text)
		return written(t, d)
	}
	require.Equal(t, compose("один"), compose("один"))
	require.NotEqual(t, compose("один"), compose("два"))
}

func TestEndlessDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	d := &pdf.Document{}
	d.Paragraph(strings.Repeat("x", pdf.MaxText+1))
	require.ErrorIs(t, d.Write(io.Discard), pdf.ErrTooLong)
	d = &pdf.Document{}
	d.Paragraph(strings.Repeat("x\n", pdf.MaxText/2))
	require.ErrorIs(t, d.Write(io.Discard), pdf.ErrTooLong)
}
