package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

type face struct {
	name string // in content streams
	base string // PostScript name, with the tag that a subset has
	ttf  []byte
}

var (
	regularFont = face{"R", "AAAAAA+GoRegular", goregular.TTF}
	boldFont    = face{"B", "AAAAAB+Go-Bold", gobold.TTF}
)

// parsed is what is read of a face once.
type parsed struct {
	outlines *sfnt.Font
	tables   map[string][]byte
	advances []uint16 // by glyph, of unitsPerEm
	units    float64
	longLoca bool
	box      [4]int16
	ascent   int16
	descent  int16
}

var faces = map[string]func() (*parsed, error){
	regularFont.name: sync.OnceValues(func() (*parsed, error) { return parse(regularFont.ttf) }),
	boldFont.name:    sync.OnceValues(func() (*parsed, error) { return parse(boldFont.ttf) }),
}

var errFont = errors.New("the font can't be read")

// parse reads the tables of a TrueType font (ISO/IEC 14496-22).
func parse(ttf []byte) (*parsed, error) {
	outlines, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("read a font: %w", err)
	}
	p := &parsed{outlines: outlines, tables: map[string][]byte{}, units: float64(outlines.UnitsPerEm())}
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		entry := ttf[12+16*i:]
		offset, length := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		p.tables[string(entry[:4])] = ttf[offset : offset+length]
	}
	head, hhea, hmtx := p.tables["head"], p.tables["hhea"], p.tables["hmtx"]
	if len(head) < 54 || len(hhea) < 36 || len(p.tables["loca"]) == 0 || len(p.tables["glyf"]) == 0 {
		return nil, errFont
	}
	p.longLoca = binary.BigEndian.Uint16(head[50:]) == 1
	for i := range p.box {
		p.box[i] = int16(binary.BigEndian.Uint16(head[36+2*i:])) //nolint:gosec // two's complement, as the format has it
	}
	p.ascent, p.descent = int16(binary.BigEndian.Uint16(hhea[4:])), int16(binary.BigEndian.Uint16(hhea[6:])) //nolint:gosec // the same
	long := int(binary.BigEndian.Uint16(hhea[34:]))
	for glyph := range outlines.NumGlyphs() {
		p.advances = append(p.advances, binary.BigEndian.Uint16(hmtx[4*min(glyph, long-1):]))
	}
	return p, nil
}

// font is a face in one document: it remembers which glyphs were used.
type font struct {
	*parsed
	name, base string
	buffer     sfnt.Buffer
	glyphs     map[rune]uint16
	used       map[uint16]rune
}

func loadFont(f face) (*font, error) {
	p, err := faces[f.name]()
	if err != nil {
		return nil, err
	}
	return &font{parsed: p, name: f.name, base: f.base, glyphs: map[rune]uint16{}, used: map[uint16]rune{}}, nil
}

// glyph is that of a character; what the font lacks is a question mark.
func (f *font) glyph(r rune) uint16 {
	if known, found := f.glyphs[r]; found {
		return known
	}
	index, err := f.outlines.GlyphIndex(&f.buffer, r)
	if (err != nil || index == 0) && r != '?' {
		return f.glyph('?')
	}
	f.glyphs[r] = uint16(index)
	return uint16(index)
}

func (f *font) width(text string, size float64) float64 {
	sum := 0.0
	for _, r := range text {
		sum += float64(f.advances[f.glyph(r)])
	}
	return sum * size / f.units
}

// encode writes text as glyph numbers in hexadecimal digits.
func (f *font) encode(text string) string {
	var out strings.Builder
	for _, r := range text {
		glyph := f.glyph(r)
		if _, known := f.used[glyph]; !known {
			if glyph == f.glyph('?') {
				r = '?'
			}
			f.used[glyph] = r
		}
		fmt.Fprintf(&out, "%04X", glyph)
	}
	return out.String()
}

// outline is the description of a glyph; empty for one without ink.
func (p *parsed) outline(glyph uint16) []byte {
	loca, glyf := p.tables["loca"], p.tables["glyf"]
	if p.longLoca {
		return glyf[binary.BigEndian.Uint32(loca[4*int(glyph):]):binary.BigEndian.Uint32(loca[4*int(glyph)+4:])]
	}
	return glyf[2*int(binary.BigEndian.Uint16(loca[2*int(glyph):])) : 2*int(binary.BigEndian.Uint16(loca[2*int(glyph)+2:]))]
}

// Flags of the parts of a composite glyph.
const (
	wordArguments = 0x0001
	oneScale      = 0x0008
	moreParts     = 0x0020
	twoScales     = 0x0040
	twoByTwo      = 0x0080
)

// parts are the glyphs that a composite glyph is made of.
func parts(outline []byte) (glyphs []uint16) {
	if len(outline) < 10 || outline[0] < 0x80 { // a count of contours that is not negative
		return nil
	}
	for at := 10; at+4 <= len(outline); {
		flags := binary.BigEndian.Uint16(outline[at:])
		glyphs = append(glyphs, binary.BigEndian.Uint16(outline[at+2:]))
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&oneScale != 0:
			at += 2
		case flags&twoScales != 0:
			at += 4
		case flags&twoByTwo != 0:
			at += 8
		}
		if flags&moreParts == 0 {
			break
		}
	}
	return glyphs
}

// subset is the font with the outlines of used glyphs alone; glyph numbers stay.
func (f *font) subset() []byte {
	keep := map[uint16]bool{0: true}
	var add func(glyph uint16)
	add = func(glyph uint16) {
		if keep[glyph] || int(glyph) >= len(f.advances) {
			return
		}
		keep[glyph] = true
		for _, part := range parts(f.outline(glyph)) {
			add(part)
		}
	}
	for glyph := range f.used {
		add(glyph)
	}
	loca, glyf := make([]byte, 0, 4*len(f.advances)+4), []byte{}
	for glyph := range len(f.advances) {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // shorter than the font
		if keep[uint16(glyph)] {
			glyf = append(glyf, f.outline(uint16(glyph))...)
			glyf = append(glyf, make([]byte, -len(glyf)&3)...)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // the same
	head := slices.Clone(f.tables["head"])
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	tables := map[string][]byte{"head": head, "loca": loca, "glyf": glyf}
	for _, name := range []string{"hhea", "hmtx", "maxp", "cvt ", "fpgm", "prep"} {
		if table := f.tables[name]; len(table) > 0 {
			tables[name] = table
		}
	}
	return assemble(tables)
}

// assemble writes tables as a font file.
func assemble(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	power := 1
	for power*2 <= len(names) {
		power *= 2
	}
	shift := 0
	for 1<<shift < power {
		shift++
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, value := range []int{len(names), power * 16, shift, (len(names) - power) * 16} {
		out = binary.BigEndian.AppendUint16(out, uint16(value)) //nolint:gosec // a dozen tables
	}
	offset := 12 + 16*len(names)
	for _, name := range names {
		out = append(out, name...)
		for _, value := range []uint32{checksum(tables[name]), uint32(offset), uint32(len(tables[name]))} { //nolint:gosec // shorter than the font
			out = binary.BigEndian.AppendUint32(out, value)
		}
		offset += (len(tables[name]) + 3) &^ 3
	}
	for _, name := range names {
		out = append(out, tables[name]...)
		out = append(out, make([]byte, -len(tables[name])&3)...)
	}
	return out
}

func checksum(table []byte) (sum uint32) {
	for at := 0; at < len(table); at += 4 {
		var word [4]byte
		copy(word[:], table[at:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
