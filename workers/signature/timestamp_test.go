package signature_test

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
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
