package signature_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/signature"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

func judgeXML(t testing.TB, raw []byte, partial bool, roots ...*x509.Certificate) signature.Verdict {
	t.Helper()
	verifier := signature.Verifier{Trust: signature.Trust{Roots: roots}, Now: func() time.Time { return noon }}
	return verifier.XML(raw, signature.XMLOptions{Options: signature.Options{Revocation: signature.RevocationOff}, Partial: partial})
}

// vector reads a document that xmlsec1 1.2.37 signed, with the root of its signer.
func vector(t *testing.T, name string) ([]byte, *x509.Certificate) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata/xml", name))
	require.NoError(t, err)
	kind, _, _ := strings.Cut(name, "-")
	root, err := os.ReadFile("testdata/xml/" + kind + "-root.pem")
	require.NoError(t, err)
	certificates, err := signature.Certificates(root)
	require.NoError(t, err)
	return raw, certificates[0]
}

func TestSignaturesOfXmlsecAreRead(t *testing.T) {
	names, err := filepath.Glob("testdata/xml/*.xml")
	require.NoError(t, err)
	require.Len(t, names, 20)
	for _, name := range names {
		name = filepath.Base(name)
		t.Run(name, func(t *testing.T) {
			raw, root := vector(t, name)
			part := strings.Contains(name, "part-inclusive")
			verdict := judgeXML(t, raw, part, root)
			require.True(t, verdict.Valid, "%s: %s", verdict.Code, verdict.Message)
			one := verdict.Signatures[0]
			require.Equal(t, "Иванов Иван Иванович", one.Signer.CommonName)
			require.Len(t, one.Chain, 2)
			if part {
				require.Equal(t, []string{"#part1 part"}, one.Covers)
				require.Equal(t, "xml.partial", judgeXML(t, raw, false, root).Code)
			} else {
				require.Equal(t, "document", one.Covers[0])
			}
			altered := judgeXML(t, bytes.Replace(raw, []byte("Иванов &amp;"), []byte("Петров &amp;"), 1), part, root)
			require.Equal(t, "digest.mismatch", altered.Code)
			algorithm := judgeXML(t, bytes.Replace(raw, []byte("xmlenc#sha256"), []byte("xmlenc#sha512"), 1), part, root)
			require.Equal(t, "digest.mismatch", algorithm.Code)
			value := bytes.Index(raw, []byte("SignatureValue>")) + 20
			forged := bytes.Clone(raw)
			forged[value] = map[bool]byte{true: 'B', false: 'A'}[forged[value] == 'A']
			require.Equal(t, "signature.mismatch", judgeXML(t, forged, part, root).Code)
			require.Equal(t, "chain.incomplete", judgeXML(t, raw, part).Code)
		})
	}
}

// xmlSigner signs one small document by hand, in a form that is canonical as it stands, so that no canonicalizer is needed.
type xmlSigner struct {
	identity  sign.Identity
	method    string
	reference string // more references
	object    string // what else lies in the signature
	info      func(string) string
}

const bodyXML = `<statement>Прошу</statement>`

func (s xmlSigner) sign(t *testing.T, apply func(message []byte) []byte) string {
	t.Helper()
	sum := sha256.Sum256([]byte(bodyXML))
	info := `<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></CanonicalizationMethod>` +
		`<SignatureMethod Algorithm="` + s.method + `"></SignatureMethod><Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>` +
		`<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>` +
		`<DigestValue>` + base64.StdEncoding.EncodeToString(sum[:]) + `</DigestValue></Reference>` + s.reference + `</SignedInfo>`
	if s.info != nil {
		info = s.info(info)
	}
	value := apply([]byte(info))
	return strings.Replace(bodyXML, "</", `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">`+strings.Replace(info, ` xmlns="http://www.w3.org/2000/09/xmldsig#"`, "", 1)+
		`<SignatureValue>`+base64.StdEncoding.EncodeToString(value)+`</SignatureValue><KeyInfo><X509Data><X509Certificate>`+
		base64.StdEncoding.EncodeToString(s.identity.Certificate.Raw)+`</X509Certificate></X509Data></KeyInfo>`+s.object+`</Signature></`, 1)
}

func ed25519Sign(t *testing.T, p pki) func([]byte) []byte {
	return func(message []byte) []byte {
		value, err := p.leaf.Key.Sign(nil, message, crypto.Hash(0))
		require.NoError(t, err)
		return value
	}
}

func TestFurtherAlgorithmsOfXML(t *testing.T) {
	rsaKeys, edKeys := newPKI(t, "rsa", changes{}), newPKI(t, "ed25519", changes{})
	padded := func(message []byte) []byte {
		sum := sha256.Sum256(message)
		value, err := rsa.SignPKCS1v15(nil, rsaKeys.leaf.Key.(*rsa.PrivateKey), crypto.SHA256, sum[:])
		require.NoError(t, err)
		return value
	}
	pss := func(message []byte) []byte {
		sum := sha256.Sum256(message)
		value, err := rsa.SignPSS(rand.Reader, rsaKeys.leaf.Key.(*rsa.PrivateKey), crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		require.NoError(t, err)
		return value
	}
	const more = "http://www.w3.org/2001/04/xmldsig-more#"
	for name, c := range map[string]struct {
		p      pki
		method string
		apply  func([]byte) []byte
		code   string
	}{
		"RSA":                  {rsaKeys, more + "rsa-sha256", padded, ""},
		"RSA-PSS":              {rsaKeys, "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", pss, ""},
		"Ed25519":              {edKeys, "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", ed25519Sign(t, edKeys), ""},
		"SHA-1":                {rsaKeys, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", padded, "signature.weak"},
		"HMAC":                 {rsaKeys, "http://www.w3.org/2000/09/xmldsig#hmac-sha1", padded, "signature.unsupported"},
		"GOST without a suite": {rsaKeys, "urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012-256", padded, "signature.unsupported"},
		"another padding":      {rsaKeys, more + "rsa-sha256", pss, "signature.mismatch"},
		"another kind of key":  {rsaKeys, more + "ecdsa-sha256", padded, "signature.unsupported"},
	} {
		t.Run(name, func(t *testing.T) {
			raw := xmlSigner{identity: c.p.leaf, method: c.method}.sign(t, c.apply)
			verifier := signature.Verifier{Trust: signature.Trust{Roots: []*x509.Certificate{c.p.root.Certificate}, Intermediates: []*x509.Certificate{c.p.middle.Certificate}}, Now: func() time.Time { return noon }}
			verdict := verifier.XML([]byte(raw), signature.XMLOptions{Options: signature.Options{Revocation: signature.RevocationOff}})
			require.Equal(t, c.code, verdict.Code, verdict.Message)
		})
	}
}

// TestXAdESNamesTheCertificateAndTheTime: the properties count only when they are signed.
func TestXAdESNamesTheCertificateAndTheTime(t *testing.T) {
	p := newPKI(t, "ed25519", changes{})
	properties := func(certificate *x509.Certificate) string {
		sum := sha256.Sum256(certificate.Raw)
		return `<SignedProperties xmlns="http://uri.etsi.org/01903/v1.3.2#" Id="props"><SignedSignatureProperties><SigningTime>2026-05-20T11:00:00Z</SigningTime><SigningCertificateV2><Cert><CertDigest>` +
			`<DigestMethod xmlns="http://www.w3.org/2000/09/xmldsig#" Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue xmlns="http://www.w3.org/2000/09/xmldsig#">` +
			base64.StdEncoding.EncodeToString(sum[:]) + `</DigestValue></CertDigest></Cert></SigningCertificateV2></SignedSignatureProperties></SignedProperties>`
	}
	sign := func(text string, covered bool) []byte {
		s := xmlSigner{identity: p.leaf, method: "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", object: "<Object>" + text + "</Object>"}
		if covered {
			sum := sha256.Sum256([]byte(text))
			s.reference = `<Reference URI="#props"><Transforms><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>` +
				base64.StdEncoding.EncodeToString(sum[:]) + `</DigestValue></Reference>`
		}
		return []byte(s.sign(t, ed25519Sign(t, p)))
	}
	judge := func(raw []byte) signature.Signature {
		verifier := signature.Verifier{Trust: signature.Trust{Roots: []*x509.Certificate{p.root.Certificate}, Intermediates: []*x509.Certificate{p.middle.Certificate}}, Now: func() time.Time { return noon }}
		return verifier.XML(raw, signature.XMLOptions{Options: signature.Options{Revocation: signature.RevocationOff}}).Signatures[0]
	}
	good := judge(sign(properties(p.leaf.Certificate), true))
	require.Empty(t, good.Code, good.Message)
	require.Equal(t, time.Date(2026, 5, 20, 11, 0, 0, 0, time.UTC), *good.SigningAt)
	require.Equal(t, []string{"document", "#props SignedProperties"}, good.Covers)
	require.Equal(t, "signer.substituted", judge(sign(properties(p.middle.Certificate), true)).Code)
	unsigned := judge(sign(properties(p.middle.Certificate), false))
	require.Empty(t, unsigned.Code, "what is not signed says nothing")
	require.Nil(t, unsigned.SigningAt)
	altered := bytes.Replace(sign(properties(p.leaf.Certificate), true), []byte("11:00:00"), []byte("10:00:00"), 1)
	require.Equal(t, "digest.mismatch", judge(altered).Code)
}

// TestSignaturesCannotBeWrapped moves what was signed elsewhere and puts something else in its place.
func TestSignaturesCannotBeWrapped(t *testing.T) {
	raw, root := vector(t, "p256-sha256-part-inclusive.xml")
	part := raw[bytes.Index(raw, []byte("<part ")) : bytes.Index(raw, []byte("</part>"))+len("</part>")]
	evil := bytes.Replace(part, []byte("Иванов"), []byte("Петров"), 1)
	for name, wrapped := range map[string][]byte{
		"two with one id":         bytes.Replace(raw, part, append(bytes.Clone(evil), part...), 1),
		"the signed one hidden":   bytes.Replace(raw, part, append(bytes.Replace(evil, []byte(`"part1"`), []byte(`"part2"`), 1), append(append([]byte("<hidden>"), part...), []byte("</hidden>")...)...), 1),
		"another spelling of id":  bytes.Replace(raw, part, append(bytes.Replace(evil, []byte("Id="), []byte("ID="), 1), part...), 1),
		"the reference elsewhere": bytes.Replace(raw, []byte(`URI="#part1"`), []byte(`URI="#root1"`), 1),
		"outside":                 bytes.Replace(raw, []byte(`URI="#part1"`), []byte(`URI="http://127.0.0.1/part"`), 1),
		"no reference":            regexpCut(raw, "<ds:Reference", "</ds:Reference>"),
	} {
		t.Run(name, func(t *testing.T) {
			require.False(t, judgeXML(t, wrapped, false, root).Valid)
			if name != "the signed one hidden" {
				require.False(t, judgeXML(t, wrapped, true, root).Valid)
			}
		})
	}
}

func regexpCut(raw []byte, from, to string) []byte {
	start, end := bytes.Index(raw, []byte(from)), bytes.Index(raw, []byte(to))+len(to)
	return append(bytes.Clone(raw[:start]), raw[end:]...)
}

func TestHostileXMLIsAVerdict(t *testing.T) {
	good, root := vector(t, "p256-sha256-enveloped-exclusive.xml")
	for name, c := range map[string]struct {
		raw  []byte
		code string
	}{
		"empty":           {nil, "xml.unreadable"},
		"no signature":    {[]byte("<a/>"), "xml.no_signatures"},
		"other namespace": {[]byte(`<a><Signature xmlns="urn:other"/></a>`), "xml.no_signatures"},
		"empty signature": {[]byte(`<a><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></a>`), "xml.signature"},
		"too many":        {[]byte("<a>" + strings.Repeat(`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>`, 33) + "</a>"), "xml.unreadable"},
		"entities":        {[]byte(`<!DOCTYPE a [<!ENTITY x "y">]><a/>`), "xml.unreadable"},
		"too large":       {make([]byte, signature.MaxXML+1), "xml.too_large"},
		"XPath":           {bytes.Replace(good, []byte("http://www.w3.org/2000/09/xmldsig#enveloped-signature"), []byte("http://www.w3.org/TR/1999/REC-xpath-19991116"), 1), "xml.unsupported"},
		"many references": {bytes.Replace(good, []byte("<ds:Reference "), []byte(strings.Repeat(`<ds:Reference URI=""/>`, 40)+"<ds:Reference "), 1), "xml.signature"},
		"no key":          {regexpCut(good, "<ds:KeyInfo>", "</ds:KeyInfo>"), "signer.missing"},
		"cut":             {good[:len(good)/2], "xml.unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			require.Equal(t, c.code, judgeXML(t, c.raw, false, root).Code)
			require.Less(t, time.Since(began), 10*time.Second)
		})
	}
}

func FuzzXML(f *testing.F) {
	for _, name := range []string{"p256-sha256-enveloped-exclusive.xml", "rsa-sha256-part-inclusive.xml", "rsa-sha512-enveloped-eleven.xml"} {
		raw, err := os.ReadFile("testdata/xml/" + name)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, partial := range []bool{false, true} {
			verdict := judgeXML(t, raw, partial)
			require.NotEqual(t, "unreadable", verdict.Code, "nothing panics")
			require.False(t, verdict.Valid, "nobody is trusted")
		}
	})
}
