package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/signature"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

// judged asks for a verdict on whatever bytes, and requires one in bounded time.
func judged(t testing.TB, raw, of []byte, roots ...*x509.Certificate) signature.Verdict {
	t.Helper()
	began := time.Now()
	verifier := signature.Verifier{Trust: signature.Trust{Roots: roots}, Now: func() time.Time { return noon }}
	verdict, err := verifier.CMS(raw, signature.Bytes(of), signature.Options{})
	require.NoError(t, err)
	require.Less(t, time.Since(began), 20*time.Second)
	require.Equal(t, verdict.Valid, verdict.Code == "")
	return verdict
}

func TestEveryTruncationIsAVerdict(t *testing.T) {
	g, _ := kindAndHash{"p256", crypto.SHA256}.signed(t, changes{}, func(c *sign.CMS, _ pki) { c.Named = true })
	for end := range g.signature {
		require.Equal(t, "cms.unreadable", judged(t, g.signature[:end], content, g.roots...).Code, "the first %d bytes", end)
	}
}

func TestHostileSignaturesAreVerdicts(t *testing.T) {
	g, p := kindAndHash{"p256", crypto.SHA256}.signed(t, changes{}, nil)
	many := make([]sign.Identity, 33)
	for i := range many {
		many[i] = p.leaf
	}
	crowd, err := sign.CMS{Content: content}.Sign(many...)
	require.NoError(t, err)
	var certificates []*x509.Certificate
	for i := range 129 {
		template := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 100)), Subject: pkix.Name{CommonName: strings.Repeat("x", i)}, NotAfter: noon}
		one, err := sign.Certify(template, p.leaf.Key, nil)
		require.NoError(t, err)
		certificates = append(certificates, one)
	}
	heavy, err := sign.CMS{Content: content, Certificates: certificates}.Sign(p.leaf)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		raw  []byte
		code string
	}{
		"empty":                    {nil, "cms.unreadable"},
		"one byte":                 {[]byte{0x30}, "cms.unreadable"},
		"a length of 4 GiB":        {[]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02}, "cms.unreadable"},
		"a length of 100 bytes":    {append([]byte{0x30, 0xe4}, bytes.Repeat([]byte{0xff}, 200)...), "cms.unreadable"},
		"a tag without end":        {bytes.Repeat([]byte{0xbf}, 100_000), "cms.unreadable"},
		"nested, lengths known":    {nested(100_000), "cms.unreadable"},
		"nested, no lengths":       {bytes.Repeat([]byte{0x30, 0x80}, 1<<20), "cms.unreadable"},
		"strings in strings":       {append(bytes.Repeat([]byte{0x24, 0x80}, 1<<20), bytes.Repeat([]byte{0, 0}, 1<<20)...), "cms.unreadable"},
		"ends without a beginning": {append([]byte{0x30, 0x80}, bytes.Repeat([]byte{0, 0}, 100)...), "cms.unreadable"},
		"too large":                {make([]byte, signature.MaxSignature+1), "cms.too_large"},
		"33 signers":               {crowd, "cms.unreadable"},
		"130 certificates":         {heavy, "cms.unreadable"},
		"text":                     {[]byte("-----BEGIN CMS-----\nnothing\n-----END CMS-----\n"), "cms.unreadable"},
		"another PEM":              {pemOf("RSA PRIVATE KEY", []byte{1, 2, 3}), "cms.unreadable"},
		"zero bytes":               {make([]byte, 1000), "cms.unreadable"},
		"signature twice in a row": {append(bytes.Clone(g.signature), g.signature...), "cms.unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.code, judged(t, c.raw, content, g.roots...).Code)
		})
	}
}

// nested is one SEQUENCE inside the other, with lengths.
func nested(depth int) []byte {
	var backwards []byte
	for length := 0; depth > 0; depth-- {
		before := len(backwards)
		switch {
		case length < 0x80:
			backwards = append(backwards, byte(length))
		default:
			backwards = append(backwards, byte(length), byte(length>>8), byte(length>>16), 0x83)
		}
		backwards = append(backwards, 0x30)
		length += len(backwards) - before
	}
	for i, j := 0, len(backwards)-1; i < j; i, j = i+1, j-1 {
		backwards[i], backwards[j] = backwards[j], backwards[i]
	}
	return backwards
}

// TestCertificatesInACircleAreAVerdict has two authorities certify each other, many times over.
func TestCertificatesInACircleAreAVerdict(t *testing.T) {
	kind := kindAndHash{"p256", crypto.SHA256}
	g, p := kind.signed(t, changes{}, nil)
	certify := func(serial int64, subject *x509.Certificate, place string, issuer *x509.Certificate, by string) *x509.Certificate {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(serial), RawSubject: subject.RawSubject, SubjectKeyId: subject.SubjectKeyId, NotBefore: noon.Add(-year), NotAfter: noon.Add(year),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		}
		one, err := sign.Certify(template, key(t, "p256", place), &sign.Identity{Key: key(t, "p256", by), Certificate: issuer})
		require.NoError(t, err)
		return one
	}
	var circle []*x509.Certificate
	for i := range int64(40) {
		circle = append(circle, certify(500+2*i, p.middle.Certificate, "middle", p.other.Certificate, "other"), certify(501+2*i, p.other.Certificate, "other", p.middle.Certificate, "middle"))
	}
	cms := kind.cms(p, content)
	cms.Certificates = circle
	raw, err := cms.Sign(p.leaf)
	require.NoError(t, err)
	verdict := judged(t, raw, content, g.roots...)
	require.False(t, verdict.Valid)
	require.Contains(t, verdict.Code, "chain.")
	t.Log(verdict.Code, verdict.Message)

	verifier := signature.Verifier{Trust: signature.Trust{Roots: g.roots}, Suites: []signature.Suite{toy{}}, Now: func() time.Time { return noon }}
	verdict, err = verifier.CMS(raw, signature.Bytes(content), signature.Options{})
	require.NoError(t, err)
	require.False(t, verdict.Valid, "an added suite searches for paths itself")
}

// TestWhatIsQuotedIsCleanAndShort: names come from strangers and go into databases and pages.
func TestWhatIsQuotedIsCleanAndShort(t *testing.T) {
	name, err := asn1.Marshal(pkix.RDNSequence{{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte("a\x00b\x1b[31m" + strings.Repeat("я", 5000))}}}})
	require.NoError(t, err)
	g, _ := kindAndHash{"p256", crypto.SHA256}.signed(t, changes{leaf: func(c *x509.Certificate) { c.RawSubject = name }}, nil)
	one := judged(t, g.signature, content).Signatures[0]
	require.NotContains(t, one.Signer.Subject, "\x00")
	require.NotContains(t, one.Signer.Subject, "\x1b")
	require.LessOrEqual(t, len(one.Signer.Subject), 310)
	require.LessOrEqual(t, len(one.Message), 510)
}

func FuzzCMS(f *testing.F) {
	p := newPKI(f, "p256", changes{})
	tsa := authorityOf(f, p)
	for _, cms := range []sign.CMS{
		{}, {Enclosed: true}, {NoAttributes: true}, {ByKeyID: true}, {Named: true, At: noon}, {Lists: [][]byte{list(f, p.middle, nil, 4)}},
		{Timestamp: func(over []byte) ([]byte, error) { return sign.Stamp{At: noon, Serial: 1}.Sign(tsa, over) }},
	} {
		cms.Content, cms.Certificates = content, []*x509.Certificate{p.middle.Certificate}
		raw, err := cms.Sign(p.leaf)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		verifier := signature.Verifier{Trust: signature.Trust{Roots: []*x509.Certificate{p.root.Certificate}}, Now: func() time.Time { return noon }}
		for _, of := range []signature.Content{signature.Bytes(content), nil} {
			verdict, err := verifier.CMS(raw, of, signature.Options{Timestamp: raw, Revocation: signature.RevocationOff})
			require.NoError(t, err)
			require.NotEqual(t, "unreadable", verdict.Code, "nothing panics")
			require.Equal(t, verdict.Valid, verdict.Code == "")
		}
	})
}

func authorityOf(t testing.TB, p pki) sign.Identity {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(21), Subject: pkix.Name{CommonName: "TSA"}, NotBefore: noon.Add(-year), NotAfter: noon.Add(year),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	}
	certificate, err := sign.Certify(template, key(t, "p256", "authority"), &p.root)
	require.NoError(t, err)
	return sign.Identity{Key: key(t, "p256", "authority"), Certificate: certificate}
}

func FuzzInspect(f *testing.F) {
	p := newPKI(f, "p256", changes{})
	f.Add(p.leaf.Certificate.Raw, list(f, p.middle, nil, 4))
	f.Add(pemOf("CERTIFICATE", p.leaf.Certificate.Raw, p.middle.Certificate.Raw), pemOf("X509 CRL", list(f, p.middle, nil)))
	f.Fuzz(func(t *testing.T, raw, revoked []byte) {
		options := signature.Options{}
		if lists, err := signature.Lists(revoked); err == nil {
			options.Lists = lists
		}
		verifier := signature.Verifier{Trust: signature.Trust{Roots: []*x509.Certificate{p.root.Certificate}}, Now: func() time.Time { return noon }}
		verdict := verifier.Inspect(raw, options)
		require.NotEqual(t, "unreadable", verdict.Code, "nothing panics")
		require.Equal(t, verdict.Valid, verdict.Code == "")
	})
}
