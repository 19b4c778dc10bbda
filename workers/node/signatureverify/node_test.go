package signatureverify_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/signatureverify"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
	"github.com/taskurotta/taskurotta-go/workers/signature"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func identity(t *testing.T, name string, serial int64, issuer *sign.Identity) sign.Identity {
	t.Helper()
	key := ed25519.NewKeyFromSeed([]byte((name + strings.Repeat(".", 32))[:32]))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
		BasicConstraintsValid: true, IsCA: issuer == nil, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte(name),
	}
	certificate, err := sign.Certify(template, key, issuer)
	require.NoError(t, err)
	return sign.Identity{Key: key, Certificate: certificate}
}

// world is a trust store in a folder, and nodes over it.
type world struct {
	folder       string
	root, signer sign.Identity
	nodes        map[string]sdk.Node
	host         *sdktest.Host
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{folder: t.TempDir(), host: &sdktest.Host{}, nodes: map[string]sdk.Node{}}
	w.root = identity(t, "Root", 1, nil)
	w.signer = identity(t, "Иванов", 2, &w.root)
	w.put(t, "default/roots/root.crt", w.root.Certificate.Raw)
	w.revoke(t)
	for _, node := range signatureverify.Nodes(signatureverify.Config{Trust: w.folder, Now: func() time.Time { return noon }}) {
		w.nodes[node.Type()] = node
	}
	return w
}

func (w *world) put(t *testing.T, name string, content []byte) {
	t.Helper()
	path := filepath.Join(w.folder, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, content, 0o600))
}

func (w *world) revoke(t *testing.T, serials ...int64) {
	t.Helper()
	list := sign.List{Number: 1, ThisUpdate: noon.Add(-time.Minute), NextUpdate: noon.Add(time.Minute)}
	for _, serial := range serials {
		list.Revoked = append(list.Revoked, x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: noon.Add(-time.Minute)})
	}
	raw, err := list.Sign(w.root)
	require.NoError(t, err)
	w.put(t, "default/crls/root.crl", raw)
}

func (w *world) signed(t *testing.T, content string) (signature, file sdk.File) {
	t.Helper()
	raw, err := sign.CMS{Content: []byte(content)}.Sign(w.signer)
	require.NoError(t, err)
	return w.host.AddFile("a.p7s", "application/pkcs7-signature", raw), w.host.AddFile("a.txt", "text/plain", []byte(content))
}

func requireError(t *testing.T, err error, class wire.ErrorClass, code string) {
	t.Helper()
	var own *sdk.Error
	require.True(t, errors.As(err, &own), "%v", err)
	require.Equal(t, code, own.Code, own.Message)
	require.Equal(t, class, own.Class)
}

func TestASignatureIsJudgedByTheTrustStore(t *testing.T) {
	w := newWorld(t)
	file, content := w.signed(t, "Прошу")
	verify := func(in signatureverify.CMSInput) (signature.Verdict, error) {
		return sdktest.Call[signature.Verdict](t, w.nodes["signature.verify.cms@1"], w.host, in)
	}
	verdict, err := verify(signatureverify.CMSInput{Signature: file, Content: &content})
	require.NoError(t, err)
	require.True(t, verdict.Valid, verdict.Message)
	require.Equal(t, "Иванов", verdict.Signatures[0].Signer.CommonName)
	require.Contains(t, strings.Join(w.host.Lines, "\n"), "revocation passed")

	other := w.host.AddFile("b.txt", "text/plain", []byte("Не прошу"))
	verdict, err = verify(signatureverify.CMSInput{Signature: file, Content: &other})
	require.NoError(t, err)
	require.Equal(t, "digest.mismatch", verdict.Code)
	_, err = verify(signatureverify.CMSInput{Signature: file, Content: &other, Rules: signatureverify.Rules{Strict: true}})
	requireError(t, err, wire.ErrorBusiness, signatureverify.CodeInvalid)

	verdict, err = verify(signatureverify.CMSInput{Signature: file})
	require.NoError(t, err)
	require.Equal(t, "content.missing", verdict.Code)

	large := file
	large.Size = signature.MaxSignature + 1
	verdict, err = verify(signatureverify.CMSInput{Signature: large, Content: &content})
	require.NoError(t, err)
	require.Equal(t, "cms.too_large", verdict.Code)
}

// TestANewRevocationListCountsAtOnce: nobody restarts workers for it.
func TestANewRevocationListCountsAtOnce(t *testing.T) {
	w := newWorld(t)
	file, content := w.signed(t, "Прошу")
	verify := func(rules signatureverify.Rules) (signature.Verdict, error) {
		return sdktest.Call[signature.Verdict](t, w.nodes["signature.verify.cms@1"], w.host, signatureverify.CMSInput{Signature: file, Content: &content, Rules: rules})
	}
	verdict, err := verify(signatureverify.Rules{})
	require.NoError(t, err)
	require.True(t, verdict.Valid)
	w.revoke(t, 2)
	verdict, err = verify(signatureverify.Rules{})
	require.NoError(t, err)
	require.Equal(t, "revocation.revoked", verdict.Code)
	at := noon.Add(-30 * time.Minute)
	verdict, err = verify(signatureverify.Rules{At: &at})
	require.NoError(t, err)
	require.True(t, verdict.Valid, "it was not revoked by then")

	require.NoError(t, os.Remove(filepath.Join(w.folder, "default/crls/root.crl")))
	verdict, err = verify(signatureverify.Rules{})
	require.NoError(t, err)
	require.Equal(t, "revocation.unknown", verdict.Code)
	raw, err := sign.List{Number: 2, ThisUpdate: noon, NextUpdate: noon.Add(time.Hour)}.Sign(w.root)
	require.NoError(t, err)
	verdict, err = verify(signatureverify.Rules{Lists: []sdk.File{w.host.AddFile("a.crl", "", raw), w.host.AddFile("b.crl", "", []byte("none"))}})
	require.NoError(t, err)
	require.True(t, verdict.Valid, "a list may come with the task")

	w.put(t, "default/crls/broken.crl", []byte("half"))
	_, err = verify(signatureverify.Rules{})
	requireError(t, err, wire.ErrorRetryable, signatureverify.CodeTrust)
}

func TestOnlyTheNamedStoreIsTrusted(t *testing.T) {
	w := newWorld(t)
	file, content := w.signed(t, "Прошу")
	another := identity(t, "Another", 7, nil)
	w.put(t, "other/roots/root.pem", another.Certificate.Raw)
	verify := func(trust string) (signature.Verdict, error) {
		return sdktest.Call[signature.Verdict](t, w.nodes["signature.verify.cms@1"], w.host, signatureverify.CMSInput{Signature: file, Content: &content, Rules: signatureverify.Rules{Trust: trust}})
	}
	verdict, err := verify("other")
	require.NoError(t, err)
	require.Equal(t, "chain.incomplete", verdict.Code)
	for _, name := range []string{"absent", "../default", "default/roots"} {
		_, err = verify(name)
		requireError(t, err, wire.ErrorPermanent, signatureverify.CodeNoTrust)
	}
	none := signatureverify.Nodes(signatureverify.Config{})[0]
	_, err = sdktest.Call[signature.Verdict](t, none, w.host, signatureverify.CMSInput{Signature: file, Content: &content})
	requireError(t, err, wire.ErrorPermanent, signatureverify.CodeNoTrust)
}

func TestAFileThatArrivesDamagedIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	file, content := w.signed(t, "Прошу")
	w.host.Swap(content, w.host.AddFile("b.txt", "", []byte("Другое")))
	_, err := sdktest.Call[signature.Verdict](t, w.nodes["signature.verify.cms@1"], w.host, signatureverify.CMSInput{Signature: file, Content: &content})
	requireError(t, err, wire.ErrorRetryable, signatureverify.CodeDamaged)
}

func TestACertificateIsInspected(t *testing.T) {
	w := newWorld(t)
	file := w.host.AddFile("a.cer", "", w.signer.Certificate.Raw)
	inspect := func(rules signatureverify.Rules) (signatureverify.CertificateOutput, error) {
		return sdktest.Call[signatureverify.CertificateOutput](t, w.nodes["certificate.inspect@1"], w.host, signatureverify.CertificateInput{File: file, Rules: rules})
	}
	out, err := inspect(signatureverify.Rules{})
	require.NoError(t, err)
	require.True(t, out.Valid, out.Message)
	require.Equal(t, "Ed25519", out.Certificate.Key)
	require.Len(t, out.Chain, 1)
	w.revoke(t, 2)
	out, err = inspect(signatureverify.Rules{})
	require.NoError(t, err)
	require.Equal(t, "revocation.revoked", out.Code)
	require.NotNil(t, out.RevokedAt)
	_, err = inspect(signatureverify.Rules{Strict: true})
	requireError(t, err, wire.ErrorBusiness, signatureverify.CodeBadCert)
}

func TestXMLIsJudged(t *testing.T) {
	w := newWorld(t)
	raw, err := os.ReadFile("../../signature/testdata/xml/p256-sha256-enveloped-exclusive.xml")
	require.NoError(t, err)
	root, err := os.ReadFile("../../signature/testdata/xml/p256-root.pem")
	require.NoError(t, err)
	w.put(t, "xml/roots/root.pem", root)
	file := w.host.AddFile("a.xml", "text/xml", raw)
	verify := func(rules signatureverify.Rules) (signature.Verdict, error) {
		return sdktest.Call[signature.Verdict](t, w.nodes["signature.verify.xml@1"], w.host, signatureverify.XMLInput{File: file, Rules: rules})
	}
	verdict, err := verify(signatureverify.Rules{Trust: "xml", Revocation: "off"})
	require.NoError(t, err)
	require.True(t, verdict.Valid, verdict.Message)
	require.Equal(t, []string{"document"}, verdict.Signatures[0].Covers)
	_, err = verify(signatureverify.Rules{Revocation: "off", Strict: true})
	requireError(t, err, wire.ErrorBusiness, signatureverify.CodeInvalid)
}

// TestAnAnswerFitsAnOutput: 32 signers with long names and paths must not make the output too large.
func TestAnAnswerFitsAnOutput(t *testing.T) {
	w := newWorld(t)
	issuer := w.root
	var chain []*x509.Certificate
	for i := range int64(14) {
		key := ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune('a'+i)), 32)))
		template := &x509.Certificate{
			SerialNumber: big.NewInt(100 + i), Subject: pkix.Name{CommonName: strings.Repeat("и", 60), Organization: []string{strings.Repeat("ж", 90) + string(rune('a'+i))}},
			NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour), BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
			SubjectKeyId: []byte{byte(i)},
		}
		parent := issuer
		certificate, err := sign.Certify(template, key, &parent)
		require.NoError(t, err)
		issuer = sign.Identity{Key: key, Certificate: certificate}
		chain = append(chain, certificate)
	}
	many := make([]sign.Identity, 32)
	for i := range many {
		many[i] = issuer
	}
	raw, err := sign.CMS{Content: []byte("x"), Certificates: chain}.Sign(many...)
	require.NoError(t, err)
	content := w.host.AddFile("x", "", []byte("x"))
	verdict, err := sdktest.Call[signature.Verdict](t, w.nodes["signature.verify.cms@1"], w.host, signatureverify.CMSInput{
		Signature: w.host.AddFile("a.p7s", "", raw), Content: &content, Rules: signatureverify.Rules{Revocation: "off"},
	})
	require.NoError(t, err)
	require.True(t, verdict.Valid, "%s %s", verdict.Code, verdict.Message)
	require.Len(t, verdict.Signatures, 32)
	require.Empty(t, verdict.Signatures[0].Chain, "the paths are left out first")
	encoded, err := json.Marshal(verdict)
	require.NoError(t, err)
	require.Less(t, len(encoded), 256<<10)
}
