package paper

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

const year = 365 * 24 * time.Hour

// pki is a root, an issuing authority below it, and signers.
type pki struct {
	root, issuing, other               sign.Identity // other is a root that nobody trusts
	signer, expired, revoked, stranger sign.Identity // stranger is certified by other
	lists                              [][]byte      // of root and issuing
}

// key draws a private key for a place in the hierarchy.
func (m *Maker) key(place string) (crypto.Signer, error) {
	for i := 0; ; i++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "key %d %s %d", m.seed, place, i))
		if place == "stranger" {
			return ed25519.NewKeyFromSeed(sum[:]), nil
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), sum[:]); err == nil {
			return key, nil
		} else if i > 10 {
			return nil, fmt.Errorf("draw a key for %s: %w", place, err)
		}
	}
}

func (m *Maker) makePKI() (*pki, error) {
	p := &pki{}
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, one := range []struct {
		into   *sign.Identity
		place  string
		name   string
		issuer *sign.Identity
		from   time.Time
		to     time.Time
		ca     bool
	}{
		{&p.root, "root", "Demo Root", nil, base.Add(-2 * year), base.Add(20 * year), true},
		{&p.other, "other", "Another Root", nil, base.Add(-2 * year), base.Add(20 * year), true},
		{&p.issuing, "issuing", "Demo Issuing Authority", &p.root, base.Add(-2 * year), base.Add(15 * year), true},
		{&p.signer, "signer", "Кузнецов Олег", &p.issuing, base.Add(-year), base.Add(14 * year), false},
		{&p.expired, "expired", "Морозов Лев", &p.issuing, base.Add(-2 * year), base.Add(-year), false},
		{&p.revoked, "revoked", "Волков Юрий", &p.issuing, base.Add(-year), base.Add(14 * year), false},
		{&p.stranger, "stranger", "Лебедев Борис", &p.other, base.Add(-year), base.Add(14 * year), false},
	} {
		key, err := m.key(one.place)
		if err != nil {
			return nil, err
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: one.name, Organization: []string{"Demo Registry"}, Country: []string{"RU"}},
			NotBefore: one.from, NotAfter: one.to, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		}
		if one.ca {
			template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
		}
		certificate, err := sign.Certify(template, key, one.issuer)
		if err != nil {
			return nil, err
		}
		*one.into = sign.Identity{Key: key, Certificate: certificate}
	}
	for i, issuer := range []sign.Identity{p.root, p.issuing} {
		list := sign.List{Number: 1, ThisUpdate: base.Add(14 * 24 * time.Hour), NextUpdate: base.Add(14 * year)}
		if i == 1 {
			list.Revoked = []x509.RevocationListEntry{{SerialNumber: p.revoked.Certificate.SerialNumber, RevocationTime: base.Add(24 * time.Hour), ReasonCode: 1}}
		}
		raw, err := list.Sign(issuer)
		if err != nil {
			return nil, fmt.Errorf("sign a revocation list: %w", err)
		}
		p.lists = append(p.lists, raw)
	}
	return p, nil
}

// Trust are the files of a trust store, named by their path in it.
func (m *Maker) Trust() ([]File, error) {
	p, err := m.pki()
	if err != nil {
		return nil, err
	}
	file := func(name, kind string, der []byte) File {
		return File{name, "application/x-pem-file", pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})}
	}
	return []File{
		file("roots/root.pem", "CERTIFICATE", p.root.Certificate.Raw), file("intermediates/issuing.pem", "CERTIFICATE", p.issuing.Certificate.Raw),
		file("crls/root.pem", "X509 CRL", p.lists[0]), file("crls/issuing.pem", "X509 CRL", p.lists[1]),
	}, nil
}

// Certificates are those of the signers, named after what is wrong with them.
func (m *Maker) Certificates() ([]File, error) {
	p, err := m.pki()
	if err != nil {
		return nil, err
	}
	var files []File
	for _, one := range []struct {
		name     string
		identity sign.Identity
	}{{"signer", p.signer}, {"expired", p.expired}, {"revoked", p.revoked}, {"untrusted", p.stranger}, {"issuing", p.issuing}, {"root", p.root}} {
		files = append(files, File{one.name + ".pem", "application/x-pem-file", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: one.identity.Certificate.Raw})})
	}
	return files, nil
}
