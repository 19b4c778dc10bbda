package documentinspect_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
)

func TestMain(m *testing.M) {
	documentinspect.RunChild()
	os.Exit(m.Run())
}

// pdf writes a small PDF by hand (ISO 32000-1, 7.5): a catalog, a page tree and n empty pages.
func pdf(pages int) []byte { return written(pages, nil, "") }

// written is pdf with more objects, numbered from pages + 3, and more in the trailer.
func written(pages int, more []string, trailer string) []byte {
	var out bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", len(offsets), fmt.Sprintf(format, args...))
	}
	out.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 3+i))
	}
	object("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), pages)
	for range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>")
	}
	for _, body := range more {
		object("%s", body)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, trailer, start)
	return out.Bytes()
}

// loopingPDF has a page tree that contains itself.
func loopingPDF() []byte {
	return bytes.Replace(pdf(1), []byte("/Kids [3 0 R] /Count 1"), []byte("/Kids [2 0 R] /Count 1"), 1)
}

func inspect(t *testing.T, name string, content []byte, strict bool, accept ...string) (documentinspect.Output, error) {
	t.Helper()
	host := &sdktest.Host{}
	file := host.AddFile(name, "application/octet-stream", content)
	return sdktest.Call[documentinspect.Output](t, documentinspect.Node, host, documentinspect.Input{File: file, Strict: strict, Accept: accept})
}

func codes(out documentinspect.Output) []string {
	var all []string
	for _, problem := range out.Problems {
		all = append(all, problem.Code)
	}
	return all
}

func TestAGoodPDFIsValid(t *testing.T) {
	out, err := inspect(t, "contract.pdf", pdf(3), true, "application/pdf")
	require.NoError(t, err)
	require.True(t, out.Valid, out.Problems)
	require.Equal(t, "application/pdf", out.MediaType)
	require.Equal(t, 3, out.Pages)
	require.Len(t, out.SHA256, 64)
	require.False(t, out.Encrypted)
}

func TestAGoodXMLIsValid(t *testing.T) {
	for name, content := range map[string]string{
		"declared":   `<?xml version="1.0" encoding="UTF-8"?><application><name>Иванов</name></application>`,
		"bare":       `<application/>`,
		"windows":    "<?xml version=\"1.0\" encoding=\"windows-1251\"?><application>\xc8\xe2\xe0\xed\xee\xe2</application>",
		"with a BOM": "\uFEFF<application/>",
	} {
		t.Run(name, func(t *testing.T) {
			out, err := inspect(t, "application.xml", []byte(content), true)
			require.NoError(t, err)
			require.True(t, out.Valid, out.Problems)
			require.Equal(t, "application", out.XMLRoot)
		})
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	var bomb bytes.Buffer
	archive := zip.NewWriter(&bomb)
	entry, err := archive.Create("zeros")
	require.NoError(t, err)
	_, err = entry.Write(make([]byte, 10<<20))
	require.NoError(t, err)
	require.NoError(t, archive.Close())

	for name, c := range map[string]struct {
		file    string
		content []byte
		accept  []string
		want    string
	}{
		"cut PDF":             {"a.pdf", pdf(2)[:120], nil, "pdf.unreadable"},
		"PDF without objects": {"a.pdf", []byte("%PDF-1.7\n%%EOF"), nil, "pdf.unreadable"},
		"cyclic page tree":    {"a.pdf", loopingPDF(), nil, "pdf."},
		"open element":        {"a.xml", []byte("<?xml version=\"1.0\"?><a><b></a>"), nil, "xml.malformed"},
		"two roots":           {"a.xml", []byte("<a/><b/>"), nil, "xml.malformed"},
		"entities":            {"a.xml", []byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>`), nil, "xml.entities"},
		"entity in a DTD":     {"a.xml", []byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`), nil, "xml.entities"},
		"external DTD":        {"a.xml", []byte(`<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>`), nil, "xml.doctype"},
		"attribute twice":     {"a.xml", []byte(`<?xml version="1.0"?><a b="1" b="2"/>`), nil, "xml.malformed"},
		"deep nesting":        {"a.xml", []byte("<?xml version=\"1.0\"?>" + strings.Repeat("<a>", 5000) + strings.Repeat("</a>", 5000)), nil, "xml.too_deep"},
		"PNG named pdf":       {"a.pdf", []byte("\x89PNG\r\n\x1a\n0000IHDR"), nil, "type.mismatch"},
		"zip named xml":       {"a.xml", bomb.Bytes(), nil, "type.mismatch"},
		"empty":               {"a.txt", nil, nil, "file.empty"},
		"not accepted":        {"a.txt", []byte("hello"), []string{"application/pdf"}, "type.not_accepted"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := inspect(t, c.file, c.content, false, c.accept...)
			require.NoError(t, err, "a verdict, never a failure")
			require.False(t, out.Valid)
			require.Contains(t, strings.Join(codes(out), " "), c.want)

			_, err = inspect(t, c.file, c.content, true, c.accept...)
			var refused *sdk.Error
			require.True(t, errors.As(err, &refused), "strict ends with an error")
			require.Equal(t, documentinspect.CodeInvalid, refused.Code)
		})
	}
}
