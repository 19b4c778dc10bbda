package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
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
		{"Ed25519", "openssl 3.0 has no EdDSA in CMS; TestVerdictsOnEd25519AgreeWithOpenSSL asks it piece by piece", "", false, func(t *testing.T) given {
			g, _ := kindAndHash{"ed25519", 0}.signed(t, changes{}, nil)
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
