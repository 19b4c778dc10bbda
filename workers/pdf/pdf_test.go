package pdf_test

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
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

// streams unpacks every stream of a file.
func streams(t *testing.T, file []byte) [][]byte {
	t.Helper()
	var all [][]byte
	for _, at := range regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`).FindAllSubmatch(file, -1) {
		z, err := zlib.NewReader(bytes.NewReader(at[1]))
		require.NoError(t, err)
		raw, err := io.ReadAll(z)
		require.NoError(t, err)
		all = append(all, raw)
	}
	return all
}

// shown reads the text of a file as a reader that copies it does: glyphs by the font's own map to characters.
func shown(t *testing.T, file []byte) string {
	t.Helper()
	pair := regexp.MustCompile(`<([0-9A-F]{4})> <([0-9A-F]+)>\n`)
	var fonts []map[string]string
	for _, stream := range streams(t, file) {
		if !bytes.Contains(stream, []byte("begincmap")) {
			continue
		}
		characters := map[string]string{}
		for _, found := range pair.FindAllSubmatch(stream, -1) {
			raw, err := hex.DecodeString(string(found[2]))
			require.NoError(t, err)
			var units []uint16
			for i := 0; i < len(raw); i += 2 {
				units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
			}
			characters[string(found[1])] = string(utf16.Decode(units))
		}
		fonts = append(fonts, characters)
	}
	var lines []string
	for _, stream := range streams(t, file) {
		for _, found := range regexp.MustCompile(`/([RB]) .*<([0-9A-F]*)> Tj`).FindAllSubmatch(stream, -1) {
			font := fonts[0]
			if string(found[1]) == "B" {
				font = fonts[len(fonts)-1]
			}
			line := ""
			for at := 0; at < len(found[2]); at += 4 {
				line += font[string(found[2][at:at+4])]
			}
			lines = append(lines, line)
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

func TestAFontThatNobodyUsedIsNotThere(t *testing.T) {
	t.Parallel()
	d := &pdf.Document{}
	d.Paragraph("Жé")
	fonts := 0
	for _, stream := range streams(t, written(t, d)) {
		if bytes.HasPrefix(stream, []byte{0, 1, 0, 0}) {
			fonts++
		}
	}
	require.Equal(t, 1, fonts)
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
	d.Paragraph(strings.Repeat("\n", pdf.MaxText-1))
	require.ErrorIs(t, d.Write(io.Discard), pdf.ErrTooLong)
}
