package signature

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// documents hold what canonical forms differ in: namespaces that come, go and are not used, order, escapes, line ends.
var documents = map[string]string{
	"plain":                     `<a><b c="1"/></a>`,
	"order of attributes":       `<a xmlns:z="urn:a" xmlns:y="urn:b" z:k="1" y:a="2" b="3" a="4" xml:lang="en"/>`,
	"unused prefixes":           `<a xmlns:u="urn:u" xmlns="urn:d"><b xmlns:v="urn:v"><v:c u:k="1"/></b></a>`,
	"default taken back":        `<a xmlns="urn:d"><b xmlns=""><c xmlns="urn:d"/><d/></b></a>`,
	"declared again":            `<x:a xmlns:x="urn:x"><x:b xmlns:x="urn:x"><x:c xmlns:x="urn:other"/></x:b></x:a>`,
	"same name, two prefixes":   `<a xmlns:x="urn:same" xmlns:y="urn:same"><x:b y:c="1"/><y:b x:c="1"/></a>`,
	"escapes":                   "<a b='&lt;&quot;&apos;&amp;&#9;&#10;&#13;&gt;'>&lt;&gt;&amp;\"'&#13;&#xA;</a>",
	"white space in attributes": "<a b=\"1\t2\n3\r\n4\r5\" c='\n>'>\n<!-- d=\"\n\" --><![CDATA[<e f=\"\n\">]]></a>",
	"line ends":                 "<a>1\r\n2\r3\n4</a>",
	"around the root":           "<?xml version=\"1.0\"?>\n<?one two  three?>\n<!-- before -->\n<a><?in?><!--x--></a>\n<!-- after -->\n<?end?>\n",
	"CDATA":                     `<a><![CDATA[<&>]]]]><![CDATA[>]]></a>`,
	"Russian":                   `<заявление кому="Росреестр">Прошу</заявление>`,
	"windows-1251":              "<?xml version=\"1.0\" encoding=\"windows-1251\"?><a b=\"\xc8\">\xe2\xe0\xed\xee\xe2</a>",
	"UTF-8 with mark":           "\uFEFF<a/>",
	"prefix of attribute only":  `<a xmlns:p="urn:p"><b p:c="1"><d p:c="2"/></b></a>`,
}

// TestCanonicalFormsAgreeWithLibxml2 asks `xmllint --c14n`, `--c14n11` and `--exc-c14n`, which write the forms with comments.
func TestCanonicalFormsAgreeWithLibxml2(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Fatal("xmllint is missing: run make setup")
	}
	for flag, form := range map[string]canonical{"--c14n": {comments: true}, "--c14n11": {comments: true, eleven: true}, "--exc-c14n": {comments: true, exclusive: true}} {
		for name, text := range documents {
			t.Run(flag+" "+name, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "a.xml")
				require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
				want, err := exec.CommandContext(t.Context(), "xmllint", "--nonet", flag, path).Output()
				require.NoError(t, err)
				document, err := xmldoc.Read([]byte(text))
				require.NoError(t, err)
				got, err := form.document(document, nil)
				require.NoError(t, err)
				require.Equal(t, string(want), string(got))
			})
		}
	}
}

// TestAPartIsWrittenWithWhatIsInScope holds the rules for a part of a document, by the examples of the recommendations.
func TestAPartIsWrittenWithWhatIsInScope(t *testing.T) {
	document, err := xmldoc.Read([]byte(`<n0:outer xmlns:n0="urn:0" xmlns:n3="urn:3" xml:lang="ru" xml:id="o"><n1:inner xmlns:n1="urn:1" xml:space="preserve"><n3:stuff/></n1:inner></n0:outer>`))
	require.NoError(t, err)
	inner := document.Root().ChildElements()[0]
	for want, form := range map[string]canonical{
		`<n1:inner xmlns:n0="urn:0" xmlns:n1="urn:1" xmlns:n3="urn:3" xml:id="o" xml:lang="ru" xml:space="preserve"><n3:stuff></n3:stuff></n1:inner>`: {},
		`<n1:inner xmlns:n0="urn:0" xmlns:n1="urn:1" xmlns:n3="urn:3" xml:lang="ru" xml:space="preserve"><n3:stuff></n3:stuff></n1:inner>`:            {eleven: true},
		`<n1:inner xmlns:n1="urn:1" xml:space="preserve"><n3:stuff xmlns:n3="urn:3"></n3:stuff></n1:inner>`:                                           {exclusive: true},
		`<n1:inner xmlns:n0="urn:0" xmlns:n1="urn:1" xml:space="preserve"><n3:stuff xmlns:n3="urn:3"></n3:stuff></n1:inner>`:                          {exclusive: true, prefixes: []string{"n0", "none"}},
	} {
		got, err := form.element(inner, nil)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	based, err := xmldoc.Read([]byte(`<a xml:base="http://example.org/"><b/></a>`))
	require.NoError(t, err)
	_, err = canonical{eleven: true}.element(based.Root().ChildElements()[0], nil)
	require.ErrorContains(t, err, "xml:base")
}

func TestWhatHasNoCanonicalForm(t *testing.T) {
	for name, text := range map[string]string{
		"undeclared prefix": `<p:a/>`, "undeclared prefix of an attribute": `<a p:b="1"/>`, "attribute twice": `<a b="1" b="2"/>`,
		"attribute twice by two prefixes": `<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>`, "prefix of no name": `<a xmlns:x="" x:b="1"/>`,
	} {
		document, err := xmldoc.Read([]byte(text))
		if err != nil {
			continue
		}
		_, err = canonical{exclusive: true}.document(document, nil)
		require.Error(t, err, name)
	}
}
