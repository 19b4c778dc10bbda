// Package sign makes what package signature judges: CMS signatures (RFC 5652) and time stamps (RFC 3161). It serves test data,
// simulators and tests; keys come from its caller.
//
// It imports crypto only. The same input makes the same bytes, except for RSA-PSS, whose salt is random.
package sign

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"time"
)

// Identity is a key with its certificate.
type Identity struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
}

// CMS describes a signature to make. Zero values mean the defaults.
type CMS struct {
	Content      []byte
	Type         asn1.ObjectIdentifier // of the content; default plain data
	Enclosed     bool                  // the signature holds the content
	Hash         crypto.Hash           // default SHA-256; SHA-512 for Ed25519
	PSS          bool                  // RSA-PSS instead of PKCS #1 v1.5
	NoAttributes bool                  // sign the content itself
	At           time.Time             // signing time; zero: none is claimed
	Named        bool                  // name the certificate by digest (RFC 5035), as CAdES-BES asks for
	ByKeyID      bool                  // name the certificate by its key id instead of issuer and serial number
	Certificates []*x509.Certificate   // to travel along; the signer's own is added
	Alone        bool                  // the signer's own certificate does not travel along
	Lists        [][]byte              // revocation lists to travel along, DER
	// Timestamp returns a time stamp token over the signature, to travel along; nil: none.
	Timestamp func(signature []byte) ([]byte, error)
}

var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidDigest        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidToken         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidPSS           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidRSA           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidEd25519       = asn1.ObjectIdentifier{1, 3, 101, 112}
)

var hashes = map[crypto.Hash]struct{ digest, ecdsa asn1.ObjectIdentifier }{
	crypto.SHA1:   {asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}},
	crypto.SHA224: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 1}},
	crypto.SHA256: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}},
	crypto.SHA384: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}},
	crypto.SHA512: {asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}},
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []any `asn1:"set"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signerInfo struct {
	Version   int
	ID        asn1.RawValue
	Digest    pkix.AlgorithmIdentifier
	Signed    asn1.RawValue `asn1:"optional"`
	Algorithm pkix.AlgorithmIdentifier
	Signature []byte
	Unsigned  asn1.RawValue `asn1:"optional"`
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      contentInfo
	Certificates asn1.RawValue `asn1:"optional"`
	Lists        asn1.RawValue `asn1:"optional"`
	Signers      []signerInfo  `asn1:"set"`
}

// Sign makes the signature, in DER, of one signer or several over the same content.
func (c CMS) Sign(signers ...Identity) ([]byte, error) {
	kind := c.Type
	if kind == nil {
		kind = oidData
	}
	data := signedData{Version: 1, Content: contentInfo{Type: kind}}
	if c.ByKeyID || !kind.Equal(oidData) {
		data.Version = 3
	}
	if c.Enclosed {
		octets, err := asn1.Marshal(c.Content)
		if err != nil {
			return nil, err
		}
		data.Content.Content = tagged(0, octets)
	}
	var certificates []byte
	add := func(certificate *x509.Certificate) {
		if !bytes.Contains(certificates, certificate.Raw) {
			certificates = append(certificates, certificate.Raw...)
		}
	}
	for _, signer := range signers {
		info, err := c.signer(signer, kind)
		if err != nil {
			return nil, err
		}
		data.Signers = append(data.Signers, info)
		if !slices.ContainsFunc(data.Digests, func(known pkix.AlgorithmIdentifier) bool { return known.Algorithm.Equal(info.Digest.Algorithm) }) {
			data.Digests = append(data.Digests, info.Digest)
		}
		if !c.Alone {
			add(signer.Certificate)
		}
	}
	for _, certificate := range c.Certificates {
		add(certificate)
	}
	if len(certificates) > 0 {
		data.Certificates = tagged(0, certificates)
	}
	if len(c.Lists) > 0 {
		data.Lists = tagged(1, bytes.Join(c.Lists, nil))
	}
	inside, err := asn1.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("encode the signature: %w", err)
	}
	return asn1.Marshal(contentInfo{Type: oidSignedData, Content: tagged(0, inside)})
}

func tagged(tag int, inside []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: inside}
}

func (c CMS) signer(identity Identity, kind asn1.ObjectIdentifier) (signerInfo, error) {
	hash := c.Hash
	_, isEd25519 := identity.Key.(ed25519.PrivateKey)
	if hash == 0 {
		hash = crypto.SHA256
		if isEd25519 {
			hash = crypto.SHA512 // RFC 8419, 3.1
		}
	}
	names, known := hashes[hash]
	if !known {
		return signerInfo{}, fmt.Errorf("sign with %v: not supported", hash)
	}
	info := signerInfo{Version: 1, Digest: pkix.AlgorithmIdentifier{Algorithm: names.digest}}
	if c.ByKeyID {
		info.Version = 3
		info.ID = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: identity.Certificate.SubjectKeyId}
	} else {
		id, err := asn1.Marshal(struct {
			Issuer asn1.RawValue
			Serial *big.Int
		}{asn1.RawValue{FullBytes: identity.Certificate.RawIssuer}, identity.Certificate.SerialNumber})
		if err != nil {
			return info, err
		}
		info.ID = asn1.RawValue{FullBytes: id}
	}
	message := c.Content
	if !c.NoAttributes {
		set, err := c.attributes(identity.Certificate, kind, hash)
		if err != nil {
			return info, err
		}
		message = set
		info.Signed = asn1.RawValue{FullBytes: append([]byte{0xa0}, set[1:]...)}
	}
	var err error
	if info.Algorithm, info.Signature, err = c.apply(identity.Key, hash, message); err != nil {
		return info, err
	}
	if c.Timestamp != nil {
		token, err := c.Timestamp(info.Signature)
		if err != nil {
			return info, err
		}
		stamp, err := asn1.Marshal(attribute{Type: oidToken, Values: []any{asn1.RawValue{FullBytes: token}}})
		if err != nil {
			return info, err
		}
		info.Unsigned = tagged(1, stamp)
	}
	return info, nil
}

// attributes returns the signed attributes as the SET OF that is signed, in DER order (X.690, 11.6).
func (c CMS) attributes(certificate *x509.Certificate, kind asn1.ObjectIdentifier, hash crypto.Hash) ([]byte, error) {
	digest := hash.New()
	_, _ = digest.Write(c.Content)
	all := []attribute{{oidContentType, []any{kind}}, {oidDigest, []any{digest.Sum(nil)}}}
	if !c.At.IsZero() {
		all = append(all, attribute{oidSigningTime, []any{c.At.UTC()}})
	}
	if c.Named {
		type named struct{ Digest []byte }
		sum := sha256.Sum256(certificate.Raw)
		all = append(all, attribute{oidSigningCertV2, []any{struct{ Certificates []named }{[]named{{sum[:]}}}}})
	}
	var encoded [][]byte
	for _, one := range all {
		raw, err := asn1.Marshal(one)
		if err != nil {
			return nil, fmt.Errorf("encode a signed attribute: %w", err)
		}
		encoded = append(encoded, raw)
	}
	slices.SortFunc(encoded, bytes.Compare)
	return asn1.Marshal(asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: bytes.Join(encoded, nil)})
}

// apply signs a message. ECDSA is deterministic (RFC 6979).
func (c CMS) apply(key crypto.Signer, hash crypto.Hash, message []byte) (algorithm pkix.AlgorithmIdentifier, signature []byte, err error) {
	digest := hash.New()
	_, _ = digest.Write(message)
	sum := digest.Sum(nil)
	switch private := key.(type) {
	case *rsa.PrivateKey:
		if !c.PSS {
			algorithm = pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}
			signature, err = rsa.SignPKCS1v15(nil, private, hash, sum)
			return algorithm, signature, err
		}
		parameters, err := pssParameters(hash)
		if err != nil {
			return algorithm, nil, err
		}
		algorithm = pkix.AlgorithmIdentifier{Algorithm: oidPSS, Parameters: asn1.RawValue{FullBytes: parameters}}
		signature, err = rsa.SignPSS(rand.Reader, private, hash, sum, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		return algorithm, signature, err
	case *ecdsa.PrivateKey:
		algorithm = pkix.AlgorithmIdentifier{Algorithm: hashes[hash].ecdsa}
		signature, err = private.Sign(nil, sum, hash)
		return algorithm, signature, err
	case ed25519.PrivateKey:
		return pkix.AlgorithmIdentifier{Algorithm: oidEd25519}, ed25519.Sign(private, message), nil
	default:
		return algorithm, nil, errors.New("the key is of a kind that signs no CMS here")
	}
}

func pssParameters(hash crypto.Hash) ([]byte, error) {
	digest := pkix.AlgorithmIdentifier{Algorithm: hashes[hash].digest, Parameters: asn1.NullRawValue}
	inner, err := asn1.Marshal(digest)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Hash pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
		MGF  pkix.AlgorithmIdentifier `asn1:"explicit,tag:1"`
		Salt int                      `asn1:"explicit,tag:2"`
	}{digest, pkix.AlgorithmIdentifier{Algorithm: oidMGF1, Parameters: asn1.RawValue{FullBytes: inner}}, hash.Size()})
}

// Stamp describes a time stamp to make.
type Stamp struct {
	At     time.Time
	Serial int64
	Hash   crypto.Hash // default SHA-256
	Policy asn1.ObjectIdentifier
	CMS    CMS // how the authority signs; content and type are set
}

// Sign returns a time stamp token over a message.
func (s Stamp) Sign(authority Identity, message []byte) ([]byte, error) {
	if s.Hash == 0 {
		s.Hash = crypto.SHA256
	}
	if s.Policy == nil {
		s.Policy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1} // of the arc for documentation (RFC 5612)
	}
	digest := s.Hash.New()
	_, _ = digest.Write(message)
	type imprint struct {
		Hash   pkix.AlgorithmIdentifier
		Digest []byte
	}
	info, err := asn1.Marshal(struct {
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint imprint
		Serial  *big.Int
		At      time.Time `asn1:"generalized"`
	}{1, s.Policy, imprint{pkix.AlgorithmIdentifier{Algorithm: hashes[s.Hash].digest, Parameters: asn1.NullRawValue}, digest.Sum(nil)}, big.NewInt(s.Serial), s.At.UTC()})
	if err != nil {
		return nil, fmt.Errorf("encode a time stamp: %w", err)
	}
	cms := s.CMS
	cms.Content, cms.Type, cms.Enclosed, cms.Named = info, oidTSTInfo, true, true
	return cms.Sign(authority)
}

// Response wraps a token as the answer of an authority that granted it (RFC 3161, 2.4.2).
func Response(token []byte) ([]byte, error) {
	return asn1.Marshal(struct {
		Status struct{ Status int }
		Token  asn1.RawValue
	}{Token: asn1.RawValue{FullBytes: token}})
}

// List describes a revocation list to make.
type List struct {
	Number     int64
	ThisUpdate time.Time
	NextUpdate time.Time
	Revoked    []x509.RevocationListEntry
	Extensions []pkix.Extension
}

// Sign returns the list in DER.
func (l List) Sign(issuer Identity) ([]byte, error) {
	return x509.CreateRevocationList(noRandom{}, &x509.RevocationList{
		Number: big.NewInt(l.Number), ThisUpdate: l.ThisUpdate, NextUpdate: l.NextUpdate, RevokedCertificateEntries: l.Revoked, ExtraExtensions: l.Extensions,
	}, issuer.Certificate, deterministic{issuer.Key})
}

// Certify makes a certificate by an issuer; by itself when issuer is nil.
func Certify(template *x509.Certificate, key crypto.Signer, issuer *Identity) (*x509.Certificate, error) {
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.Key
	}
	raw, err := x509.CreateCertificate(noRandom{}, template, parent, key.Public(), deterministic{signer})
	if err != nil {
		return nil, fmt.Errorf("certify %s: %w", template.Subject, err)
	}
	return x509.ParseCertificate(raw)
}

// deterministic signs without randomness: ECDSA by RFC 6979, RSA by PKCS #1 v1.5; RSA-PSS needs a salt and gets one.
type deterministic struct{ crypto.Signer }

// Sign signs as the wrapped key does, with no source of randomness where the scheme allows it.
func (d deterministic) Sign(_ io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	if _, salted := options.(*rsa.PSSOptions); salted {
		return d.Signer.Sign(rand.Reader, digest, options)
	}
	return d.Signer.Sign(nil, digest, options)
}

// noRandom stands where a source of randomness is asked for and not needed.
type noRandom struct{}

func (noRandom) Read([]byte) (int, error) { return 0, errors.New("sign: nothing here is random") }
