// Package pdf writes plain PDF documents (ISO 32000-1): headings, paragraphs and rows of a label with a value, on as many A4 pages as
// they need. Latin, Greek and Cyrillic text is set in the Go fonts, whose used glyphs are embedded. The same document makes the same
// bytes.
//
// It imports the standard library and the fonts.
package pdf

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// The bounds of a document.
const (
	MaxText  = 100_000 // bytes of all texts
	maxPages = 500
)

// The page, in points.
const (
	pageWidth, pageHeight = 595.0, 842.0
	margin                = 64.0
	labelWidth            = 170.0
)

// Document is built from top to bottom, then written.
type Document struct {
	Title    string
	Language string // BCP 47, e.g. ru; empty: not said
	Made     time.Time
	Footer   string // at the bottom of each page

	blocks []block
	size   int
}

type block struct {
	kind        kind
	label, text string
}

type kind int

const (
	heading kind = iota
	subheading
	paragraph
	row
	space
)

func (d *Document) add(b block) {
	d.size += len(b.label) + len(b.text)
	d.blocks = append(d.blocks, b)
}

// Heading adds a large line.
func (d *Document) Heading(text string) { d.add(block{heading, "", text}) }

// Subheading adds a line that begins a part.
func (d *Document) Subheading(text string) { d.add(block{subheading, "", text}) }

// Paragraph adds text; its line breaks are kept.
func (d *Document) Paragraph(text string) { d.add(block{paragraph, "", text}) }

// Row adds a label with its value beside it.
func (d *Document) Row(label, value string) { d.add(block{row, label, value}) }

// Space adds an empty line.
func (d *Document) Space() { d.add(block{kind: space}) }

// ErrTooLong says that a document has more text than MaxText, or would have too many pages.
var ErrTooLong = errors.New("the document is too long")

// Write writes the document.
func (d *Document) Write(w io.Writer) error {
	if d.size+len(d.Footer) > MaxText {
		return fmt.Errorf("%w: %d bytes of text are more than %d", ErrTooLong, d.size, MaxText)
	}
	regular, err := loadFont(regularFont)
	if err != nil {
		return err
	}
	bold, err := loadFont(boldFont)
	if err != nil {
		return err
	}
	s := &setter{regular: regular, bold: bold, footer: d.Footer}
	for _, b := range d.blocks {
		s.block(b)
	}
	s.finish()
	if len(s.pages) > maxPages {
		return fmt.Errorf("%w: %d pages are more than %d", ErrTooLong, len(s.pages), maxPages)
	}
	return d.file(w, s)
}

// setter breaks text into lines and lines into pages.
type setter struct {
	regular, bold *font
	footer        string
	pages         []*strings.Builder // content streams
	page          *strings.Builder
	y             float64
}

func (s *setter) block(b block) {
	switch b.kind {
	case heading:
		s.lines(s.bold, 18, margin, pageWidth-2*margin, b.text)
		s.y -= 10
	case subheading:
		s.y -= 8
		s.lines(s.bold, 12, margin, pageWidth-2*margin, b.text)
		s.y -= 4
	case paragraph:
		s.lines(s.regular, 11, margin, pageWidth-2*margin, b.text)
		s.y -= 6
	case row:
		labels := s.regular.wrap(b.label, 10, labelWidth-12)
		values := s.regular.wrap(b.text, 11, pageWidth-2*margin-labelWidth)
		for i := range max(len(labels), len(values)) {
			s.room(16)
			if i < len(labels) {
				s.text(s.regular, 10, margin, 0.35, labels[i])
			}
			if i < len(values) {
				s.text(s.regular, 11, margin+labelWidth, 0, values[i])
			}
		}
		s.y -= 2
	case space:
		s.y -= 12
	}
}

func (s *setter) lines(f *font, size, x, width float64, text string) {
	for _, line := range f.wrap(text, size, width) {
		s.room(size * 1.4)
		s.text(f, size, x, 0, line)
	}
}

// room goes down by a height, to a new page when this one is full.
func (s *setter) room(height float64) {
	if s.page == nil || s.y-height < margin {
		s.page = &strings.Builder{}
		s.pages = append(s.pages, s.page)
		s.y = pageHeight - margin
	}
	s.y -= height
}

func (s *setter) text(f *font, size, x, gray float64, line string) {
	fmt.Fprintf(s.page, "BT /%s %g Tf %g g 1 0 0 1 %.2f %.2f Tm <%s> Tj ET\n", f.name, size, gray, x, s.y, f.encode(line))
}

// finish makes the first page where nothing was said, and writes the footers.
func (s *setter) finish() {
	if s.page == nil {
		s.room(0)
	}
	for i, page := range s.pages {
		s.page, s.y = page, margin-24
		number := fmt.Sprintf("%d / %d", i+1, len(s.pages))
		s.text(s.regular, 8, pageWidth-margin-s.regular.width(number, 8), 0.4, number)
		if lines := s.regular.wrap(s.footer, 8, pageWidth-2*margin-60); len(lines) > 0 && lines[0] != "" {
			s.text(s.regular, 8, margin, 0.4, lines[0])
		}
	}
}

// wrap breaks text at spaces; a word that is longer than a line is broken anywhere.
func (f *font) wrap(text string, size, width float64) []string {
	var lines []string
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		line := ""
		for _, word := range strings.Fields(part) {
			if joined := strings.TrimPrefix(line+" "+word, " "); f.width(joined, size) <= width {
				line = joined
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for line = word; f.width(line, size) > width; {
				cut := f.fitting(line, size, width)
				lines = append(lines, line[:cut])
				line = line[cut:]
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// fitting is how many bytes of a text fit into a width: one character at least.
func (f *font) fitting(text string, size, width float64) int {
	used := 0.0
	for i, r := range text {
		used += f.width(string(r), size)
		if used > width && i > 0 {
			return i
		}
	}
	_, first := utf8.DecodeRuneInString(text)
	return max(first, len(text))
}
