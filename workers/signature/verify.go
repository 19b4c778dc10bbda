package signature

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // names a certificate in RFC 2634 attributes; proves nothing alone
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"time"
)

// Verifier judges signatures against what it trusts.
type Verifier struct {
	Trust  Trust
	Suites []Suite          // besides Standard
	Now    func() time.Time // default time.Now
}

// Content opens what was signed; it is read once or twice.
type Content func() (io.ReadCloser, error)

// Bytes is a content in memory.
func Bytes(content []byte) Content {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
}

// Revocation says what is looked up in revocation lists.
type Revocation string

// RevocationChain is the default: every certificate below the root must be on a path of lists that say it is not revoked.
const (
	RevocationChain  Revocation = "chain"
	RevocationSigner Revocation = "signer" // the signer's certificate only
	RevocationOff    Revocation = "off"
)

// Options of one verdict. Zero values mean the defaults.
type Options struct {
	At               time.Time // check certificates at this time; zero: at a trusted time stamp, else now
	TrustSigningTime bool      // without a time stamp, check at the time that the signer claims
	Revocation       Revocation
	ExtendedUses     []asn1.ObjectIdentifier // the signer's certificate must allow one of them; empty: any
	Certificates     []*x509.Certificate     // may stand on the path; never trusted for themselves
	Lists            []*x509.RevocationList
	Timestamp        []byte // a time stamp beside the signature: a token or a response of RFC 3161
}

// The largest files, in bytes.
const (
	MaxSignature = 16 << 20
	maxWhole     = 64 << 20 // of a content that Ed25519 signs without attributes
)

// CMS judges a signature file. content is what was signed, nil when the signature holds it. The error is about reading
// content only; whatever is wrong with the signature is in the verdict.
func (v *Verifier) CMS(raw []byte, content Content, options Options) (verdict Verdict, err error) {
	defer verdictOnPanic(&verdict)
	if len(raw) > MaxSignature {
		verdict.problem("cms.too_large", fmt.Sprintf("the signature is larger than %d MiB", MaxSignature>>20))
		return verdict.settle(), nil
	}
	data, err := parseCMS(raw)
	if err != nil {
		verdict.problem("cms.unreadable", "the signature can't be read: "+err.Error())
		return verdict.settle(), nil
	}
	if len(data.signers) == 0 {
		verdict.problem("cms.no_signers", "the file holds certificates or content, but no signature")
	}
	switch {
	case content == nil && data.content == nil:
		verdict.problem("content.missing", "the signature stands apart from its content, which was not given")
	case content == nil:
		content = Bytes(data.content)
	case data.content != nil:
		same, err := equals(content, data.content)
		if err != nil {
			return Verdict{}, err
		}
		if !same {
			verdict.problem("content.differs", "the signature holds another content than the file that was given")
		}
	}
	if len(verdict.Problems) > 0 {
		return verdict.settle(), nil
	}
	job := v.job(options, data)
	job.token, job.file = options.Timestamp, raw
	message, err := job.read(content, data)
	if err != nil {
		return Verdict{}, err
	}
	for _, signer := range data.signers {
		verdict.Signatures = append(verdict.Signatures, job.judge(signer, message))
	}
	if message.broken != nil {
		return Verdict{}, message.broken
	}
	return verdict.settle(), nil
}

// verdictOnPanic turns a crash of a parser into a verdict: the file is to blame.
func verdictOnPanic(verdict *Verdict) {
	if value := recover(); value != nil {
		*verdict = Verdict{}
		verdict.problem("unreadable", "the file can't be judged: reading it went wrong")
		verdict.settle()
	}
}

// job is one verdict under way.
type job struct {
	suites     suites
	options    Options
	trust      Trust
	pool       []*x509.Certificate // what came with the file or the call
	lists      []*x509.RevocationList
	content    asn1.ObjectIdentifier // type of the content
	now        time.Time
	token      []byte // a time stamp beside the signature
	file       []byte // the signature file, which a time stamp may be of
	stamping   bool   // the signature is a time stamp itself
	inspecting bool   // there is a certificate and no signature
}

func (v *Verifier) job(options Options, data *signedData) *job {
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	if options.Revocation == "" {
		options.Revocation = RevocationChain
	}
	j := &job{suites: append(suites{Standard{}}, v.Suites...), options: options, trust: v.Trust, now: now().UTC()}
	if data != nil {
		j.pool, j.lists, j.content = data.certificates, data.lists, data.contentType
	}
	j.pool = append(append([]*x509.Certificate{}, j.pool...), options.Certificates...)
	j.lists = append(append([]*x509.RevocationList{}, j.lists...), options.Lists...)
	return j
}

var errTooLong = errors.New("the content is too long")

// contentMessage holds the digests of a content, taken in one pass.
type contentMessage struct {
	open   Content
	sums   map[string][]byte
	broken error // reading the content failed
}

var _ Message = (*contentMessage)(nil)

// read takes every digest that a signer names.
func (j *job) read(content Content, data *signedData) (*contentMessage, error) {
	var writers []io.Writer
	sums := map[string]func() []byte{}
	for _, signer := range data.signers {
		name := signer.digest.Algorithm.String()
		newHash, _ := j.suites.digest(signer.digest.Algorithm)
		if newHash == nil || sums[name] != nil {
			continue
		}
		hash := newHash()
		writers = append(writers, hash)
		sums[name] = func() []byte { return hash.Sum(nil) }
	}
	message := &contentMessage{open: content, sums: map[string][]byte{}}
	if len(writers) == 0 {
		return message, nil
	}
	reader, err := content()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	if _, err := io.Copy(io.MultiWriter(writers...), reader); err != nil {
		return nil, fmt.Errorf("read the content: %w", err)
	}
	for name, sum := range sums {
		message.sums[name] = sum()
	}
	return message, nil
}

func (m *contentMessage) Sum(algorithm asn1.ObjectIdentifier) ([]byte, error) {
	sum, found := m.sums[algorithm.String()]
	if !found {
		return nil, &Unsupported{"digest.unsupported", "the digest algorithm " + algorithm.String() + " is not supported"}
	}
	return sum, nil
}

func (m *contentMessage) Whole() ([]byte, error) {
	reader, err := m.open()
	if err != nil {
		m.broken = err
		return nil, err
	}
	defer reader.Close()
	whole, err := io.ReadAll(io.LimitReader(reader, maxWhole+1))
	if err != nil {
		m.broken = fmt.Errorf("read the content: %w", err)
		return nil, err
	}
	if len(whole) > maxWhole {
		return nil, errTooLong
	}
	return whole, nil
}

// bytesMessage is a message in memory, e.g. the signed attributes.
type bytesMessage struct {
	bytes  []byte
	suites suites
}

func (m bytesMessage) Whole() ([]byte, error) { return m.bytes, nil }

func (m bytesMessage) Sum(algorithm asn1.ObjectIdentifier) ([]byte, error) {
	newHash, _ := m.suites.digest(algorithm)
	if newHash == nil {
		return nil, &Unsupported{"digest.unsupported", "the digest algorithm " + algorithm.String() + " is not supported"}
	}
	hash := newHash()
	_, _ = hash.Write(m.bytes)
	return hash.Sum(nil), nil
}

// equals reports whether a content is exactly these bytes.
func equals(content Content, want []byte) (bool, error) {
	reader, err := content()
	if err != nil {
		return false, err
	}
	defer reader.Close()
	got, err := io.ReadAll(io.LimitReader(reader, int64(len(want))+1))
	if err != nil {
		return false, fmt.Errorf("read the content: %w", err)
	}
	return bytes.Equal(got, want), nil
}

// judge goes through the checks of one signer.
func (j *job) judge(signer signerInfo, message Message) (out Signature) {
	out.SigningAt = signer.signingTime()
	out.Covers = []string{"content"}
	out.CheckedAt, out.TimeSource = j.time(out)
	certificate := j.find(signer)
	f := j.checkDigest(signer, message)
	switch {
	case f != nil:
		out.fail(CheckDigest, f)
	case signer.signed == nil: // the signature is over the content itself: the next check says it all
		out.skip(CheckDigest)
	default:
		out.pass(CheckDigest)
	}
	if certificate == nil {
		out.fail(CheckSignature, fails("signer.missing", "the signer's certificate is neither in the file nor among those that are known"))
		out.skip(CheckTimestamp, CheckValidity, CheckUsage, CheckChain, CheckRevocation)
		return out
	}
	if f != nil {
		out.skip(CheckSignature, CheckTimestamp)
		j.certificate(&out, certificate)
		return out
	}
	signed := message
	if signer.signed != nil {
		signed = bytesMessage{bytes: signer.signed, suites: j.suites}
	}
	var name string
	name, f = j.suites.verify(Signed{
		Key: certificate.RawSubjectPublicKeyInfo, Algorithm: signer.algorithm, Hash: signer.digest.Algorithm, Message: signed, Signature: signer.signature,
	})
	out.Algorithm = name
	if f == nil {
		f = j.checkNamed(signer, certificate)
	}
	out.note(CheckSignature, f)
	if f != nil || j.stamping {
		out.skip(CheckTimestamp)
	} else {
		j.timestamp(&out, signer)
	}
	j.certificate(&out, certificate)
	return out
}

// find returns the certificate that a signer names.
func (j *job) find(signer signerInfo) *x509.Certificate {
	for _, from := range [][]*x509.Certificate{j.pool, j.trust.Intermediates, j.trust.Roots} {
		for _, certificate := range from {
			if signer.matches(certificate) {
				return certificate
			}
		}
	}
	return nil
}

// checkDigest checks that the content is what the signed attributes say (RFC 5652, 5.4 and 11).
func (j *job) checkDigest(signer signerInfo, message Message) *failure {
	if weak(signer.digest.Algorithm) {
		return fails("signature.weak", "the digest algorithm can be forged (MD5 or SHA-1)")
	}
	newHash, _ := j.suites.digest(signer.digest.Algorithm)
	if newHash == nil {
		return fails("digest.unsupported", "the digest algorithm "+signer.digest.Algorithm.String()+" is not supported")
	}
	if signer.signed == nil {
		if !j.content.Equal(oidData) {
			return fails("signature.attributes", "a content that is not plain data needs signed attributes")
		}
		return nil
	}
	kind, found, f := single(signer.attributes, oidContentType)
	if f != nil {
		return f
	}
	var contentType asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(kind.FullBytes, &contentType); !found || err != nil || !contentType.Equal(j.content) {
		return fails("signature.attributes", "the signed attributes do not name the type of the content")
	}
	value, found, f := single(signer.attributes, oidMessageDigest)
	if f != nil {
		return f
	}
	var want []byte
	if _, err := asn1.Unmarshal(value.FullBytes, &want); !found || err != nil {
		return fails("signature.attributes", "the signed attributes hold no digest of the content")
	}
	sum, err := message.Sum(signer.digest.Algorithm)
	if err != nil {
		return fails("digest.unsupported", err.Error())
	}
	if !bytes.Equal(sum, want) {
		return fails("digest.mismatch", "the content is not the one that was signed")
	}
	return nil
}

// essCertificate is what RFC 2634 and RFC 5035 have the signer sign about its own certificate. The digest algorithm is
// SHA-256 unless it says otherwise; of the older form it is SHA-1.
type essCertificate struct {
	Hash   pkix.AlgorithmIdentifier `asn1:"optional"`
	Digest []byte
	Rest   asn1.RawValue `asn1:"optional"`
}

type essCertificates struct {
	Certificates []essCertificate
	Policies     asn1.RawValue `asn1:"optional"`
}

// checkNamed checks the attribute in which the signer names its certificate by digest: nobody can put another certificate
// for the same key in its place. The attribute need not be there.
func (j *job) checkNamed(signer signerInfo, certificate *x509.Certificate) *failure {
	for _, oid := range []asn1.ObjectIdentifier{oidSigningCertV2, oidSigningCert} {
		value, found, f := single(signer.attributes, oid)
		if f != nil {
			return f
		}
		if !found {
			continue
		}
		var named essCertificates
		if _, err := asn1.Unmarshal(value.FullBytes, &named); err != nil || len(named.Certificates) == 0 {
			return fails("signature.attributes", "the signed attribute that names the signer's certificate can't be read")
		}
		first := named.Certificates[0]
		var sum []byte
		switch {
		case oid.Equal(oidSigningCert):
			short := sha1.Sum(certificate.Raw) //nolint:gosec // RFC 2634, 5.4: this attribute has no other digest
			sum = short[:]
		case first.Hash.Algorithm == nil:
			long := sha256.Sum256(certificate.Raw)
			sum = long[:]
		default:
			newHash, _ := j.suites.digest(first.Hash.Algorithm)
			if newHash == nil {
				return fails("digest.unsupported", "the digest of the signer's certificate is by an algorithm that is not supported")
			}
			hash := newHash()
			_, _ = hash.Write(certificate.Raw)
			sum = hash.Sum(nil)
		}
		if !bytes.Equal(sum, first.Digest) {
			return fails("signer.substituted", "the signer named another certificate than the one in the file")
		}
	}
	return nil
}
