package signature_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"hash"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/signature"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

// toy is a suite as a cryptographic provider would add one: SHA-256 and RSA under identifiers of its own, with keys that
// crypto/x509 does not know.
type toy struct{ key *rsa.PublicKey }

var (
	toyDigest    = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 2, 2}
	toySignature = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 3, 2}
	toyKey       = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 1}
)

func (toy) Digest(oid asn1.ObjectIdentifier) (func() hash.Hash, string) {
	if oid.Equal(toyDigest) {
		return sha256.New, "TOY"
	}
	return nil, ""
}

func (toy) Key(info []byte) string {
	if bytes.Contains(info, []byte{0x2a, 0x85, 0x03, 0x07, 0x01, 0x01, 0x01, 0x01}) {
		return "TOY 2048"
	}
	return ""
}

func (suite toy) Verify(s signature.Signed) (string, error) {
	if !s.Algorithm.Algorithm.Equal(toySignature) || suite.Key(s.Key) == "" {
		return "", signature.ErrNotMine
	}
	sum, err := s.Message.Sum(toyDigest)
	if err != nil {
		return "TOY", err
	}
	if rsa.VerifyPKCS1v15(suite.key, crypto.SHA256, sum, s.Signature) != nil {
		return "TOY", signature.ErrMismatch
	}
	return "TOY", nil
}

// TestASuiteOfOneselfIsAskedEverywhere changes identifiers in a chain and a signature to those of GOST R 34.10-2012: digest,
// signature, certificates and lists are then the added suite's to judge.
func TestASuiteOfOneselfIsAskedEverywhere(t *testing.T) {
	p := newPKI(t, "rsa", changes{})
	lists := [][]byte{list(t, p.middle, nil), list(t, p.root, nil)}
	retell := func(issuer sign.Identity, raw []byte) []byte { return translate(t, raw, issuer.Key.(*rsa.PrivateKey)) }
	root, middle, leaf := retell(p.root, p.root.Certificate.Raw), retell(p.root, p.middle.Certificate.Raw), retell(p.middle, p.leaf.Certificate.Raw)
	parse := func(raw []byte) *x509.Certificate {
		certificate, err := x509.ParseCertificate(raw)
		require.NoError(t, err)
		return certificate
	}
	raw, err := sign.CMS{Content: content, Certificates: []*x509.Certificate{parse(middle)}}.Sign(sign.Identity{Key: p.leaf.Key, Certificate: parse(leaf)})
	require.NoError(t, err)
	raw = renameSigner(t, raw)
	judge := func(content []byte, key *rsa.PublicKey, with ...signature.Suite) signature.Verdict {
		verifier := signature.Verifier{Trust: signature.Trust{Roots: []*x509.Certificate{parse(root)}}, Suites: with, Now: func() time.Time { return noon }}
		verdict, err := verifier.CMS(raw, signature.Bytes(content), signature.Options{
			Lists: parseLists(t, retell(p.middle, lists[0]), retell(p.root, lists[1])),
		})
		require.NoError(t, err)
		return verdict
	}
	require.Equal(t, "digest.unsupported", judge(content, nil).Code)
	suite := everyKey{p}
	verdict := judge(content, nil, suite)
	require.True(t, verdict.Valid, "%s %s", verdict.Code, verdict.Message)
	require.Equal(t, "TOY 2048", verdict.Signatures[0].Signer.Key)
	require.Len(t, verdict.Signatures[0].Chain, 2)
	require.Equal(t, "digest.mismatch", judge([]byte("else"), nil, suite).Code)
}

// everyKey tries the keys of a pki, as the toy's own keys can't be read back from a certificate.
type everyKey struct{ p pki }

func (everyKey) Digest(oid asn1.ObjectIdentifier) (func() hash.Hash, string) {
	return toy{}.Digest(oid)
}
func (everyKey) Key(info []byte) string { return toy{}.Key(info) }

func (e everyKey) Verify(s signature.Signed) (name string, err error) {
	for _, identity := range []sign.Identity{e.p.leaf, e.p.middle, e.p.root} {
		public, _ := identity.Key.Public().(*rsa.PublicKey)
		if !bytes.Contains(s.Key, public.N.Bytes()[:64]) {
			continue
		}
		return toy{public}.Verify(s)
	}
	return "", signature.ErrNotMine
}

type outer struct {
	Body      asn1.RawValue
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

// translate replaces the identifiers of RSA in a certificate or list by the toy's and signs it again.
func translate(t *testing.T, raw []byte, key *rsa.PrivateKey) []byte {
	t.Helper()
	var parsed outer
	_, err := asn1.Unmarshal(raw, &parsed)
	require.NoError(t, err)
	body := swap(t, parsed.Body.FullBytes)
	sum := sha256.Sum256(body)
	signed, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	out, err := asn1.Marshal(outer{asn1.RawValue{FullBytes: body}, pkix.AlgorithmIdentifier{Algorithm: toySignature, Parameters: asn1.NullRawValue}, asn1.BitString{Bytes: signed, BitLength: 8 * len(signed)}})
	require.NoError(t, err)
	return out
}

// swap walks DER and replaces algorithm identifiers, so that lengths are right.
func swap(t *testing.T, raw []byte) []byte {
	t.Helper()
	var out []byte
	for len(raw) > 0 {
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(raw, &element)
		require.NoError(t, err)
		raw = rest
		if element.IsCompound {
			element.Bytes = swap(t, element.Bytes)
		} else if element.Tag == asn1.TagOID && element.Class == asn1.ClassUniversal {
			for old, renamed := range map[string]asn1.ObjectIdentifier{
				"1.2.840.113549.1.1.11": toySignature, "1.2.840.113549.1.1.1": toyKey, "2.16.840.1.101.3.4.2.1": toyDigest,
			} {
				var oid asn1.ObjectIdentifier
				if _, err := asn1.Unmarshal(element.FullBytes, &oid); err == nil && oid.String() == old {
					encoded, err := asn1.Marshal(renamed)
					require.NoError(t, err)
					element.Bytes = encoded[2:]
				}
			}
		}
		element.FullBytes = nil
		encoded, err := asn1.Marshal(element)
		require.NoError(t, err)
		out = append(out, encoded...)
	}
	return out
}

// renameSigner gives the digest and signature algorithms of a signer the toy's names. The attributes name none, so they stay
// as they were signed.
func renameSigner(t *testing.T, raw []byte) []byte {
	t.Helper()
	swapped := swap(t, raw)
	old, err := asn1.Marshal(toyKey)
	require.NoError(t, err)
	renamed, err := asn1.Marshal(toySignature)
	require.NoError(t, err)
	at := bytes.LastIndex(swapped, old) // the signer's algorithm is the last one in the file
	require.Positive(t, at)
	return append(append(bytes.Clone(swapped[:at]), renamed...), swapped[at+len(old):]...)
}
