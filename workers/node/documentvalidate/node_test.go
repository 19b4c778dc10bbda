package documentvalidate_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/documentvalidate"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

const schema = `<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:test" targetNamespace="urn:test" elementFormDefault="qualified">
  <xs:include schemaLocation="types.xsd"/>
  <xs:element name="statement"><xs:complexType><xs:sequence>
    <xs:element name="applicant" type="xs:string"/>
    <xs:element name="share" type="percent" maxOccurs="200"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>`

const types = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:test">
  <xs:simpleType name="percent"><xs:restriction base="xs:int"><xs:minInclusive value="1"/><xs:maxInclusive value="100"/></xs:restriction></xs:simpleType>
</xs:schema>`

func document(shares ...int) string {
	var out strings.Builder
	out.WriteString("<statement xmlns=\"urn:test\">\n<applicant>Иванов</applicant>\n")
	for _, share := range shares {
		fmt.Fprintf(&out, "<share>%d</share>\n", share)
	}
	return out.String() + "</statement>"
}

func validate(t *testing.T, text string, change func(*sdktest.Host, *documentvalidate.Input)) (documentvalidate.Output, error) {
	t.Helper()
	host := &sdktest.Host{}
	in := documentvalidate.Input{
		File: host.AddFile("заявление.xml", "text/xml", []byte(text)), Schema: new(host.AddFile("statement.xsd", "text/xml", []byte(schema))),
		Parts: []sdk.File{host.AddFile("types.xsd", "text/xml", []byte(types))},
	}
	if change != nil {
		change(host, &in)
	}
	return sdktest.Call[documentvalidate.Output](t, documentvalidate.Node, host, in)
}

func TestDocumentsAreHeldToTheSchema(t *testing.T) {
	windows := "<?xml version=\"1.0\" encoding=\"windows-1251\"?>\n<statement xmlns=\"urn:test\"><applicant>\xc8\xe2\xe0\xed\xee\xe2</applicant><share>5</share></statement>"
	for name, c := range map[string]struct {
		text string
		code string
		line int
		said string
	}{
		"fits":               {document(50, 50), "", 0, ""},
		"fits, windows-1251": {windows, "", 0, ""},
		"out of range":       {document(50, 101), "xml.schema", 4, "maximum value allowed"},
		"an element missing": {document(), "xml.schema", 1, "Missing child element"},
		"too many":           {document(make([]int, 201)...), "xml.schema", 3, "minimum value"},
		"another namespace":  {strings.Replace(document(1), "urn:test", "urn:other", 1), "xml.schema", 1, "No matching global declaration"},
		"cut":                {document(1)[:60], "xml.malformed", 2, ""},
		"empty":              {"", "xml.malformed", 1, ""},
		"no XML":             {"%PDF-1.7", "xml.malformed", 1, ""},
		"declares entities":  {`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + "\n" + strings.Replace(document(1), "Иванов", "&x;", 1), "xml.doctype", 1, ""},
		"declares in UTF-16": {"\xFF\xFE" + wide("<?xml version=\"1.0\" encoding=\"utf-16\"?><!DOCTYPE a><a/>"), "xml.doctype", 1, ""},
		"unknown encoding":   {`<?xml version="1.0" encoding="no-such"?><a/>`, "xml.malformed", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := validate(t, c.text, nil)
			require.NoError(t, err)
			require.Equal(t, c.code == "", out.Valid, "%v", out.Problems)
			if c.code == "" {
				require.Empty(t, out.Problems)
				return
			}
			require.Equal(t, c.code, out.Problems[0].Code, out.Problems[0].Message)
			require.Equal(t, c.line, out.Problems[0].Line, out.Problems[0].Message)
			require.Contains(t, out.Problems[0].Message, c.said)
			require.LessOrEqual(t, len(out.Problems), 100)

			_, err = validate(t, c.text, func(_ *sdktest.Host, in *documentvalidate.Input) { in.Strict = true })
			_ = requireError(t, err, wire.ErrorBusiness, documentvalidate.CodeInvalid)
		})
	}
}

func wide(text string) string {
	var out strings.Builder
	for _, r := range text {
		out.WriteByte(byte(r))
		out.WriteByte(byte(r >> 8))
	}
	return out.String()
}

func requireError(t *testing.T, err error, class wire.ErrorClass, code string) *sdk.Error {
	t.Helper()
	var own *sdk.Error
	require.True(t, errors.As(err, &own), "%v", err)
	require.Equal(t, code, own.Code, own.Message)
	require.Equal(t, class, own.Class)
	return own
}

func TestAWrongSchemaIsNotTheDocumentsFault(t *testing.T) {
	for name, change := range map[string]func(*sdktest.Host, *documentvalidate.Input){
		"no schema": func(h *sdktest.Host, in *documentvalidate.Input) {
			in.Schema = new(h.AddFile("a.xsd", "", []byte("<a/>")))
		},
		"no schema given": func(_ *sdktest.Host, in *documentvalidate.Input) { in.Schema = nil },
		"two schemas":     func(_ *sdktest.Host, in *documentvalidate.Input) { in.Text = schema },
		"malformed": func(h *sdktest.Host, in *documentvalidate.Input) {
			in.Schema = new(h.AddFile("a.xsd", "", []byte("<a>")))
		},
		"a part missing": func(_ *sdktest.Host, in *documentvalidate.Input) { in.Parts = nil },
		"a part twice":   func(_ *sdktest.Host, in *documentvalidate.Input) { in.Parts = append(in.Parts, in.Parts[0]) },
		"a part elsewhere": func(h *sdktest.Host, in *documentvalidate.Input) {
			in.Parts = []sdk.File{h.AddFile("../types.xsd", "", []byte(types))}
		},
		"a part as option": func(h *sdktest.Host, in *documentvalidate.Input) {
			in.Parts = []sdk.File{h.AddFile("--help", "", []byte(types))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := validate(t, document(1), change)
			_ = requireError(t, err, wire.ErrorPermanent, documentvalidate.CodeSchema)
		})
	}
}

// TestNothingOfTheWorkerIsQuoted: a document or a schema may point at files of the machine.
func TestNothingOfTheWorkerIsQuoted(t *testing.T) {
	secret := t.TempDir() + "/secret.xsd"
	require.NoError(t, os.WriteFile(secret, []byte("password=hunter2\n"), 0o600))
	pointing := strings.Replace(document(1), "<statement", `<statement xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:test `+secret+` urn:else `+secret+`"`, 1)
	out, err := validate(t, pointing, nil)
	require.NotContains(t, fmt.Sprint(out, err), "hunter2")
	_, err = validate(t, document(1), func(h *sdktest.Host, in *documentvalidate.Input) {
		in.Schema = new(h.AddFile("a.xsd", "", []byte(strings.Replace(schema, "types.xsd", secret, 1))))
	})
	own := requireError(t, err, wire.ErrorPermanent, documentvalidate.CodeSchema)
	require.NotContains(t, own.Message, "hunter2")
}

// TestACostlyDocumentIsAVerdict: nesting costs a parser memory.
func TestACostlyDocumentIsAVerdict(t *testing.T) {
	began := time.Now()
	deep := strings.Repeat("<a>", 1_000_000)
	out, err := validate(t, deep, nil)
	require.NoError(t, err)
	require.False(t, out.Valid)
	require.Less(t, time.Since(began), time.Minute)

	out, err = validate(t, document(1), func(_ *sdktest.Host, in *documentvalidate.Input) { in.File.Size = documentvalidate.MaxSize + 1 })
	require.NoError(t, err)
	require.Equal(t, "file.too_large", out.Problems[0].Code)
}

func TestAWorkerWithoutTheToolSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := validate(t, document(1), nil)
	own := requireError(t, err, wire.ErrorPermanent, documentvalidate.CodeTool)
	require.Contains(t, own.Message, "libxml2-utils")
}

func TestAFileThatArrivesDamagedIsTriedAgain(t *testing.T) {
	_, err := validate(t, document(1), func(h *sdktest.Host, in *documentvalidate.Input) { h.Swap(in.File, *in.Schema) })
	_ = requireError(t, err, wire.ErrorRetryable, documentvalidate.CodeDamaged)
}

func TestASchemaCanStandInTheDefinition(t *testing.T) {
	asText := func(h *sdktest.Host, in *documentvalidate.Input) { in.Schema, in.Text = nil, schema }
	out, err := validate(t, document(5), asText)
	require.NoError(t, err)
	require.True(t, out.Valid, "%v", out.Problems)
	out, err = validate(t, document(101), asText)
	require.NoError(t, err)
	require.False(t, out.Valid)
}
