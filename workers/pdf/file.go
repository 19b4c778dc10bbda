package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// writer numbers objects and remembers where each begins.
type writer struct {
	out     bytes.Buffer
	offsets []int // by object number less one; 0: not written yet
}

// reserve returns the number of an object that is written later.
func (w *writer) reserve() int {
	w.offsets = append(w.offsets, 0)
	return len(w.offsets)
}

func (w *writer) object(number int, format string, args ...any) {
	w.offsets[number-1] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n", number)
	fmt.Fprintf(&w.out, format, args...)
	w.out.WriteString("\nendobj\n")
}

func (w *writer) stream(number int, dictionary string, content []byte) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(content) // into memory
	_ = z.Close()
	w.object(number, "<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", dictionary, packed.Len(), packed.Bytes())
}

// text writes a text string in UTF-16 (ISO 32000-1, 7.9.2.2).
func text(value string) string {
	var out strings.Builder
	out.WriteString("<FEFF")
	for _, unit := range utf16.Encode([]rune(value)) {
		fmt.Fprintf(&out, "%04X", unit)
	}
	return out.String() + ">"
}

func (d *Document) file(to io.Writer, s *setter) error {
	w := &writer{}
	w.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	catalog, pages, info := w.reserve(), w.reserve(), w.reserve()
	fonts := ""
	for _, f := range []*font{s.regular, s.bold} {
		if len(f.used) > 0 {
			fonts += fmt.Sprintf("/%s %d 0 R ", f.name, w.font(f))
		}
	}
	var kids strings.Builder
	for _, page := range s.pages {
		number, content := w.reserve(), w.reserve()
		fmt.Fprintf(&kids, "%d 0 R ", number)
		w.stream(content, "", []byte(page.String()))
		w.object(number, "<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %g %g] /Resources << /Font << %s>> >> /Contents %d 0 R >>", pages, pageWidth, pageHeight, fonts, content)
	}
	w.object(pages, "<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), len(s.pages))
	language := ""
	if d.Language != "" {
		language = " /Lang " + text(d.Language)
	}
	w.object(catalog, "<< /Type /Catalog /Pages %d 0 R%s >>", pages, language)
	made := ""
	if !d.Made.IsZero() {
		made = " /CreationDate (D:" + d.Made.UTC().Format("20060102150405") + "Z)"
	}
	w.object(info, "<< /Title %s /Producer (Taskurotta)%s >>", text(d.Title), made)
	start := w.out.Len()
	sum := sha256.Sum256(w.out.Bytes())
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, offset := range w.offsets {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&w.out, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%X> <%X>] >>\nstartxref\n%d\n%%%%EOF\n", len(w.offsets)+1, catalog, info, sum[:16], sum[:16], start)
	_, err := to.Write(w.out.Bytes())
	return err
}

// font writes a composite font whose codes are glyph numbers (ISO 32000-1, 9.7).
func (w *writer) font(f *font) int {
	number, descendant, descriptor, program, unicode := w.reserve(), w.reserve(), w.reserve(), w.reserve(), w.reserve()
	scale := func(value int16) int { return int(float64(value) * 1000 / f.units) }
	content := f.subset()
	w.stream(program, fmt.Sprintf("/Length1 %d", len(content)), content)
	w.object(descriptor, "<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile2 %d 0 R >>",
		f.base, scale(f.box[0]), scale(f.box[1]), scale(f.box[2]), scale(f.box[3]), scale(f.ascent), scale(f.descent), scale(f.ascent), program)
	var widths, mapped strings.Builder
	glyphs := slices.Sorted(maps.Keys(f.used))
	for _, glyph := range glyphs {
		fmt.Fprintf(&widths, "%d [%d] ", glyph, int(float64(f.advances[glyph])*1000/f.units+0.5))
	}
	w.object(descendant, "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /DW 600 /W [%s] /CIDToGIDMap /Identity >>",
		f.base, descriptor, widths.String())
	mapped.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for chunk := range slices.Chunk(glyphs, 100) { // as many as a block may have
		fmt.Fprintf(&mapped, "%d beginbfchar\n", len(chunk))
		for _, glyph := range chunk {
			fmt.Fprintf(&mapped, "<%04X> <", glyph)
			for _, unit := range utf16.Encode([]rune{f.used[glyph]}) {
				fmt.Fprintf(&mapped, "%04X", unit)
			}
			mapped.WriteString(">\n")
		}
		mapped.WriteString("endbfchar\n")
	}
	mapped.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	w.stream(unicode, "", []byte(mapped.String()))
	w.object(number, "<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", f.base, descendant, unicode)
	return number
}
