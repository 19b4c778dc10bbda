package xmldoc_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

func TestWhatXMLIsNotRead(t *testing.T) {
	for name, text := range map[string]string{
		"document type":    `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`,
		"unknown entity":   `<a>&x;</a>`,
		"too deep":         strings.Repeat("<a>", 300) + strings.Repeat("</a>", 300),
		"too many":         "<a>" + strings.Repeat("<b/>", xmldoc.MostElements) + "</a>",
		"two roots":        `<a/><b/>`,
		"no root":          `<?xml version="1.0"?>`,
		"open":             `<a><b></a>`,
		"empty":            ``,
		"unknown encoding": `<?xml version="1.0" encoding="ebcdic-x"?><a/>`,
		"not UTF-8":        "<a>\xff\xfe</a>",
	} {
		_, err := xmldoc.Read([]byte(text))
		require.Error(t, err, name)
	}
}
