// Package pdf writes plain PDF documents: headings, paragraphs and rows of a label with a value, on as many A4 pages as they need.
// Latin, Greek and Cyrillic text is set in the Go fonts, whose used glyphs are embedded; another character becomes a question mark.
// The same document makes the same bytes.
package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// The bounds of a document.
const (
	MaxText  = 100_000 // bytes of all texts
	maxPages = 500
)

// The page, in points.
const (
	pageWidth  = 595.28
	margin     = 64.0
	labelWidth = 170.0
	textWidth  = pageWidth - 2*margin
)

const face = "Go"

// Document is built from top to bottom, then written.
type Document struct {
	Title    string
	Language string    // BCP 47, e.g. ru; empty: not said
	Made     time.Time // zero: 1 January 1970
	Footer   string    // at the bottom of each page

	blocks []block
	size   int
}

// block is a part of a document, which knows how it is set.
type block struct {
	set         func(s *setter, b block)
	label, text string
}

func (d *Document) add(b block) {
	d.size += len(b.label) + len(b.text)
	d.blocks = append(d.blocks, b)
}

// Heading adds a large line.
func (d *Document) Heading(text string) { d.add(block{(*setter).heading, "", text}) }

// Subheading adds a line that begins a part.
func (d *Document) Subheading(text string) { d.add(block{(*setter).subheading, "", text}) }

// Paragraph adds text; its line breaks are kept.
func (d *Document) Paragraph(text string) { d.add(block{(*setter).paragraph, "", text}) }

// Row adds a label with its value beside it.
func (d *Document) Row(label, value string) { d.add(block{(*setter).row, label, value}) }

// Space adds an empty line.
func (d *Document) Space() { d.add(block{(*setter).space, "", ""}) }

// ErrTooLong says that a document has more text than MaxText, or would have too many pages.
var ErrTooLong = errors.New("the document is too long")

// Write writes the document.
func (d *Document) Write(w io.Writer) error {
	if d.size+len(d.Footer) > MaxText {
		return fmt.Errorf("%w: %d bytes of text are more than %d", ErrTooLong, d.size, MaxText)
	}
	s, err := newSetter(d)
	if err != nil {
		return err
	}
	for _, b := range d.blocks {
		b.set(s, b)
		if s.file.PageNo() > maxPages {
			return fmt.Errorf("%w: it has more than %d pages", ErrTooLong, maxPages)
		}
	}
	if err := s.file.Output(w); err != nil {
		return fmt.Errorf("write a PDF: %w", err)
	}
	return nil
}

// setter sets blocks on pages.
type setter struct {
	file *fpdf.Fpdf
}

func newSetter(d *Document) (*setter, error) {
	file := fpdf.New("P", "pt", "A4", "")
	file.SetCatalogSort(true) // for the same bytes every time
	made := d.Made.UTC()
	if made.IsZero() {
		made = time.Unix(0, 0).UTC() // the library would take the time of day
	}
	file.SetCreationDate(made)
	file.SetModificationDate(made)
	file.SetProducer("Taskurotta", false)
	file.SetTitle(d.Title, true)
	if d.Language != "" {
		file.SetLang(d.Language)
	}
	file.SetMargins(margin, margin, margin)
	file.SetAutoPageBreak(true, margin)
	// The library keeps and changes what it is given.
	file.AddUTF8FontFromBytes(face, "", bytes.Clone(goregular.TTF))
	file.AddUTF8FontFromBytes(face, "B", bytes.Clone(gobold.TTF))
	file.AliasNbPages("{pages}")
	footer, err := settable(d.Footer)
	if err != nil {
		return nil, err
	}
	s := &setter{file: file}
	file.SetFooterFunc(func() {
		file.SetY(-margin + 14)
		s.pen("", 8, 100)
		first, _, _ := strings.Cut(footer, "\n")
		for first != "" && file.GetStringWidth(first) > textWidth-60 {
			first = string([]rune(first)[:len([]rune(first))-1])
		}
		file.CellFormat(textWidth-60, 11, first, "", 0, "L", false, 0, "")
		file.CellFormat(60, 11, fmt.Sprintf("%d / {pages}", file.PageNo()), "", 0, "R", false, 0, "")
	})
	for i := range d.blocks {
		for _, text := range []*string{&d.blocks[i].label, &d.blocks[i].text} {
			if *text, err = settable(*text); err != nil {
				return nil, err
			}
		}
	}
	file.AddPage()
	if err := file.Error(); err != nil {
		return nil, fmt.Errorf("begin a PDF: %w", err)
	}
	return s, nil
}

func (s *setter) pen(style string, size float64, gray int) {
	s.file.SetFont(face, style, size)
	s.file.SetTextColor(gray, gray, gray)
}

func (s *setter) heading(b block) {
	s.pen("B", 18, 0)
	s.file.MultiCell(textWidth, 25, b.text, "", "L", false)
	s.file.Ln(10)
}

func (s *setter) subheading(b block) {
	s.file.Ln(8)
	s.pen("B", 12, 0)
	s.file.MultiCell(textWidth, 17, b.text, "", "L", false)
	s.file.Ln(4)
}

func (s *setter) paragraph(b block) {
	s.pen("", 11, 0)
	s.file.MultiCell(textWidth, 15.4, b.text, "", "L", false)
	s.file.Ln(6)
}

func (s *setter) row(b block) {
	const height = 16
	s.pen("", 10, 90)
	labels := s.lines(b.label, labelWidth-12)
	s.pen("", 11, 0)
	values := s.lines(b.text, textWidth-labelWidth)
	for i := range max(len(labels), len(values)) {
		label, value := "", ""
		if i < len(labels) {
			label = labels[i]
		}
		if i < len(values) {
			value = values[i]
		}
		s.pen("", 10, 90)
		s.file.CellFormat(labelWidth, height, label, "", 0, "L", false, 0, "")
		s.pen("", 11, 0)
		s.file.CellFormat(textWidth-labelWidth, height, value, "", 1, "L", false, 0, "")
	}
	s.file.Ln(2)
}

func (s *setter) space(block) { s.file.Ln(12) }

func (s *setter) lines(text string, width float64) []string {
	var out []string
	for part := range strings.SplitSeq(text, "\n") {
		if part == "" {
			out = append(out, "")
			continue
		}
		out = append(out, s.file.SplitText(part, width)...)
	}
	return out
}

// glyphs are the characters that both faces have.
var glyphs = sync.OnceValues(func() ([2]*sfnt.Font, error) {
	var out [2]*sfnt.Font
	for i, raw := range [][]byte{goregular.TTF, gobold.TTF} {
		font, err := sfnt.Parse(raw)
		if err != nil {
			return out, fmt.Errorf("read a font: %w", err)
		}
		out[i] = font
	}
	return out, nil
})

// settable puts a question mark in the place of what the fonts lack.
func settable(text string) (string, error) {
	fonts, err := glyphs()
	if err != nil {
		return "", err
	}
	var buffer sfnt.Buffer
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == ' ':
			return ' '
		case r < ' ':
			return -1
		}
		for _, font := range fonts {
			if glyph, err := font.GlyphIndex(&buffer, r); err != nil || glyph == 0 {
				return '?'
			}
		}
		return r
	}, text), nil
}
