package signature_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/signature"
)

// What `openssl cms -verify` judges at once and openssl 3.0 does not for Ed25519 (RFC 8419), asked of it piece by piece.
type (
	pieces struct {
		Type asn1.ObjectIdentifier
		Data struct {
			Version int
			Digests asn1.RawValue
			Content struct {
				Type    asn1.ObjectIdentifier
				Content []byte `asn1:"explicit,optional,tag:0"`
			}
			Certificates piece         `asn1:"optional,tag:0"`
			Lists        piece         `asn1:"optional,tag:1"`
			Signers      []pieceSigner `asn1:"set"`
		} `asn1:"explicit,tag:0"`
	}
	piece       struct{ Raw asn1.RawContent }
	pieceSigner struct {
		Version    int
		ID         asn1.RawValue // issuer and serial number, or [0] the key's id
		Digest     asn1.RawValue
		Attributes piece `asn1:"optional,tag:0"`
		Algorithm  asn1.RawValue
		Signature  []byte
	}
)

// inside are the elements within a piece.
func (p piece) inside(t *testing.T) (all [][]byte) {
	t.Helper()
	if len(p.Raw) == 0 {
		return nil
	}
	var whole asn1.RawValue
	_, err := asn1.Unmarshal(p.Raw, &whole)
	require.NoError(t, err)
	for rest := whole.Bytes; len(rest) > 0; {
		var one asn1.RawValue
		rest, err = asn1.Unmarshal(rest, &one)
		require.NoError(t, err)
		all = append(all, one.FullBytes)
	}
	return all
}

// by finds the certificate that a signer names.
func (s pieceSigner) by(t *testing.T, certificates []*x509.Certificate) *x509.Certificate {
	t.Helper()
	for _, one := range certificates {
		if s.ID.Class == asn1.ClassContextSpecific {
			if bytes.Equal(s.ID.Bytes, one.SubjectKeyId) {
				return one
			}
			continue
		}
		var named struct {
			Issuer asn1.RawValue
			Serial *big.Int
		}
		_, err := asn1.Unmarshal(s.ID.FullBytes, &named)
		require.NoError(t, err)
		if bytes.Equal(named.Issuer.FullBytes, one.RawIssuer) && named.Serial.Cmp(one.SerialNumber) == 0 {
			return one
		}
	}
	return nil
}

var messageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}

// apart asks openssl whether it can read the signature (cms -cmsout), whether each signer's key made it (pkeyutl -verify) over
// attributes with the content's digest (dgst -sha512), and whether the certificate leads to a root (verify, with what -verify gets).
func (g given) apart(t *testing.T) (bool, string) {
	t.Helper()
	folder := t.TempDir()
	put := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	openssl := func(arguments ...string) (string, bool) {
		said, err := exec.CommandContext(t.Context(), "openssl", arguments...).CombinedOutput()
		if err != nil {
			require.IsType(t, &exec.ExitError{}, err)
		}
		return strings.TrimSpace(string(said)), err == nil
	}
	if said, readable := openssl("cms", "-cmsout", "-inform", "DER", "-in", put("signature", g.signature), "-outform", "DER", "-out", filepath.Join(folder, "out")); !readable {
		return false, said
	}
	var cms pieces
	_, err := asn1.Unmarshal(g.signature, &cms)
	require.NoError(t, err, "openssl reads it")
	of := g.content
	if of == nil {
		of = cms.Data.Content.Content
	}
	known, beside := g.beside, pemOf("CERTIFICATE", cms.Data.Certificates.inside(t)...)
	for _, raw := range cms.Data.Certificates.inside(t) {
		one, err := x509.ParseCertificate(raw)
		require.NoError(t, err)
		known = append(known, one)
	}
	digest, _ := openssl("dgst", "-sha512", "-r", put("content", of))

	at := g.at
	if at.IsZero() {
		at = noon
	}
	var roots [][]byte
	for _, one := range g.roots {
		roots = append(roots, one.Raw)
	}
	chain := []string{"verify", "-CAfile", put("trusted.pem", pemOf("CERTIFICATE", roots...)), "-no-CApath", "-no-CAstore", "-attime", strconv.FormatInt(at.Unix(), 10),
		"-purpose", "smimesign"}
	if len(beside) > 0 {
		chain = append(chain, "-untrusted", put("beside.pem", beside))
	}
	if lists := append(cms.Data.Lists.inside(t), g.lists...); len(lists) > 0 {
		chain = append(chain, "-CRLfile", put("lists.pem", pemOf("X509 CRL", lists...)))
	}
	switch g.check {
	case signature.RevocationSigner:
		chain = append(chain, "-crl_check")
	case signature.RevocationChain:
		chain = append(chain, "-crl_check", "-crl_check_all")
	}
	for _, signer := range cms.Data.Signers {
		by := signer.by(t, known)
		if by == nil {
			return false, "the signer's certificate is missing"
		}
		message := of
		if len(signer.Attributes.Raw) > 0 {
			message = append([]byte{0x31}, signer.Attributes.Raw[1:]...) // a SET OF is signed (RFC 5652, 5.4)
			var stated []byte
			for _, raw := range signer.Attributes.inside(t) {
				var attribute struct {
					Type   asn1.ObjectIdentifier
					Values []asn1.RawValue `asn1:"set"`
				}
				_, err := asn1.Unmarshal(raw, &attribute)
				require.NoError(t, err)
				if attribute.Type.Equal(messageDigest) {
					stated = attribute.Values[0].Bytes
				}
			}
			if !strings.HasPrefix(digest, hex.EncodeToString(stated)) {
				return false, "the digest is another: " + digest
			}
		}
		public, err := x509.MarshalPKIXPublicKey(by.PublicKey)
		require.NoError(t, err)
		if said, made := openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", put("key.pem", pemOf("PUBLIC KEY", public)), "-sigfile", put("bytes", signer.Signature),
			"-in", put("message", message)); !made {
			return false, said
		}
		if said, leads := openssl(append(chain, put("signer.pem", pemOf("CERTIFICATE", by.Raw)))...); !leads {
			return false, said
		}
	}
	return true, ""
}

// TestVerdictsOnEd25519AgreeWithOpenSSL takes the cases of TestVerdictsAgreeWithOpenSSL with Ed25519 (arguments: given.apart).
func TestVerdictsOnEd25519AgreeWithOpenSSL(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			g := s.make(t, kindAndHash{"ed25519", 0})
			verdict := g.judge(t)
			accepted, said := g.apart(t)
			require.Equal(t, accepted, verdict.Valid, "openssl: %s\nhere: %s %s", said, verdict.Code, verdict.Message)
			require.Equal(t, s.code, verdict.Code, "%s\nopenssl: %s", verdict.Message, said)
		})
	}
}
