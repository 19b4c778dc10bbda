package xmldoc_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

func TestElementsBecomeValues(t *testing.T) {
	for text, want := range map[string]string{
		`<a>  текст </a>`:                 `"текст"`,
		`<a/>`:                            `""`,
		`<a><b>1</b><c/></a>`:             `{"b":"1","c":""}`,
		`<a><b>1</b><b>2</b><b>3</b></a>`: `{"b":["1","2","3"]}`,
		`<n:a xmlns:n="u" xmlns="v" n:k="1"><n:b>x</n:b>y</n:a>`: `{"@k":"1","b":"x","#text":"y"}`,
		`<a><![CDATA[<b>]]>&amp;</a>`:                            `"<b>&"`,
	} {
		document, err := xmldoc.Read([]byte(text))
		require.NoError(t, err)
		got, err := json.Marshal(xmldoc.Value(document.Root()))
		require.NoError(t, err)
		require.JSONEq(t, want, string(got), text)
	}
}

func TestAPartStandsAlone(t *testing.T) {
	document, err := xmldoc.Read([]byte(`<e:env xmlns:e="urn:e" xmlns:p="urn:outer" xmlns="urn:d"><e:body xmlns:p="urn:p"><p:request q="1"><inner/></p:request></e:body></e:env>`))
	require.NoError(t, err)
	alone, err := xmldoc.Alone(document.Root().ChildElements()[0].ChildElements()[0])
	require.NoError(t, err)
	require.Equal(t, `<p:request q="1" xmlns="urn:d" xmlns:e="urn:e" xmlns:p="urn:p"><inner/></p:request>`, string(alone))
	again, err := xmldoc.Read(alone)
	require.NoError(t, err)
	require.Equal(t, "urn:p", again.Root().NamespaceURI())
	require.Equal(t, "urn:d", again.Root().ChildElements()[0].NamespaceURI())
}

func TestDocumentsAreWrittenFromValues(t *testing.T) {
	var nested any
	require.NoError(t, json.Unmarshal([]byte(`{"@kind":"own","share":0.5,"owner":["A","B"],"none":null,"live":true,"#text":"t"}`), &nested))
	text, err := xmldoc.Write("request", "urn:a&b", []xmldoc.Field{
		{Name: "z", Value: "1 < 2 & \"3\" ]]>\x00"}, {Name: "@id", Value: json.Number("12345678901234567890")}, {Name: "a", Value: nested}, {Name: "я", Value: []any{}},
	})
	require.NoError(t, err)
	require.Equal(t, `<request xmlns="urn:a&amp;b" id="12345678901234567890"><z>1 &lt; 2 &amp; &#34;3&#34; ]]&gt;`+"\uFFFD"+`</z><a kind="own">t<live>true</live><owner>A</owner><owner>B</owner><share>0.5</share></a></request>`, text)
	document, err := xmldoc.Read([]byte(text))
	require.NoError(t, err)
	require.Equal(t, "1 < 2 & \"3\" ]]>\uFFFD", xmldoc.Value(document.Root()).(map[string]any)["z"])
}

func TestNoValueWritesElementsOfItsOwn(t *testing.T) {
	for _, name := range []string{"", "a b", "a><evil", "1a", "a:b", "xmlns", "a/", "-a", "a\x00"} {
		_, err := xmldoc.Write(name, "", nil)
		require.Error(t, err, name)
		_, err = xmldoc.Write("r", "", []xmldoc.Field{{Name: name, Value: "x"}})
		require.Error(t, err, name)
		_, err = xmldoc.Write("r", "", []xmldoc.Field{{Name: "@" + name, Value: "x"}})
		require.Error(t, err, name)
		_, err = xmldoc.Write("r", "", []xmldoc.Field{{Name: "o", Value: map[string]any{name: "x"}}})
		require.Error(t, err, name)
	}
	_, err := xmldoc.Write("r", "", []xmldoc.Field{{Name: "@a", Value: []any{}}})
	require.Error(t, err)
	_, err = xmldoc.Write("r", "", []xmldoc.Field{{Name: "a", Value: struct{}{}}})
	require.Error(t, err)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0" encoding="windows-1251"?><a b='1'><c xmlns="d">e</c></a>`))
	f.Add([]byte("\xff\xfe<\x00a\x00/\x00>\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		document, err := xmldoc.Read(raw)
		if err != nil {
			return
		}
		_, err = json.Marshal(xmldoc.Value(document.Root()))
		require.NoError(t, err)
	})
}
