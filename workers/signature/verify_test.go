package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/signature"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

// TestAVerdictNamesEveryCheck holds the details of a verdict.
func TestAVerdictNamesEveryCheck(t *testing.T) {
	g, p := kindAndHash{"p256", crypto.SHA256}.signed(t, changes{}, nil)
	g.check, g.lists = signature.RevocationChain, [][]byte{list(t, p.middle, nil, 4), list(t, p.root, nil)}
	verdict := g.judge(t)
	require.Len(t, verdict.Signatures, 1)
	one := verdict.Signatures[0]
	var results []string
	for _, check := range one.Checks {
		results = append(results, check.Name+" "+string(check.Result))
	}
	require.Equal(t, []string{"digest passed", "signature passed", "timestamp skipped", "validity passed", "usage passed", "chain passed", "revocation failed"}, results)
	require.Equal(t, "revocation.revoked", one.Code)
	require.Contains(t, one.Message, "Иванов Иван Иванович")
	require.Contains(t, one.Message, "the key was compromised")
	require.Equal(t, noon.Add(-48*time.Hour), *one.RevokedAt)
	require.Equal(t, "SHA256-ECDSA", one.Algorithm)
	require.Equal(t, "CN=Иванов Иван Иванович, O=Росреестр, C=RU", one.Signer.Subject)
	require.Equal(t, "EC P-256", one.Signer.Key)
	require.Equal(t, []string{"digital_signature", "non_repudiation"}, one.Signer.KeyUsage)
	require.Len(t, one.Chain, 2)
	require.Equal(t, "Issuing p256", one.Chain[0].CommonName)
	require.Equal(t, noon.Add(-time.Hour), *one.SigningAt)
	require.Equal(t, signature.TimeNow, one.TimeSource)
}

func TestTheClaimedTimeCountsOnlyWhenTrusted(t *testing.T) {
	g, p := kindAndHash{"p256", crypto.SHA256}.signed(t, changes{}, nil)
	verifier := signature.Verifier{Trust: signature.Trust{Roots: g.roots}, Now: func() time.Time { return p.leaf.Certificate.NotAfter.Add(time.Hour) }}
	for trusted, code := range map[bool]string{true: "", false: "certificate.expired"} {
		verdict, err := verifier.CMS(g.signature, signature.Bytes(content), signature.Options{TrustSigningTime: trusted, Revocation: signature.RevocationOff})
		require.NoError(t, err)
		require.Equal(t, code, verdict.Code)
	}
}

// TestAReadErrorIsNoVerdict: a store that fails is not the signature's fault.
func TestAReadErrorIsNoVerdict(t *testing.T) {
	for _, noAttributes := range []bool{false, true} {
		g, _ := kindAndHash{"ed25519", 0}.signed(t, changes{}, func(c *sign.CMS, _ pki) { c.NoAttributes = noAttributes })
		verifier := signature.Verifier{Trust: signature.Trust{Roots: g.roots}, Now: func() time.Time { return noon }}
		opened := 0
		_, err := verifier.CMS(g.signature, func() (io.ReadCloser, error) {
			if opened++; opened == 1 && noAttributes {
				return io.NopCloser(bytes.NewReader(content)), nil
			}
			return nil, errors.New("the store is away")
		}, signature.Options{})
		require.ErrorContains(t, err, "the store is away")
	}
}

func TestCertificatesAreInspected(t *testing.T) {
	p := newPKI(t, "rsa", changes{})
	verifier := signature.Verifier{Trust: signature.Trust{Roots: []*x509.Certificate{p.root.Certificate}, Lists: parseLists(t, list(t, p.middle, nil, 4), list(t, p.root, nil))}, Now: func() time.Time { return noon }}
	both := pemOf("CERTIFICATE", p.leaf.Certificate.Raw, p.middle.Certificate.Raw)
	bag, err := sign.CMS{Content: content, Certificates: []*x509.Certificate{p.middle.Certificate}}.Sign(p.leaf)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		raw  []byte
		off  bool
		code string
	}{
		"revoked":         {both, false, "revocation.revoked"},
		"lists not asked": {both, true, ""},
		"in a bag":        {bag, true, ""},
		"alone":           {p.leaf.Certificate.Raw, true, "chain.incomplete"},
		"base64":          {[]byte(base64.StdEncoding.EncodeToString(p.middle.Certificate.Raw)), true, ""},
		"garbage":         {[]byte("garbage"), true, "certificate.unreadable"},
		"empty":           {nil, true, "certificate.unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			options := signature.Options{}
			if c.off {
				options.Revocation = signature.RevocationOff
			}
			verdict := verifier.Inspect(c.raw, options)
			require.Equal(t, c.code, verdict.Code, verdict.Message)
			require.Equal(t, c.code == "", verdict.Valid)
			if c.code == "" && name != "base64" {
				require.Equal(t, "Иванов Иван Иванович", verdict.Signatures[0].Signer.CommonName)
				require.Equal(t, "RSA 2048", verdict.Signatures[0].Signer.Key)
			}
		})
	}
}

func TestExtendedUsesAreNamed(t *testing.T) {
	oid, err := signature.ExtendedUse("email_protection")
	require.NoError(t, err)
	require.Equal(t, "1.3.6.1.5.5.7.3.4", oid.String())
	oid, err = signature.ExtendedUse("1.2.643.2.2.34.6")
	require.NoError(t, err)
	require.Equal(t, "1.2.643.2.2.34.6", oid.String())
	for _, wrong := range []string{"", "mail", "1", "1.2", "1.2.x", "1..3", "1.2.+3", "1.2.-3", "1.2.99999999999999999999"} {
		_, err := signature.ExtendedUse(wrong)
		require.Error(t, err, wrong)
	}
}
