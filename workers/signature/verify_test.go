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
	"encoding/base64"
	"encoding/pem"
	"errors"
	"hash"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/signature"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

// TestWhereOpenSSLAnswersOtherwise lists what is judged otherwise than by `openssl cms -verify` 3.0, and why.
func TestWhereOpenSSLAnswersOtherwise(t *testing.T) {
	p256 := kindAndHash{"p256", crypto.SHA256}
	for _, c := range []struct {
		name, why string
		code      string
		openssl   bool
		make      func(t *testing.T) given
	}{
		{"SHA-1", "collisions are made in hours: openssl has no objection at its default level", "signature.weak", true, func(t *testing.T) given {
			g, _ := p256.signed(t, changes{}, func(c *sign.CMS, _ pki) { c.Hash = crypto.SHA1 })
			return g
		}},
		{"certificate put in the place of another", "openssl checks the named certificate with -cades only", "signer.substituted", true, func(t *testing.T) given {
			g, p := p256.signed(t, changes{}, nil)
			again := *p.leaf.Certificate
			template := &x509.Certificate{
				SerialNumber: again.SerialNumber, RawSubject: again.RawSubject, NotBefore: again.NotBefore, NotAfter: again.NotAfter.Add(year), SubjectKeyId: again.SubjectKeyId,
			}
			renewed, err := sign.Certify(template, p.leaf.Key, &p.middle)
			require.NoError(t, err)
			cms := p256.cms(p, content)
			cms.Named, cms.Alone = true, true
			g.signature, err = cms.Sign(p.leaf)
			require.NoError(t, err)
			g.beside = []*x509.Certificate{renewed}
			return g
		}},
		{"list issued later", "openssl wants a list that was current at the time; a later one tells it too, since its entries are dated", "", false, func(t *testing.T) given {
			g, p := p256.signed(t, changes{}, nil)
			g.at, g.check = noon.Add(-48*time.Hour), signature.RevocationSigner
			g.lists = [][]byte{list(t, p.middle, func(l *sign.List) {
				l.Revoked = []x509.RevocationListEntry{{SerialNumber: big.NewInt(4), RevocationTime: noon.Add(-30 * time.Hour)}}
			})}
			return g
		}},
		{"something behind the signature", "openssl reads the first structure and ignores the rest", "cms.unreadable", true, func(t *testing.T) given {
			g, _ := p256.signed(t, changes{}, nil)
			g.signature = append(g.signature, 0)
			return g
		}},
		{"Ed25519", "openssl 3.0 has no EdDSA in CMS", "", false, func(t *testing.T) given {
			g, _ := kindAndHash{"ed25519", 0}.signed(t, changes{}, nil)
			return g
		}},
		{"Ed25519 without attributes", "openssl 3.0 has no EdDSA in CMS", "", false, func(t *testing.T) given {
			g, _ := kindAndHash{"ed25519", 0}.signed(t, changes{}, func(c *sign.CMS, _ pki) { c.NoAttributes = true })
			return g
		}},
		{"Ed25519, content altered", "openssl 3.0 has no EdDSA in CMS", "digest.mismatch", false, func(t *testing.T) given {
			g, _ := kindAndHash{"ed25519", 0}.signed(t, changes{}, nil)
			g.content = append(bytes.Clone(content), '!')
			return g
		}},
		{"Ed25519, signature altered", "openssl 3.0 has no EdDSA in CMS", "signature.mismatch", false, func(t *testing.T) given {
			g, _ := kindAndHash{"ed25519", 0}.signed(t, changes{}, nil)
			g.signature[len(g.signature)-1] ^= 1
			return g
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := c.make(t)
			verdict := g.judge(t)
			require.Equal(t, c.code, verdict.Code, verdict.Message)
			require.Equal(t, c.code == "", verdict.Valid)
			if version, _ := exec.CommandContext(t.Context(), "openssl", "version").Output(); bytes.HasPrefix(version, []byte("OpenSSL 3.0.")) {
				accepted, said := g.openssl(t)
				require.Equal(t, c.openssl, accepted, said)
			}
		})
	}
}

// TestSignaturesOfOpenSSLAreRead has openssl sign in the forms that signing programs write.
func TestSignaturesOfOpenSSLAreRead(t *testing.T) {
	for _, kind := range []string{"rsa", "p256"} {
		p := newPKI(t, kind, changes{})
		folder := t.TempDir()
		put := func(name string, content []byte) string {
			path := filepath.Join(folder, name)
			require.NoError(t, os.WriteFile(path, content, 0o600))
			return path
		}
		private, err := x509.MarshalPKCS8PrivateKey(p.leaf.Key)
		require.NoError(t, err)
		arguments := []string{"cms", "-sign", "-binary", "-in", put("content", content), "-signer", put("leaf.pem", pemOf("CERTIFICATE", p.leaf.Certificate.Raw)),
			"-inkey", put("key.pem", pemOf("PRIVATE KEY", private)), "-certfile", put("middle.pem", pemOf("CERTIFICATE", p.middle.Certificate.Raw))}
		forms := map[string][]string{
			"DER": {"-outform", "DER"}, "PEM": {"-outform", "PEM"}, "streamed BER": {"-outform", "DER", "-stream"},
			"streamed, enclosed": {"-outform", "DER", "-stream", "-nodetach"}, "enclosed": {"-outform", "DER", "-nodetach"},
			"no attributes": {"-outform", "DER", "-noattr"}, "key id": {"-outform", "DER", "-keyid"}, "CAdES": {"-outform", "DER", "-cades"},
			"SHA-512": {"-outform", "DER", "-md", "sha512"},
		}
		if kind == "rsa" {
			forms["PSS"] = []string{"-outform", "DER", "-keyopt", "rsa_padding_mode:pss"}
			forms["PSS, no salt"] = []string{"-outform", "DER", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:0"}
			forms["PSS, SHA-384"] = []string{"-outform", "DER", "-md", "sha384", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:max"}
		}
		for name, more := range forms {
			t.Run(kind+" "+name, func(t *testing.T) {
				made, err := exec.CommandContext(t.Context(), "openssl", append(arguments, more...)...).Output()
				require.NoError(t, err)
				g := given{signature: made, content: content, roots: []*x509.Certificate{p.root.Certificate}, at: noon}
				verdict := g.judge(t)
				require.True(t, verdict.Valid, "%s: %s", verdict.Code, verdict.Message)
				if block, _ := pem.Decode(made); block != nil {
					g.signature = []byte(base64.StdEncoding.EncodeToString(block.Bytes))
					require.True(t, g.judge(t).Valid, "base64 alone")
				}
				g.content = []byte("something else")
				require.False(t, g.judge(t).Valid)
			})
		}
	}
}

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

// authority is a time-stamping authority below the root of p.
func authority(t *testing.T, p *pki, changed change) sign.Identity {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(20), Subject: pkix.Name{CommonName: "Служба времени"}, NotBefore: noon.Add(-year), NotAfter: noon.Add(year),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	}
	if changed != nil {
		changed(template)
	}
	private := key(t, "p256", "authority")
	certificate, err := sign.Certify(template, private, &p.root)
	require.NoError(t, err)
	return sign.Identity{Key: private, Certificate: certificate}
}

func TestATimeStampFixesTheTime(t *testing.T) {
	p := newPKI(t, "p256", changes{})
	ended := p.leaf.Certificate.NotAfter.Add(30 * 24 * time.Hour) // the signer's certificate has expired by now
	stamped := noon.Add(-30 * time.Minute)
	tsa := authority(t, &p, nil)
	token := func(s sign.Stamp, by sign.Identity) func([]byte) ([]byte, error) {
		return func(over []byte) ([]byte, error) {
			if s.At.IsZero() {
				s.At = stamped
			}
			s.Serial = 5
			return s.Sign(by, over)
		}
	}
	signed := func(stamp func([]byte) ([]byte, error)) []byte {
		cms := kindAndHash{"p256", crypto.SHA256}.cms(p, content)
		cms.Timestamp = stamp
		raw, err := cms.Sign(p.leaf)
		require.NoError(t, err)
		return raw
	}
	bareSignature := signed(nil)
	apart := func(over []byte) []byte {
		raw, err := token(sign.Stamp{}, tsa)(over)
		require.NoError(t, err)
		return raw
	}
	response, err := sign.Response(apart(bareSignature))
	require.NoError(t, err)
	judge := func(raw, stamp []byte) signature.Signature {
		verifier := signature.Verifier{Trust: signature.Trust{Roots: []*x509.Certificate{p.root.Certificate}}, Now: func() time.Time { return ended }}
		verdict, err := verifier.CMS(raw, signature.Bytes(content), signature.Options{Revocation: signature.RevocationOff, Timestamp: stamp})
		require.NoError(t, err)
		require.Len(t, verdict.Signatures, 1)
		return verdict.Signatures[0]
	}
	for name, c := range map[string]struct {
		signature, stamp []byte
		code             string
		source           signature.TimeSource
		remark           string
	}{
		"no time stamp":                 {signature: bareSignature, code: "certificate.expired", source: signature.TimeNow},
		"inside":                        {signature: signed(token(sign.Stamp{}, tsa)), source: signature.TimeTimestamp},
		"SHA-512":                       {signature: signed(token(sign.Stamp{Hash: crypto.SHA512}, tsa)), source: signature.TimeTimestamp},
		"apart, over the file":          {signature: bareSignature, stamp: apart(bareSignature), source: signature.TimeTimestamp},
		"apart, in a response":          {signature: bareSignature, stamp: response, source: signature.TimeTimestamp},
		"apart, in PEM":                 {signature: bareSignature, stamp: pemOf("PKCS7", apart(bareSignature)), source: signature.TimeTimestamp},
		"apart, over the content":       {signature: bareSignature, stamp: apart(content), code: "timestamp.mismatch", source: signature.TimeNow},
		"apart, garbage":                {signature: bareSignature, stamp: []byte("garbage"), code: "timestamp.unreadable", source: signature.TimeNow},
		"apart, a signature":            {signature: bareSignature, stamp: bareSignature, code: "timestamp.unreadable", source: signature.TimeNow},
		"inside, over something else":   {signature: signed(func([]byte) ([]byte, error) { return apart([]byte("else")), nil }), code: "certificate.expired", source: signature.TimeNow, remark: "timestamp.mismatch"},
		"inside, by no authority":       {signature: signed(token(sign.Stamp{}, p.leaf)), code: "certificate.expired", source: signature.TimeNow, remark: "timestamp.invalid"},
		"inside, untrusted authority":   {signature: signed(token(sign.Stamp{}, authority(t, &pki{root: p.other}, nil))), code: "certificate.expired", source: signature.TimeNow, remark: "timestamp.invalid"},
		"inside, for more than stamps":  {signature: signed(token(sign.Stamp{}, authority(t, &p, func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageCodeSigning) }))), code: "certificate.expired", source: signature.TimeNow, remark: "timestamp.invalid"},
		"inside, from the future":       {signature: signed(token(sign.Stamp{At: ended.Add(time.Hour)}, tsa)), code: "certificate.expired", source: signature.TimeNow, remark: "timestamp.future"},
		"inside, after the certificate": {signature: signed(token(sign.Stamp{At: ended.Add(-time.Hour)}, authority(t, &p, func(c *x509.Certificate) { c.NotAfter = ended.Add(year) }))), code: "certificate.expired", source: signature.TimeTimestamp},
	} {
		t.Run(name, func(t *testing.T) {
			one := judge(c.signature, c.stamp)
			require.Equal(t, c.code, one.Code, "%s %v", one.Message, one.Remarks)
			require.Equal(t, c.source, one.TimeSource)
			if c.remark != "" {
				require.Len(t, one.Remarks, 1)
				require.Equal(t, c.remark, one.Remarks[0].Code, one.Remarks[0].Message)
			} else {
				require.Empty(t, one.Remarks)
			}
			if c.code == "" {
				require.Equal(t, stamped, one.Timestamp.Time)
				require.Equal(t, stamped, one.CheckedAt)
				require.Equal(t, "CN=Служба времени", one.Timestamp.Authority)
			}
		})
	}
}

// TestATimeStampOfOpenSSLIsRead has openssl answer a request as an authority does.
func TestATimeStampOfOpenSSLIsRead(t *testing.T) {
	// openssl stamps with the clock of this machine, so these certificates are of today.
	var p pki
	p.root.Key = key(t, "rsa", "root")
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var err error
	p.root.Certificate, err = sign.Certify(template, p.root.Key, nil)
	require.NoError(t, err)
	stamps, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	require.NoError(t, err)
	certify := func(serial int64, place string, extensions ...pkix.Extension) sign.Identity {
		private := key(t, "rsa", place)
		certificate, err := sign.Certify(&x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: place}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
			KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: extensions,
		}, private, &p.root)
		require.NoError(t, err)
		return sign.Identity{Key: private, Certificate: certificate}
	}
	tsa := certify(2, "middle", pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: stamps})
	p.leaf = certify(3, "leaf")
	raw, err := sign.CMS{Content: content}.Sign(p.leaf)
	require.NoError(t, err)

	folder := t.TempDir()
	write := func(name string, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	private, err := x509.MarshalPKCS8PrivateKey(tsa.Key)
	require.NoError(t, err)
	write("signature", raw)
	write("key.pem", pemOf("PRIVATE KEY", private))
	write("tsa.pem", pemOf("CERTIFICATE", tsa.Certificate.Raw))
	write("serial", []byte("01\n"))
	write("tsa.cnf", []byte("[tsa]\ndefault_tsa = one\n[one]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = key.pem\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\naccuracy = millisecs:500\nclock_precision_digits = 3\ness_cert_id_alg = sha256\n"))
	for _, arguments := range [][]string{
		{"ts", "-query", "-data", "signature", "-sha256", "-cert", "-out", "query"},
		{"ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply"},
	} {
		command := exec.CommandContext(t.Context(), "openssl", arguments...)
		command.Dir = folder
		said, err := command.CombinedOutput()
		require.NoError(t, err, string(said))
	}
	reply, err := os.ReadFile(filepath.Join(folder, "reply"))
	require.NoError(t, err)
	verifier := signature.Verifier{Trust: signature.Trust{Roots: []*x509.Certificate{p.root.Certificate}}}
	verdict, err := verifier.CMS(raw, signature.Bytes(content), signature.Options{Revocation: signature.RevocationOff, Timestamp: reply})
	require.NoError(t, err)
	require.True(t, verdict.Valid, "%s %s", verdict.Code, verdict.Message)
	require.Equal(t, signature.TimeTimestamp, verdict.Signatures[0].TimeSource)
	require.Equal(t, "1.2.3.4", verdict.Signatures[0].Timestamp.Policy)
	require.WithinDuration(t, time.Now(), verdict.Signatures[0].Timestamp.Time, time.Minute)
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
