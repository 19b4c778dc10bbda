// Package xmldoc reads XML of strangers into a tree, within bounds, and turns trees into plain values and back.
//
// It imports etree and character sets, and no other package of the product.
package xmldoc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
	"golang.org/x/net/html/charset"
)

// The limits of a document.
const (
	Deepest      = 200 // elements inside one another
	MostElements = 500_000
)

var (
	errDoctype = errors.New("a document type declaration is not accepted: it could declare entities and name other files")
	errTooBig  = errors.New("the document has too many elements, or too deep ones")
)

// Read reads a document the way a conforming parser does, as far as signatures see it: encodings are decoded, white space in attributes
// is normalized, an attribute that stands twice is kept twice. Its caller bounds the size. Document types are refused.
func Read(raw []byte) (*etree.Document, error) {
	text, err := toUTF8(raw)
	if err != nil {
		return nil, err
	}
	text = spaceAttributes(text)
	if err := checkShape(text); err != nil {
		return nil, err
	}
	document := etree.NewDocument()
	document.ReadSettings = etree.ReadSettings{PreserveDuplicateAttrs: true}
	if err := document.ReadFromBytes(text); err != nil {
		return nil, err
	}
	if document.Root() == nil {
		return nil, errors.New("there is no element")
	}
	return document, nil
}

// checkShape refuses what would be costly or ambiguous, before a tree is made of it.
func checkShape(text []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	depth, elements, roots := 0, 0, 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			if roots != 1 || depth != 0 {
				return errors.New("the document does not have one root element")
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
			if elements++; depth > Deepest || elements > MostElements {
				return errTooBig
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			return errDoctype
		}
	}
}

var xmlEncoding = regexp.MustCompile(`^<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// toUTF8 decodes a document by its byte order mark or its declaration (XML 1.0, appendix F).
func toUTF8(raw []byte) ([]byte, error) {
	label := "utf-8"
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		label, raw = "utf-16le", raw[2:]
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		label, raw = "utf-16be", raw[2:]
	default:
		if found := xmlEncoding.FindSubmatch(raw[:min(len(raw), 200)]); found != nil {
			label = string(found[1])
		}
	}
	text := raw
	if !strings.EqualFold(label, "utf-8") {
		reader, err := charset.NewReaderLabel(label, bytes.NewReader(raw))
		if err != nil {
			return nil, errors.New("the character encoding is not known")
		}
		if text, err = io.ReadAll(reader); err != nil {
			return nil, err
		}
	}
	if !utf8.Valid(text) {
		return nil, errors.New("the characters do not fit the encoding")
	}
	return text, nil
}

// spaceAttributes makes spaces of the line ends and tabs that stand in attribute values as they are (XML 1.0, 3.3.3), which
// encoding/xml does not do.
func spaceAttributes(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		end := len(text)
		skip := func(open, shut string) bool {
			if !bytes.HasPrefix(text, []byte(open)) {
				return false
			}
			if at := bytes.Index(text, []byte(shut)); at >= 0 {
				end = at + len(shut)
			}
			return true
		}
		switch {
		case text[0] != '<':
			if at := bytes.IndexByte(text, '<'); at >= 0 {
				end = at
			}
			out = append(out, text[:end]...)
		case skip("<!--", "-->"), skip("<![CDATA[", "]]>"), skip("<?", "?>"):
			out = append(out, text[:end]...)
		default:
			end = tagEnd(text)
			out = appendSpaced(out, text[:end])
		}
		text = text[end:]
	}
	return out
}

// tagEnd returns where the tag that text begins with ends; a > in a quoted value does not end it.
func tagEnd(text []byte) int {
	quote := byte(0)
	for i, b := range text {
		switch {
		case quote != 0 && b == quote:
			quote = 0
		case quote != 0:
		case b == '"' || b == '\'':
			quote = b
		case b == '>':
			return i + 1
		}
	}
	return len(text)
}

func appendSpaced(out, tag []byte) []byte {
	quote := byte(0)
	for i := 0; i < len(tag); i++ {
		b := tag[i]
		switch {
		case quote != 0 && b == quote:
			quote = 0
		case quote == 0 && (b == '"' || b == '\''):
			quote = b
		case quote != 0 && b == '\r' && i+1 < len(tag) && tag[i+1] == '\n':
			continue // the line feed becomes the one space
		case quote != 0 && (b == '\t' || b == '\n' || b == '\r'):
			b = ' '
		}
		out = append(out, b)
	}
	return out
}
