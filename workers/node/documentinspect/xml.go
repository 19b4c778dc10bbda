package documentinspect

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"golang.org/x/net/html/charset"
)

const maxXMLDepth = 1000

// decoderOf returns a strict decoder for the encoding that the declaration or a UTF-16 byte order mark names.
func decoderOf(file io.Reader) *xml.Decoder {
	buffered := bufio.NewReader(file)
	var label string
	switch mark, _ := buffered.Peek(2); string(mark) {
	case "\xFE\xFF":
		label = "utf-16be"
	case "\xFF\xFE":
		label = "utf-16le"
	default:
		decoder := xml.NewDecoder(buffered)
		decoder.CharsetReader = charset.NewReaderLabel
		return decoder
	}
	decoded, err := charset.NewReaderLabel(label, buffered)
	if err != nil {
		decoded = buffered
	}
	decoder := xml.NewDecoder(decoded)
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // is decoded already
	return decoder
}

// readXML reads an XML to its end. Entities of its own are refused: they can grow without end, or read other files.
func readXML(file io.Reader, found *verdict) {
	decoder := decoderOf(file)
	depth, roots := 0, 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, column := decoder.InputPos()
			found.problem("xml.malformed", fmt.Errorf("the XML is not well formed at line %d, column %d: %w", line, column, err))
			return
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
				if found.XMLRoot == "" {
					found.XMLRoot = t.Name.Local
				}
			}
			if twice, name := repeated(t.Attr); twice {
				found.problem("xml.malformed", fmt.Errorf("the element %s has the attribute %s twice", t.Name.Local, name))
				return
			}
			depth++
			if depth > maxXMLDepth {
				found.problem("xml.too_deep", fmt.Errorf("elements nest deeper than %d levels", maxXMLDepth))
				return
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			if bytes.Contains(bytes.ToUpper(t), []byte("<!ENTITY")) {
				found.problem("xml.entities", errors.New("the XML declares entities of its own, which are refused"))
				return
			}
			if bytes.HasPrefix(bytes.ToUpper(t), []byte("DOCTYPE")) {
				found.problem("xml.doctype", errors.New("the XML has a document type definition, which is refused: it can name other files"))
				return
			}
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(bytes.TrimPrefix(t, []byte("\uFEFF")))) > 0 {
				found.problem("xml.malformed", errors.New("there is text outside of the root element"))
				return
			}
		}
	}
	if roots != 1 {
		found.problem("xml.malformed", fmt.Errorf("the XML has %d root elements instead of one", roots))
	}
}

// repeated reports whether an element has an attribute twice, which the decoder does not see (XML 1.0, 3.1).
func repeated(attributes []xml.Attr) (bool, string) {
	if len(attributes) < 2 {
		return false, ""
	}
	seen := make(map[xml.Name]bool, len(attributes))
	for _, attribute := range attributes {
		if seen[attribute.Name] {
			return true, attribute.Name.Local
		}
		seen[attribute.Name] = true
	}
	return false, ""
}
