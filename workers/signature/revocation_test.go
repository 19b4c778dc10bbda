package signature_test

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/signature"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

func TestListsSayWhatTheyCover(t *testing.T) {
	point := func(value any) func(*sign.List) {
		raw, err := asn1.Marshal(value)
		require.NoError(t, err)
		return func(l *sign.List) {
			l.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: raw}}
		}
	}
	address := func(at string) asn1.RawValue {
		name, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(at)})
		require.NoError(t, err)
		full, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: name})
		require.NoError(t, err)
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: full}
	}
	type only struct {
		Users bool `asn1:"optional,tag:1"`
		CAs   bool `asn1:"optional,tag:2"`
	}
	type at struct{ Point asn1.RawValue }
	type indirect struct {
		Indirect bool `asn1:"tag:4"`
	}
	expired := func(l *sign.List) {
		l.ThisUpdate, l.NextUpdate = noon.Add(2*year), noon.Add(2*year+time.Hour)
	}
	for name, c := range map[string]struct {
		change func(*sign.List)
		now    time.Time
		code   string
	}{
		"everything":                        {nil, noon, ""},
		"certificates of users":             {point(only{Users: true}), noon, ""},
		"certificates of issuers":           {point(only{CAs: true}), noon, "revocation.unknown"},
		"the point that is named":           {point(at{address("http://crl.example.org/1.crl")}), noon, ""},
		"another point":                     {point(at{address("http://crl.example.org/1")}), noon, "revocation.unknown"},
		"of other issuers":                  {point(indirect{true}), noon, "revocation.unknown"},
		"from the future":                   {func(l *sign.List) { l.ThisUpdate = noon.Add(time.Hour) }, noon, "revocation.unknown"},
		"issued when it had expired":        {expired, noon.Add(2 * year), "revocation.unknown"},
		"a list that keeps expired ones":    {func(l *sign.List) { expired(l); l.Extensions = []pkix.Extension{keepExpired(t, noon)} }, noon.Add(2 * year), ""},
		"a list that keeps them not as old": {func(l *sign.List) { expired(l); l.Extensions = []pkix.Extension{keepExpired(t, noon.Add(2*year))} }, noon.Add(2 * year), "revocation.unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			g, p := kindAndHash{"p256", crypto.SHA256}.signed(t, changes{leaf: func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://crl.example.org/1.crl"} }}, nil)
			verifier := signature.Verifier{Trust: signature.Trust{Roots: g.roots, Lists: parseLists(t, list(t, p.middle, c.change))}, Now: func() time.Time { return c.now }}
			verdict, err := verifier.CMS(g.signature, signature.Bytes(content), signature.Options{At: noon, Revocation: signature.RevocationSigner})
			require.NoError(t, err)
			require.Equal(t, c.code, verdict.Code, verdict.Message)
		})
	}
}

func keepExpired(t *testing.T, since time.Time) pkix.Extension {
	raw, err := asn1.MarshalWithParams(since, "generalized")
	require.NoError(t, err)
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 60}, Value: raw}
}
