package signature_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/signature"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

// given is what a case hands to both: to us as values, to `openssl cms -verify` as files and arguments.
type given struct {
	signature []byte
	content   []byte // nil: the signature holds it
	roots     []*x509.Certificate
	beside    []*x509.Certificate // known, not trusted: -certfile
	lists     [][]byte
	at        time.Time               // -attime; default noon
	check     signature.Revocation    // off, signer: -crl_check, chain: -crl_check_all; default off
	uses      []asn1.ObjectIdentifier // nil: any; email protection is what -purpose smimesign asks for when there is an extension
}

// scenario makes a case of a kind of key and a digest. code is the first thing that is wrong, empty when nothing is.
type scenario struct {
	name string
	code string
	make func(t *testing.T, c kindAndHash) given
}

type kindAndHash struct {
	kind string // rsa, rsapss, p256, p384, p521
	hash crypto.Hash
}

// cms is a signature with everything in order by the case's algorithm.
func (c kindAndHash) cms(p pki, content []byte) sign.CMS {
	return sign.CMS{
		Content: content, Hash: c.hash, PSS: c.kind == "rsapss", At: noon.Add(-time.Hour), Certificates: []*x509.Certificate{p.middle.Certificate},
	}
}

var content = []byte("Прошу зарегистрировать переход права собственности.\r\n")

// signed is a case with a changed certificate or signature.
func (c kindAndHash) signed(t *testing.T, changed changes, edit func(*sign.CMS, pki)) (given, pki) {
	t.Helper()
	p := newPKI(t, c.kind, changed)
	cms := c.cms(p, content)
	if edit != nil {
		edit(&cms, p)
	}
	raw, err := cms.Sign(p.leaf)
	require.NoError(t, err)
	g := given{signature: raw, content: content, roots: []*x509.Certificate{p.root.Certificate}}
	if cms.Enclosed {
		g.content = nil
	}
	return g, p
}

func plain(changed changes, edit func(*sign.CMS, pki), then func(*testing.T, *given, pki)) func(*testing.T, kindAndHash) given {
	return func(t *testing.T, c kindAndHash) given {
		g, p := c.signed(t, changed, edit)
		if then != nil {
			then(t, &g, p)
		}
		return g
	}
}

// flip changes one bit at the place of a part of the signature.
func flip(t *testing.T, raw, part []byte, offset int) []byte {
	t.Helper()
	at := bytes.LastIndex(raw, part)
	require.GreaterOrEqual(t, at, 0)
	changed := bytes.Clone(raw)
	changed[at+offset] ^= 1
	return changed
}

func uses(oids ...asn1.ObjectIdentifier) change {
	return func(c *x509.Certificate) { c.UnknownExtKeyUsage = oids }
}

var (
	emailProtection = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 4}
	serverAuth      = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
)

var scenarios = []scenario{
	{"valid", "", plain(changes{}, nil, nil)},
	{"valid, named certificate", "", plain(changes{}, func(c *sign.CMS, _ pki) { c.Named = true }, nil)},
	{"valid, by key id", "", plain(changes{}, func(c *sign.CMS, _ pki) { c.ByKeyID = true }, nil)},
	{"valid, enclosed content", "", plain(changes{}, func(c *sign.CMS, _ pki) { c.Enclosed = true }, nil)},
	{"valid, without attributes", "", plain(changes{}, func(c *sign.CMS, _ pki) { c.NoAttributes = true }, nil)},
	{"valid, certificate beside", "", plain(changes{}, func(c *sign.CMS, _ pki) { c.Alone = true }, func(_ *testing.T, g *given, p pki) {
		g.beside = []*x509.Certificate{p.leaf.Certificate}
	})},
	{"valid, no key usage said", "", plain(changes{leaf: func(c *x509.Certificate) { c.KeyUsage = 0 }}, nil, nil)},
	{"valid, in its first second", "", plain(changes{leaf: func(c *x509.Certificate) { c.NotBefore = noon }}, nil, nil)},
	{"valid, not revoked", "", plain(changes{}, nil, func(t *testing.T, g *given, p pki) {
		g.check, g.lists = signature.RevocationChain, [][]byte{list(t, p.middle, nil, 99), list(t, p.root, nil)}
	})},
	{"valid, lists travel along", "", func(t *testing.T, c kindAndHash) given {
		g, _ := c.signed(t, changes{}, func(cms *sign.CMS, p pki) { cms.Lists = [][]byte{list(t, p.middle, nil), list(t, p.root, nil)} })
		g.check = signature.RevocationChain
		return g
	}},
	{"valid, for mail", "", plain(changes{leaf: uses(emailProtection)}, nil, func(_ *testing.T, g *given, _ pki) {
		g.uses = []asn1.ObjectIdentifier{emailProtection}
	})},

	{"content altered", "digest.mismatch", plain(changes{}, nil, func(_ *testing.T, g *given, _ pki) {
		g.content = bytes.Replace(content, []byte("Прошу"), []byte("Прощу"), 1)
	})},
	{"content altered, without attributes", "signature.mismatch", plain(changes{}, func(c *sign.CMS, _ pki) { c.NoAttributes = true }, func(_ *testing.T, g *given, _ pki) {
		g.content = append(bytes.Clone(content), ' ')
	})},
	{"content empty", "digest.mismatch", plain(changes{}, nil, func(_ *testing.T, g *given, _ pki) { g.content = []byte{} })},
	{"enclosed content altered", "digest.mismatch", plain(changes{}, func(c *sign.CMS, _ pki) { c.Enclosed = true }, func(t *testing.T, g *given, _ pki) {
		g.signature = flip(t, g.signature, []byte("Прошу"), 1)
	})},
	{"enclosed content is not the given one", "content.differs", plain(changes{}, func(c *sign.CMS, _ pki) { c.Enclosed = true }, func(_ *testing.T, g *given, _ pki) {
		g.content = []byte("another")
	})},
	{"signing time altered", "signature.mismatch", plain(changes{}, nil, func(t *testing.T, g *given, _ pki) {
		g.signature = flip(t, g.signature, []byte(noon.Add(-time.Hour).Format("060102150405Z")), 11)
	})},
	{"signature altered", "signature.mismatch", func(t *testing.T, c kindAndHash) given {
		g, _ := c.signed(t, changes{}, nil)
		g.signature[len(g.signature)-1] ^= 1
		return g
	}},
	{"made with another key", "signature.mismatch", func(t *testing.T, c kindAndHash) given {
		g, p := c.signed(t, changes{}, nil)
		forged, err := c.cms(p, content).Sign(sign.Identity{Key: p.other.Key, Certificate: p.leaf.Certificate})
		require.NoError(t, err)
		g.signature = forged
		return g
	}},
	{"one of two signers forged", "signature.mismatch", func(t *testing.T, c kindAndHash) given {
		g, p := c.signed(t, changes{}, nil)
		both, err := c.cms(p, content).Sign(p.leaf, sign.Identity{Key: p.other.Key, Certificate: p.leaf.Certificate})
		require.NoError(t, err)
		g.signature = both
		return g
	}},
	{"certificate missing", "signer.missing", plain(changes{}, func(c *sign.CMS, _ pki) { c.Alone = true }, nil)},

	{"expired", "certificate.expired", plain(changes{}, nil, func(_ *testing.T, g *given, p pki) { g.at = p.leaf.Certificate.NotAfter.Add(time.Second) })},
	{"not valid yet", "certificate.not_yet_valid", plain(changes{leaf: func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Hour) }}, nil, nil)},
	{"issuer expired", "chain.expired", plain(changes{middle: func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) }}, nil, nil)},
	{"root expired", "chain.expired", plain(changes{root: func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) }}, nil, nil)},
	{"untrusted", "chain.incomplete", plain(changes{}, nil, func(_ *testing.T, g *given, p pki) { g.roots = []*x509.Certificate{p.other.Certificate} })},
	{"untrusted, root travels along", "chain.untrusted", plain(changes{}, func(c *sign.CMS, p pki) { c.Certificates = append(c.Certificates, p.root.Certificate) },
		func(_ *testing.T, g *given, p pki) { g.roots = []*x509.Certificate{p.other.Certificate} })},
	{"missing intermediate", "chain.incomplete", plain(changes{}, func(c *sign.CMS, _ pki) { c.Certificates = nil }, nil)},
	{"issuer is no authority", "chain.not_ca", plain(changes{middle: func(c *x509.Certificate) { c.IsCA = false }}, nil, nil)},
	{"issuer may not certify", "chain.not_ca", plain(changes{middle: func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }}, nil, nil)},
	{"path too long", "chain.path_length", plain(changes{root: func(c *x509.Certificate) { c.MaxPathLenZero = true }}, nil, nil)},
	{"condition not understood", "chain.extension", plain(changes{middle: func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 9}, Critical: true, Value: []byte{5, 0}}}
	}}, nil, nil)},
	{"issuer's name used by another", "chain.forged", func(t *testing.T, c kindAndHash) given {
		g, p := c.signed(t, changes{}, nil)
		impostor := newPKI(t, c.kind, changes{})
		forged := *impostor.middle.Certificate
		template := &x509.Certificate{
			SerialNumber: forged.SerialNumber, RawSubject: forged.RawSubject, SubjectKeyId: forged.SubjectKeyId, NotBefore: forged.NotBefore, NotAfter: forged.NotAfter,
			IsCA: true, BasicConstraintsValid: true, KeyUsage: forged.KeyUsage,
		}
		other, err := sign.Certify(template, p.other.Key, &p.root)
		require.NoError(t, err)
		cms := c.cms(p, content)
		cms.Certificates = []*x509.Certificate{other}
		g.signature, err = cms.Sign(p.leaf)
		require.NoError(t, err)
		return g
	}},
	{"wrong key usage", "usage.key", plain(changes{leaf: func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment }}, nil, nil)},
	{"wrong extended usage", "usage.extended", plain(changes{leaf: uses(serverAuth)}, nil, func(_ *testing.T, g *given, _ pki) {
		g.uses = []asn1.ObjectIdentifier{emailProtection}
	})},

	{"revoked", "revocation.revoked", plain(changes{}, nil, func(t *testing.T, g *given, p pki) {
		g.check, g.lists = signature.RevocationSigner, [][]byte{list(t, p.middle, nil, 4)}
	})},
	{"issuer revoked", "revocation.revoked", plain(changes{}, nil, func(t *testing.T, g *given, p pki) {
		g.check, g.lists = signature.RevocationChain, [][]byte{list(t, p.middle, nil), list(t, p.root, nil, 3)}
	})},
	{"issuer revoked, nobody asks", "", plain(changes{}, nil, func(t *testing.T, g *given, p pki) {
		g.check, g.lists = signature.RevocationSigner, [][]byte{list(t, p.middle, nil), list(t, p.root, nil, 3)}
	})},
	{"on hold", "revocation.revoked", plain(changes{}, nil, func(t *testing.T, g *given, p pki) {
		g.check, g.lists = signature.RevocationSigner, [][]byte{list(t, p.middle, func(l *sign.List) { l.Revoked[0].ReasonCode = 6 }, 4)}
	})},
	{"no list", "revocation.unknown", plain(changes{}, nil, func(_ *testing.T, g *given, _ pki) { g.check = signature.RevocationSigner })},
	{"list of another issuer", "revocation.unknown", plain(changes{}, nil, func(t *testing.T, g *given, p pki) {
		g.check, g.lists = signature.RevocationSigner, [][]byte{list(t, p.root, nil)}
	})},
	{"list forged", "revocation.unknown", func(t *testing.T, c kindAndHash) given {
		g, p := c.signed(t, changes{}, nil)
		g.check, g.lists = signature.RevocationSigner, [][]byte{list(t, sign.Identity{Key: p.middle.Key, Certificate: p.middle.Certificate}, nil)}
		g.lists[0][len(g.lists[0])-1] ^= 1
		return g
	}},
	{"list out of date", "revocation.stale", plain(changes{}, nil, func(t *testing.T, g *given, p pki) {
		g.check, g.lists = signature.RevocationSigner, [][]byte{list(t, p.middle, func(l *sign.List) { l.ThisUpdate, l.NextUpdate = noon.Add(-72*time.Hour), noon.Add(-time.Hour) })}
	})},
	{"list with a condition", "revocation.unknown", plain(changes{}, nil, func(t *testing.T, g *given, p pki) {
		g.check, g.lists = signature.RevocationSigner, [][]byte{list(t, p.middle, func(l *sign.List) {
			l.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 9}, Critical: true, Value: []byte{5, 0}}}
		})}
	})},
	{"truncated", "cms.unreadable", plain(changes{}, nil, func(_ *testing.T, g *given, _ pki) { g.signature = g.signature[:len(g.signature)*2/3] })},
	{"not a signature", "cms.unreadable", plain(changes{}, nil, func(_ *testing.T, g *given, p pki) { g.signature = p.leaf.Certificate.Raw })},
}

// openssl runs `openssl cms -verify` with what a case needs and returns whether it is content, and its words.
func (g given) openssl(t *testing.T) (bool, string) {
	t.Helper()
	folder := t.TempDir()
	put := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	raws := func(certificates []*x509.Certificate) [][]byte {
		var all [][]byte
		for _, one := range certificates {
			all = append(all, one.Raw)
		}
		return all
	}
	trusted := append(pemOf("CERTIFICATE", raws(g.roots)...), pemOf("X509 CRL", g.lists...)...)
	at := g.at
	if at.IsZero() {
		at = noon
	}
	arguments := []string{
		"cms", "-verify", "-binary", "-inform", "DER", "-in", put("signature", g.signature), "-out", filepath.Join(folder, "out"),
		"-CAfile", put("trusted.pem", trusted), "-no-CApath", "-no-CAstore", "-attime", strconv.FormatInt(at.Unix(), 10), "-purpose", "smimesign",
	}
	if g.content != nil {
		arguments = append(arguments, "-content", put("content", g.content))
	}
	if len(g.beside) > 0 {
		arguments = append(arguments, "-certfile", put("beside.pem", pemOf("CERTIFICATE", raws(g.beside)...)))
	}
	switch g.check {
	case signature.RevocationSigner:
		arguments = append(arguments, "-crl_check")
	case signature.RevocationChain:
		arguments = append(arguments, "-crl_check", "-crl_check_all")
	}
	said, err := exec.CommandContext(t.Context(), "openssl", arguments...).CombinedOutput()
	if err != nil {
		require.IsType(t, &exec.ExitError{}, err)
	}
	return err == nil, strings.TrimSpace(string(said))
}

func (g given) judge(t *testing.T) signature.Verdict {
	t.Helper()
	verifier := signature.Verifier{Trust: signature.Trust{Roots: g.roots}, Now: func() time.Time { return noon }}
	options := signature.Options{At: g.at, Revocation: g.check, ExtendedUses: g.uses, Certificates: g.beside}
	if g.check == "" {
		options.Revocation = signature.RevocationOff
	}
	for _, raw := range g.lists {
		parsed, err := signature.Lists(raw)
		require.NoError(t, err)
		options.Lists = append(options.Lists, parsed...)
	}
	var of signature.Content
	if g.content != nil {
		of = signature.Bytes(g.content)
	}
	verdict, err := verifier.CMS(g.signature, of, options)
	require.NoError(t, err)
	return verdict
}

// TestVerdictsAgreeWithOpenSSL makes more than 500 signatures and asks `openssl cms -verify` about each (arguments: given.openssl).
// What openssl answers otherwise is in TestWhereOpenSSLAnswersOtherwise; Ed25519, which openssl 3.0 can't do in CMS, in
// TestVerdictsOnEd25519AgreeWithOpenSSL.
func TestVerdictsAgreeWithOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Fatal("openssl is missing: run make setup")
	}
	cases := 0
	all := []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512}
	for kind, hashes := range map[string][]crypto.Hash{
		"rsa": all, "rsapss": all, "p256": all, "p384": {crypto.SHA384}, "p521": {crypto.SHA512},
	} {
		for _, hash := range hashes {
			for _, s := range scenarios {
				cases++
				t.Run(fmt.Sprintf("%s %s %s", kind, hash, s.name), func(t *testing.T) {
					t.Parallel()
					g := s.make(t, kindAndHash{kind, hash})
					verdict := g.judge(t)
					accepted, said := g.openssl(t)
					require.Equal(t, accepted, verdict.Valid, "openssl: %s\nhere: %s %s", said, verdict.Code, verdict.Message)
					require.Equal(t, s.code, verdict.Code, "%s\nopenssl: %s", verdict.Message, said)
				})
			}
		}
	}
	require.GreaterOrEqual(t, cases, 500)
}
