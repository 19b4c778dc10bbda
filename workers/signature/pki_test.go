package signature_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/signature"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

// noon is the time that everything here is signed and checked at.
var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

const year = 365 * 24 * time.Hour

// keys are made once per kind and place: making them costs more than everything else here.
var keys struct {
	sync.Mutex
	made map[string]crypto.Signer
}

func key(t testing.TB, kind, place string) crypto.Signer {
	t.Helper()
	keys.Lock()
	defer keys.Unlock()
	if keys.made == nil {
		keys.made = map[string]crypto.Signer{}
	}
	if made := keys.made[kind+place]; made != nil {
		return made
	}
	var made crypto.Signer
	var err error
	switch kind {
	case "rsa":
		made, err = rsa.GenerateKey(rand.Reader, 2048)
	case "p256":
		made, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "p384":
		made, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "p521":
		made, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "ed25519":
		_, made, err = ed25519.GenerateKey(rand.Reader)
	}
	require.NoError(t, err)
	keys.made[kind+place] = made
	return made
}

// pki is a root, an intermediate and a signer below it, with what a case changes about them.
type pki struct {
	root, middle, leaf, other sign.Identity // other is a root that nobody trusts
}

// change alters a template before it is certified.
type change func(*x509.Certificate)

type changes struct{ root, middle, leaf change }

// plainPKIs are those without a change, made once per kind.
var plainPKIs sync.Map

func newPKI(t testing.TB, kind string, c changes) pki {
	t.Helper()
	if kind == "rsapss" {
		kind = "rsa"
	}
	unchanged := c.root == nil && c.middle == nil && c.leaf == nil
	if made, found := plainPKIs.Load(kind); unchanged && found {
		return made.(pki)
	}
	certify := func(place, name string, serial int64, issuer *sign.Identity, changed change, ca bool) sign.Identity {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name, Organization: []string{"Росреестр"}, Country: []string{"RU"}},
			NotBefore: noon.Add(-year), NotAfter: noon.Add(year), BasicConstraintsValid: true,
			KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		}
		if ca {
			template.NotBefore, template.NotAfter = noon.Add(-5*year), noon.Add(5*year)
			template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
		}
		id, err := asn1.Marshal(big.NewInt(serial))
		require.NoError(t, err)
		template.SubjectKeyId = append([]byte("key of "), id...)
		if changed != nil {
			changed(template)
		}
		private := key(t, kind, place)
		certificate, err := sign.Certify(template, private, issuer)
		require.NoError(t, err)
		return sign.Identity{Key: private, Certificate: certificate}
	}
	var p pki
	p.root = certify("root", "Root "+kind, 1, nil, c.root, true)
	p.other = certify("other", "Another root", 2, nil, nil, true)
	p.middle = certify("middle", "Issuing "+kind, 3, &p.root, c.middle, true)
	p.leaf = certify("leaf", "Иванов Иван Иванович", 4, &p.middle, c.leaf, false)
	if unchanged {
		made, _ := plainPKIs.LoadOrStore(kind, p)
		return made.(pki)
	}
	return p
}

// list is a revocation list of an issuer, current at noon unless changed.
func list(t testing.TB, issuer sign.Identity, changed func(*sign.List), serials ...int64) []byte {
	t.Helper()
	l := sign.List{Number: 7, ThisUpdate: noon.Add(-24 * time.Hour), NextUpdate: noon.Add(24 * time.Hour)}
	for _, serial := range serials {
		l.Revoked = append(l.Revoked, x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: noon.Add(-48 * time.Hour), ReasonCode: 1})
	}
	if changed != nil {
		changed(&l)
	}
	raw, err := l.Sign(issuer)
	require.NoError(t, err)
	return raw
}

func parseLists(t testing.TB, raw ...[]byte) []*x509.RevocationList {
	t.Helper()
	var all []*x509.RevocationList
	for _, one := range raw {
		parsed, err := signature.Lists(one)
		require.NoError(t, err)
		all = append(all, parsed...)
	}
	return all
}

func pemOf(kind string, ders ...[]byte) []byte {
	var out []byte
	for _, der := range ders {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
	}
	return out
}
