package signature

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"hash"
)

// Suite is a family of digests and signatures. The standard one is always there; others are added to a Verifier, e.g. GOST
// R 34.10-2012 with GOST R 34.11-2012 out of a certified cryptographic provider (RFC 7836, RFC 9215).
type Suite interface {
	// Digest returns the hash that an algorithm identifier names, with a name for people; nil when it is none of this suite.
	Digest(algorithm asn1.ObjectIdentifier) (newHash func() hash.Hash, name string)
	// Verify checks one signature. It returns the algorithm's name for people, and ErrNotMine when key or algorithm are none
	// of this suite, ErrMismatch when the signature is another's, or an *Unsupported that says why it won't judge.
	Verify(s Signed) (name string, err error)
	// Key describes a public key for people, e.g. "RSA 2048"; empty when it is none of this suite.
	Key(info []byte) string
}

// Signed is one signature to be checked.
type Signed struct {
	Key       []byte                   // SubjectPublicKeyInfo, DER
	Algorithm pkix.AlgorithmIdentifier // of the signature
	Hash      asn1.ObjectIdentifier    // digest algorithm that stands beside it; nil when Algorithm alone says it all
	Message   Message
	Signature []byte
}

// Message is what was signed.
type Message interface {
	// Sum returns the digest by an algorithm of any suite.
	Sum(algorithm asn1.ObjectIdentifier) ([]byte, error)
	// Whole returns everything, for algorithms that sign more than a digest.
	Whole() ([]byte, error)
}

// Why a suite does not confirm a signature.
var (
	ErrNotMine  = errors.New("the algorithm is none of this suite")
	ErrMismatch = errors.New("the signature does not match")
)

// Unsupported says why a signature is not judged: its algorithm is too weak, or its parameters make no sense.
type Unsupported struct {
	Code    string // signature.weak or signature.unsupported
	Message string
}

func (u *Unsupported) Error() string { return u.Message }

// suites asks one after the other.
type suites []Suite

func (all suites) digest(algorithm asn1.ObjectIdentifier) (func() hash.Hash, string) {
	for _, suite := range all {
		if made, name := suite.Digest(algorithm); made != nil {
			return made, name
		}
	}
	return nil, ""
}

func (all suites) verify(s Signed) (name string, f *failure) {
	for _, suite := range all {
		name, err := suite.Verify(s)
		var unsupported *Unsupported
		switch {
		case err == nil:
			return name, nil
		case errors.Is(err, ErrNotMine):
		case errors.As(err, &unsupported):
			return name, fails(unsupported.Code, unsupported.Message)
		default:
			return name, fails("signature.mismatch", "the signature was not made with the signer's key over this content")
		}
	}
	return s.Algorithm.Algorithm.String(), fails("signature.unsupported", "the signature algorithm "+s.Algorithm.Algorithm.String()+" is not supported with this key")
}

func (all suites) key(info []byte) string {
	for _, suite := range all {
		if name := suite.Key(info); name != "" {
			return name
		}
	}
	return "unknown"
}
