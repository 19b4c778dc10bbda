package paper_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/node/documentvalidate"
	"github.com/taskurotta/taskurotta-go/workers/node/signatureverify"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
	"github.com/taskurotta/taskurotta-go/workers/signature"
)

func TestMain(m *testing.M) {
	documentinspect.RunChild()
	os.Exit(m.Run())
}

// digests are those of all files below a folder.
func digests(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		sum := sha256.Sum256(raw)
		all[strings.TrimPrefix(path, folder)] = hex.EncodeToString(sum[:])
		return err
	}))
	return all
}

func TestASeedMakesTheSameBytes(t *testing.T) {
	t.Parallel()
	first, second, other := t.TempDir(), t.TempDir(), t.TempDir()
	require.NoError(t, paper.New(7).WriteAll(first, 16))
	require.NoError(t, paper.New(7).WriteAll(second, 16))
	require.NoError(t, paper.New(8).WriteAll(other, 16))
	got := digests(t, first)
	require.Equal(t, got, digests(t, second))
	require.Greater(t, len(got), 16*4)
	same := 0
	for name, sum := range digests(t, other) {
		if got[name] == sum {
			same++
		}
	}
	require.Equal(t, 1, same, "only the schema is of no seed")

	var manifest []struct{ Number, Kind, Flaw string }
	raw, err := os.ReadFile(filepath.Join(first, "manifest.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &manifest))
	require.Len(t, manifest, 16)
	for _, one := range manifest {
		require.DirExists(t, filepath.Join(first, one.Number))
	}
	for path := range got {
		raw, err := os.ReadFile(filepath.Join(first, path))
		require.NoError(t, err)
		require.NotContains(t, string(raw), "PRIVATE KEY", path)
	}
}

// judged is what the nodes say of a package: the first problem of the documents, of the application by its schema, of signatures.
func judged(t *testing.T, m *paper.Maker, trust string, a paper.Application) (problems []string) {
	t.Helper()
	host := &sdktest.Host{}
	files := map[string]sdk.File{}
	for _, file := range a.Files {
		files[file.Name] = host.AddFile(file.Name, file.MediaType, file.Content)
	}
	schema := host.AddFile("application.xsd", "text/xml", paper.Schema())
	for _, file := range a.Files {
		if strings.HasSuffix(file.Name, ".p7s") {
			continue
		}
		seen, err := sdktest.Call[documentinspect.Output](t, documentinspect.Node, host, documentinspect.Input{File: files[file.Name], Accept: []string{file.MediaType, "text/xml", "application/xml"}})
		require.NoError(t, err)
		for _, problem := range seen.Problems {
			problems = append(problems, problem.Code)
		}
		if strings.HasSuffix(file.Name, ".xml") {
			valid, err := sdktest.Call[documentvalidate.Output](t, documentvalidate.Node, host, documentvalidate.Input{File: files[file.Name], Schema: &schema})
			require.NoError(t, err)
			for _, problem := range valid.Problems {
				problems = append(problems, problem.Code)
			}
		}
		signed, found := files[file.Name+".p7s"]
		if !found {
			problems = append(problems, "unsigned")
			continue
		}
		content := files[file.Name]
		for _, node := range signatureverify.Nodes(signatureverify.Config{Trust: trust}) {
			if node.Descriptor.Name != "signature.verify.cms" {
				continue
			}
			in := signatureverify.CMSInput{Signature: signed, Content: &content, Rules: signatureverify.Rules{Trust: "demo"}}
			verdict, err := sdktest.Call[signature.Verdict](t, node, host, in)
			require.NoError(t, err)
			if !verdict.Valid {
				problems = append(problems, verdict.Code)
			}
		}
	}
	return problems
}

func TestEachFlawIsFoundByTheNodesAndNothingElse(t *testing.T) {
	t.Parallel()
	m := paper.New(3)
	trust := t.TempDir()
	require.NoError(t, m.WriteTrust(filepath.Join(trust, "demo")))
	for flaw, want := range map[paper.Flaw][]string{
		paper.None: nil, paper.Missing: nil, paper.BrokenPDF: {"pdf.unreadable"}, paper.WrongXML: {"xml.schema"}, paper.AlteredFile: {"digest.mismatch"},
		paper.ExpiredSigner: {"certificate.expired"}, paper.RevokedSigner: {"revocation.revoked"}, paper.Untrusted: {"chain.untrusted"}, paper.Unsigned: {"unsigned"},
	} {
		a, err := m.Application(len(flaw), flaw)
		require.NoError(t, err)
		require.Equal(t, want, judged(t, m, trust, a), "%q of application %d", flaw, len(flaw))
	}
	whole, err := m.Application(1, paper.None)
	require.NoError(t, err)
	lacking, err := m.Application(1, paper.Missing)
	require.NoError(t, err)
	require.Len(t, lacking.Files, len(whole.Files)-2, "a document and its signature are missing")
}
