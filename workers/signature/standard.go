package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// Standard is the suite of Go's standard library: RSA with PKCS #1 v1.5 and PSS (RFC 8017, RFC 4056), ECDSA over the NIST
// curves (RFC 5753), Ed25519 (RFC 8419), each with SHA-2. MD5 and SHA-1 are known, and refused as weak.
type Standard struct{}

var _ Suite = Standard{}

var (
	oidSHA1   = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidMD5    = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}
	oidSHA224 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}
	oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}

	oidRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidPSS     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidEC      = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
)

type digest struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash
	make func() hash.Hash
	name string
}

var digests = []digest{
	{oidSHA256, crypto.SHA256, sha256.New, "SHA256"},
	{oidSHA384, crypto.SHA384, sha512.New384, "SHA384"},
	{oidSHA512, crypto.SHA512, sha512.New, "SHA512"},
	{oidSHA224, crypto.SHA224, sha256.New224, "SHA224"},
}

// signatureAlgorithms says what an algorithm identifier means: the kind of key, and the digest when it names one.
var signatureAlgorithms = []struct {
	oid, key, digest asn1.ObjectIdentifier
}{
	{oid: oidRSA, key: oidRSA}, // the digest stands beside it (RFC 3370, 3.2)
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, oidRSA, oidSHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, oidRSA, oidSHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, oidRSA, oidSHA512},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 14}, oidRSA, oidSHA224},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, oidRSA, oidSHA1},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 4}, oidRSA, oidMD5},
	{oid: oidPSS, key: oidPSS},
	{oid: oidEC, key: oidEC}, // written by some instead of the next ones
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 1}, oidEC, oidSHA224},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, oidEC, oidSHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, oidEC, oidSHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, oidEC, oidSHA512},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}, oidEC, oidSHA1},
	{oid: oidEd25519, key: oidEd25519},
}

func standardDigest(oid asn1.ObjectIdentifier) (digest, bool) {
	for _, d := range digests {
		if d.oid.Equal(oid) {
			return d, true
		}
	}
	return digest{}, false
}

// weak reports whether collisions of a digest can be made, so that it proves nothing.
func weak(oid asn1.ObjectIdentifier) bool { return oid.Equal(oidSHA1) || oid.Equal(oidMD5) }

// Digest returns the SHA-2 that oid names.
func (Standard) Digest(oid asn1.ObjectIdentifier) (func() hash.Hash, string) {
	d, _ := standardDigest(oid)
	return d.make, d.name
}

// Key describes RSA, elliptic-curve and Ed25519 keys.
func (Standard) Key(info []byte) string {
	switch key := publicKey(info).(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "EC " + key.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	default:
		return ""
	}
}

type publicKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Key       asn1.BitString
}

// publicKey reads a SubjectPublicKeyInfo; nil when it is none that the standard library reads. A key that is bound to PSS
// (RFC 4055, 1.2) is read as the RSA key that it is.
func publicKey(info []byte) any {
	if key, err := x509.ParsePKIXPublicKey(info); err == nil {
		return key
	}
	var parsed publicKeyInfo
	if _, err := asn1.Unmarshal(info, &parsed); err != nil || !parsed.Algorithm.Algorithm.Equal(oidPSS) {
		return nil
	}
	key, err := x509.ParsePKCS1PublicKey(parsed.Key.RightAlign())
	if err != nil {
		return nil
	}
	return key
}

// The sizes of RSA keys, in bits: shorter ones can be broken, longer ones only cost time.
const (
	shortestRSA = 1024
	longestRSA  = 16384
)

// Verify checks an RSA, ECDSA or Ed25519 signature.
func (Standard) Verify(s Signed) (string, error) {
	for _, algorithm := range signatureAlgorithms {
		if !algorithm.oid.Equal(s.Algorithm.Algorithm) {
			continue
		}
		hashed := algorithm.digest
		if hashed == nil {
			hashed = s.Hash
		}
		if s.Hash != nil && !hashed.Equal(s.Hash) {
			return "", &Unsupported{"signature.unsupported", "the signature algorithm and the digest algorithm beside it contradict each other"}
		}
		switch {
		case algorithm.key.Equal(oidPSS):
			return verifyPSS(s)
		case algorithm.key.Equal(oidRSA):
			return verifyRSA(s, hashed, nil)
		case algorithm.key.Equal(oidEC):
			return verifyECDSA(s, hashed)
		default:
			return verifyEd25519(s)
		}
	}
	return "", ErrNotMine
}

// hashOf returns the digest to sign with, or why it won't do.
func hashOf(oid asn1.ObjectIdentifier) (digest, error) {
	if weak(oid) {
		return digest{}, &Unsupported{"signature.weak", "the digest algorithm can be forged (MD5 or SHA-1)"}
	}
	d, known := standardDigest(oid)
	if !known {
		return digest{}, &Unsupported{"digest.unsupported", "the digest algorithm " + oid.String() + " is not supported"}
	}
	return d, nil
}

func wrongKey(algorithm string) error {
	return &Unsupported{"signature.unsupported", "the signer's certificate has no key for " + algorithm}
}

func verifyRSA(s Signed, hashed asn1.ObjectIdentifier, pss *rsa.PSSOptions) (string, error) {
	d, err := hashOf(hashed)
	if err != nil {
		return "RSA", err
	}
	name := d.name + "-RSA"
	if pss != nil {
		name += "PSS"
	}
	key, isRSA := publicKey(s.Key).(*rsa.PublicKey)
	if !isRSA {
		return name, wrongKey(name)
	}
	if bits := key.N.BitLen(); bits < shortestRSA || bits > longestRSA {
		return name, &Unsupported{"signature.weak", fmt.Sprintf("an RSA key of %d bits is not accepted", bits)}
	}
	sum, err := s.Message.Sum(hashed)
	if err != nil {
		return name, err
	}
	if pss != nil {
		err = rsa.VerifyPSS(key, d.hash, sum, s.Signature, pss)
	} else {
		err = rsa.VerifyPKCS1v15(key, d.hash, sum, s.Signature)
	}
	if err != nil {
		return name, ErrMismatch
	}
	return name, nil
}

// pssParameters are RSASSA-PSS-params (RFC 8017, A.2.3) with SHA-1, a salt of 20 bytes and trailer 1 as defaults.
type pssParameters struct {
	Hash    pkix.AlgorithmIdentifier `asn1:"explicit,optional,tag:0"`
	MGF     pkix.AlgorithmIdentifier `asn1:"explicit,optional,tag:1"`
	Salt    int                      `asn1:"explicit,optional,tag:2,default:20"`
	Trailer int                      `asn1:"explicit,optional,tag:3,default:1"`
}

func verifyPSS(s Signed) (string, error) {
	unsupported := func(why string) (string, error) {
		return "RSAPSS", &Unsupported{"signature.unsupported", "the parameters of RSA-PSS " + why}
	}
	var parameters pssParameters
	if rest, err := asn1.Unmarshal(s.Algorithm.Parameters.FullBytes, &parameters); err != nil || len(rest) > 0 {
		return unsupported("can't be read")
	}
	hashed := parameters.Hash.Algorithm
	if hashed == nil {
		hashed = oidSHA1
	}
	if s.Hash != nil && !hashed.Equal(s.Hash) {
		return unsupported("name another digest than the signer")
	}
	var masked pkix.AlgorithmIdentifier
	if parameters.MGF.Algorithm == nil {
		masked.Algorithm = oidSHA1
	} else if !parameters.MGF.Algorithm.Equal(oidMGF1) {
		return unsupported("name an unknown mask")
	} else if _, err := asn1.Unmarshal(parameters.MGF.Parameters.FullBytes, &masked); err != nil {
		return unsupported("can't be read")
	}
	if !masked.Algorithm.Equal(hashed) {
		return unsupported("name two digests")
	}
	if parameters.Trailer != 1 || parameters.Salt < 0 || parameters.Salt > 512 {
		return unsupported("are out of range")
	}
	// To the library a length of 0 means any length, so a signature that promises no salt may carry one.
	return verifyRSA(s, hashed, &rsa.PSSOptions{SaltLength: parameters.Salt})
}

func verifyECDSA(s Signed, hashed asn1.ObjectIdentifier) (string, error) {
	d, err := hashOf(hashed)
	if err != nil {
		return "ECDSA", err
	}
	name := d.name + "-ECDSA"
	key, isEC := publicKey(s.Key).(*ecdsa.PublicKey)
	if !isEC {
		return name, wrongKey(name)
	}
	sum, err := s.Message.Sum(hashed)
	if err != nil {
		return name, err
	}
	if !ecdsa.VerifyASN1(key, sum, s.Signature) {
		return name, ErrMismatch
	}
	return name, nil
}

func verifyEd25519(s Signed) (string, error) {
	key, isEd25519 := publicKey(s.Key).(ed25519.PublicKey)
	if !isEd25519 {
		return "Ed25519", wrongKey("Ed25519")
	}
	message, err := s.Message.Whole()
	if errors.Is(err, errTooLong) {
		return "Ed25519", &Unsupported{"signature.unsupported", "Ed25519 directly over so large a content is not checked"}
	}
	if err != nil {
		return "Ed25519", err
	}
	if !ed25519.Verify(key, message, s.Signature) {
		return "Ed25519", ErrMismatch
	}
	return "Ed25519", nil
}
