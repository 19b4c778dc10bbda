package documentinspect

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"golang.org/x/net/html/charset"
)

const maxXMLDepth = 1000

// readXML reads an XML to its end. Entities of its own are refused: they can grow without end, or read other files.
func readXML(file io.Reader, found *verdict) {
	decoder := xml.NewDecoder(file)
	decoder.CharsetReader = charset.NewReaderLabel
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
