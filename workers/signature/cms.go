package signature

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
)

var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}

	oidContentType    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCert    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimeStampToken = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
)

// What one file may hold. A verdict on more would cost a worker much and help nobody.
const (
	mostSigners      = 32
	mostCertificates = 128
	mostAttributes   = 64
)

// signedData is what this package reads of RFC 5652, 5.1.
type signedData struct {
	contentType  asn1.ObjectIdentifier
	content      []byte // nil when the signature is detached
	certificates []*x509.Certificate
	lists        []*x509.RevocationList
	signers      []signerInfo
}

type signerInfo struct {
	issuer     []byte // raw Name; nil when keyID names the certificate
	serial     *big.Int
	keyID      []byte
	digest     pkix.AlgorithmIdentifier
	signed     []byte // the attributes as SET OF, the form that is signed; nil when there are none
	attributes []attribute
	algorithm  pkix.AlgorithmIdentifier
	signature  []byte
	unsigned   []attribute
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type contentInfoASN struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signedDataASN struct {
	Version      int
	Digests      asn1.RawValue // SET OF AlgorithmIdentifier: each signer names its own again
	Content      contentInfoASN
	Certificates asn1.RawValue   `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue   `asn1:"optional,tag:1"`
	Signers      []signerInfoASN `asn1:"set"`
}

type signerInfoASN struct {
	Version   int
	ID        asn1.RawValue // IssuerAndSerialNumber, or [0] SubjectKeyIdentifier
	Digest    pkix.AlgorithmIdentifier
	Signed    asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm pkix.AlgorithmIdentifier
	Signature []byte
	Unsigned  asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

var errNotSigned = errors.New("this is no signature: the CMS content is of another type than signed data")

// parseCMS reads a signature in DER, BER, PEM or base64.
func parseCMS(raw []byte) (*signedData, error) {
	der, err := toDER(bare(raw))
	if err != nil {
		return nil, err
	}
	var outer contentInfoASN
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, errEncoding
	}
	if !outer.Type.Equal(oidSignedData) {
		return nil, errNotSigned
	}
	var parsed signedDataASN
	if rest, err := asn1.Unmarshal(outer.Content.Bytes, &parsed); err != nil || len(rest) > 0 {
		return nil, errEncoding
	}
	data := &signedData{contentType: parsed.Content.Type}
	if len(parsed.Content.Content.FullBytes) > 0 {
		// An OCTET STRING since CMS, any element in PKCS #7: what counts is what is inside (RFC 5652, 5.2.1).
		var inside asn1.RawValue
		if rest, err := asn1.Unmarshal(parsed.Content.Content.Bytes, &inside); err != nil || len(rest) > 0 {
			return nil, errEncoding
		}
		data.content = append([]byte{}, inside.Bytes...)
	}
	if err := data.readCertificates(parsed.Certificates.Bytes); err != nil {
		return nil, err
	}
	if err := data.readLists(parsed.CRLs.Bytes); err != nil {
		return nil, err
	}
	if len(parsed.Signers) > mostSigners {
		return nil, fmt.Errorf("the file has %d signers, more than %d", len(parsed.Signers), mostSigners)
	}
	for _, one := range parsed.Signers {
		signer, err := readSigner(one)
		if err != nil {
			return nil, err
		}
		data.signers = append(data.signers, signer)
	}
	return data, nil
}

// readCertificates reads those of X.509; others (attribute certificates, obsolete forms) help no path. One that can't be
// read is left out, as it may be one that no signer needs.
func (d *signedData) readCertificates(raw []byte) error {
	return each(raw, func(element asn1.RawValue) error {
		if element.Class != asn1.ClassUniversal || element.Tag != asn1.TagSequence {
			return nil
		}
		if len(d.certificates) == mostCertificates {
			return fmt.Errorf("the file has more than %d certificates", mostCertificates)
		}
		if certificate, err := x509.ParseCertificate(element.FullBytes); err == nil {
			d.certificates = append(d.certificates, certificate)
		}
		return nil
	})
}

func (d *signedData) readLists(raw []byte) error {
	return each(raw, func(element asn1.RawValue) error {
		if element.Class != asn1.ClassUniversal || element.Tag != asn1.TagSequence || len(d.lists) == mostCertificates {
			return nil
		}
		if list, err := x509.ParseRevocationList(element.FullBytes); err == nil {
			d.lists = append(d.lists, list)
		}
		return nil
	})
}

// each calls f with the elements that stand one after the other in raw.
func each(raw []byte, f func(asn1.RawValue) error) error {
	for len(raw) > 0 {
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(raw, &element)
		if err != nil {
			return errEncoding
		}
		if err := f(element); err != nil {
			return err
		}
		raw = rest
	}
	return nil
}

func readSigner(parsed signerInfoASN) (signerInfo, error) {
	signer := signerInfo{digest: parsed.Digest, algorithm: parsed.Algorithm, signature: parsed.Signature}
	if parsed.ID.Class == asn1.ClassContextSpecific && parsed.ID.Tag == 0 {
		signer.keyID = parsed.ID.Bytes
	} else {
		var id issuerAndSerial
		if rest, err := asn1.Unmarshal(parsed.ID.FullBytes, &id); err != nil || len(rest) > 0 {
			return signer, errEncoding
		}
		signer.issuer, signer.serial = id.Issuer.FullBytes, id.Serial
	}
	var err error
	if len(parsed.Signed.FullBytes) > 0 {
		// What is signed is the SET OF itself, not the [0] that it travels as (RFC 5652, 5.4).
		signer.signed = append([]byte{}, parsed.Signed.FullBytes...)
		signer.signed[0] = 0x20 | asn1.TagSet
		if signer.attributes, err = readAttributes(parsed.Signed.Bytes); err != nil {
			return signer, err
		}
	}
	signer.unsigned, err = readAttributes(parsed.Unsigned.Bytes)
	return signer, err
}

func readAttributes(raw []byte) ([]attribute, error) {
	var all []attribute
	err := each(raw, func(element asn1.RawValue) error {
		var one attribute
		if rest, err := asn1.Unmarshal(element.FullBytes, &one); err != nil || len(rest) > 0 {
			return errEncoding
		}
		if all = append(all, one); len(all) > mostAttributes {
			return fmt.Errorf("a signer has more than %d attributes", mostAttributes)
		}
		return nil
	})
	return all, err
}

// single returns the value of an attribute that must stand once with one value (RFC 5652, 11). found is false when the
// attribute is not there.
func single(attributes []attribute, oid asn1.ObjectIdentifier) (value asn1.RawValue, found bool, f *failure) {
	for _, one := range attributes {
		if !one.Type.Equal(oid) {
			continue
		}
		if found || len(one.Values) != 1 {
			return value, true, fails("signature.attributes", "the signed attribute "+oid.String()+" stands there more than once")
		}
		value, found = one.Values[0], true
	}
	return value, found, nil
}

// signingTime is when the signer claims to have signed (RFC 5652, 11.3); nil when it does not say.
func (s signerInfo) signingTime() *time.Time {
	value, found, f := single(s.attributes, oidSigningTime)
	if !found || f != nil {
		return nil
	}
	var at time.Time
	if rest, err := asn1.Unmarshal(value.FullBytes, &at); err != nil || len(rest) > 0 {
		return nil
	}
	at = at.UTC()
	return &at
}

// matches reports whether a certificate is the one that the signer names.
func (s signerInfo) matches(certificate *x509.Certificate) bool {
	if s.issuer == nil {
		return len(s.keyID) > 0 && bytes.Equal(certificate.SubjectKeyId, s.keyID)
	}
	return certificate.SerialNumber.Cmp(s.serial) == 0 && bytes.Equal(certificate.RawIssuer, s.issuer)
}
