package signature

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"
)

// certificate lists the checks of the signer's certificate: validity, usage, path, revocation.
func (j *job) certificate(out *Signature, certificate *x509.Certificate) {
	described := j.suites.describe(certificate)
	out.Signer = &described
	out.CheckedAt, out.TimeSource = j.time(*out)
	out.note(CheckValidity, valid(certificate, out.CheckedAt))
	if j.inspecting && described.CA {
		out.skip(CheckUsage) // an authority signs certificates, not documents
	} else {
		out.note(CheckUsage, j.checkUsage(certificate))
	}
	// A path is looked for even when the certificate has expired: whether it led anywhere while it was valid is worth knowing.
	at := clamp(out.CheckedAt, certificate)
	paths, f := j.paths(certificate, at)
	out.note(CheckChain, f)
	if f != nil {
		out.skip(CheckRevocation)
		return
	}
	path := paths[0]
	if j.options.Revocation == RevocationOff {
		out.skip(CheckRevocation)
	} else {
		var revokedAt *time.Time
		for i, candidate := range paths {
			var found *failure
			if found, revokedAt = j.checkRevocation(candidate, out.CheckedAt); i == 0 || found == nil {
				f, path = found, candidate
			}
			if found == nil {
				break
			}
		}
		out.note(CheckRevocation, f)
		out.RevokedAt = revokedAt
	}
	for _, issuer := range path[1:] {
		out.Chain = append(out.Chain, j.suites.describe(issuer))
	}
}

// time returns what certificates are checked at when no time stamp says it.
func (j *job) time(out Signature) (time.Time, TimeSource) {
	switch {
	case !j.options.At.IsZero():
		return j.options.At.UTC(), TimeGiven
	case out.Timestamp != nil:
		return out.Timestamp.Time, TimeTimestamp
	case j.options.TrustSigningTime && out.SigningAt != nil:
		return *out.SigningAt, TimeClaimed
	default:
		return j.now, TimeNow
	}
}

func valid(certificate *x509.Certificate, at time.Time) *failure {
	switch {
	case at.After(certificate.NotAfter):
		return fails("certificate.expired", "the signer's certificate expired at "+certificate.NotAfter.UTC().Format(time.RFC3339))
	case at.Before(certificate.NotBefore):
		return fails("certificate.not_yet_valid", "the signer's certificate is valid from "+certificate.NotBefore.UTC().Format(time.RFC3339)+" on")
	default:
		return nil
	}
}

func clamp(at time.Time, certificate *x509.Certificate) time.Time {
	switch {
	case at.After(certificate.NotAfter):
		return certificate.NotAfter
	case at.Before(certificate.NotBefore):
		return certificate.NotBefore
	default:
		return at
	}
}

var oidTimeStamping = extendedUses["time_stamping"]

// checkUsage checks that the key may sign documents (RFC 5280, 4.2.1.3), or time stamps (RFC 3161, 2.3).
func (j *job) checkUsage(certificate *x509.Certificate) *failure {
	if _, restricted := extension(certificate.Extensions, oidKeyUsage); restricted &&
		certificate.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return fails("usage.key", "the certificate does not allow its key to sign documents")
	}
	allowed := uses(certificate)
	if j.stamping {
		if len(allowed) != 1 || !allowed[0].Equal(oidTimeStamping) {
			return fails("usage.extended", "the certificate is not one of a time-stamping authority")
		}
		return nil
	}
	if len(j.options.ExtendedUses) == 0 || len(allowed) == 0 {
		return nil
	}
	for _, oid := range append([]asn1.ObjectIdentifier{extendedUses["any"]}, j.options.ExtendedUses...) {
		if slices.ContainsFunc(allowed, oid.Equal) {
			return nil
		}
	}
	return fails("usage.extended", "the certificate is issued for other uses than the one that is asked for")
}

// roots are the trust anchors of what is judged.
func (j *job) roots() []*x509.Certificate {
	if j.stamping && len(j.trust.Authorities) > 0 {
		return j.trust.Authorities
	}
	return j.trust.Roots
}

// paths returns the ways from a certificate to a trusted root, each beginning with the certificate.
func (j *job) paths(certificate *x509.Certificate, at time.Time) ([][]*x509.Certificate, *failure) {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, root := range j.roots() {
		roots.AddCert(root)
	}
	for _, one := range append(slices.Clone(j.pool), j.trust.Intermediates...) {
		intermediates.AddCert(one)
	}
	paths, err := certificate.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err == nil {
		return paths, nil
	}
	if len(j.suites) > 1 {
		search := pathSearch{job: j, at: at, left: mostSteps}
		if path := search.from([]*x509.Certificate{certificate}); path != nil {
			return [][]*x509.Certificate{path}, nil
		}
	}
	return nil, j.explain(certificate, at, err)
}

// issuers returns the certificates that a certificate may have been issued by, trusted ones first.
func (j *job) issuers(of *x509.Certificate) []*x509.Certificate {
	var all []*x509.Certificate
	for _, from := range [][]*x509.Certificate{j.roots(), j.trust.Intermediates, j.pool} {
		for _, one := range from {
			if bytes.Equal(one.RawSubject, of.RawIssuer) && !slices.ContainsFunc(all, one.Equal) &&
				(len(of.AuthorityKeyId) == 0 || len(one.SubjectKeyId) == 0 || bytes.Equal(of.AuthorityKeyId, one.SubjectKeyId)) {
				all = append(all, one)
			}
		}
	}
	return all
}

func (j *job) trusted(certificate *x509.Certificate) bool {
	return slices.ContainsFunc(j.roots(), certificate.Equal)
}

// longestPath bounds a path in certificates.
const longestPath = 16

// explain walks from the signer towards the root and says what stands in the way; err is what crypto/x509 said.
func (j *job) explain(certificate *x509.Certificate, at time.Time, err error) *failure {
	for range longestPath {
		if bytes.Equal(certificate.RawIssuer, certificate.RawSubject) && !j.trusted(certificate) {
			return fails("chain.untrusted", "the path ends at "+nameOf(certificate.Subject)+", which is not trusted")
		}
		issuers := j.issuers(certificate)
		if len(issuers) == 0 {
			return fails("chain.incomplete", "the certificate of the issuer "+nameOf(certificate.Issuer)+" is missing")
		}
		var issuer *x509.Certificate
		var broken error
		for _, one := range issuers {
			if broken = j.signedBy(certificate, one); broken == nil {
				issuer = one
				break
			}
		}
		if issuer == nil {
			var insecure x509.InsecureAlgorithmError
			if errors.As(broken, &insecure) {
				return fails("chain.weak", "the certificate of "+nameOf(certificate.Subject)+" is signed with an algorithm that can be forged")
			}
			return fails("chain.forged", "the certificate of "+nameOf(certificate.Subject)+" was not signed by "+nameOf(certificate.Issuer))
		}
		if f := unfit(issuer, at); f != nil {
			return f
		}
		if j.trusted(issuer) || issuer.Equal(certificate) {
			break
		}
		certificate = issuer
	}
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) {
		switch invalid.Reason {
		case x509.TooManyIntermediates:
			return fails("chain.path_length", "the path is longer than a certificate on it allows")
		case x509.CANotAuthorizedForThisName, x509.NameConstraintsWithoutSANs, x509.UnconstrainedName, x509.TooManyConstraints:
			return fails("chain.name_constraints", "an issuer on the path may not issue certificates with this name")
		}
	}
	return fails("chain.invalid", "there is no valid path to a trusted root: "+err.Error())
}

// unfit says why a certificate can't stand above another one.
func unfit(issuer *x509.Certificate, at time.Time) *failure {
	name := nameOf(issuer.Subject)
	switch {
	case at.After(issuer.NotAfter):
		return fails("chain.expired", "the certificate of "+name+" on the path expired at "+issuer.NotAfter.UTC().Format(time.RFC3339))
	case at.Before(issuer.NotBefore):
		return fails("chain.expired", "the certificate of "+name+" on the path is valid from "+issuer.NotBefore.UTC().Format(time.RFC3339)+" on")
	case issuer.Version >= 3 && (!issuer.BasicConstraintsValid || !issuer.IsCA) || issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCertSign == 0:
		return fails("chain.not_ca", name+" may not issue certificates")
	case len(issuer.UnhandledCriticalExtensions) > 0:
		return fails("chain.extension", "the certificate of "+name+" makes a condition that is not understood: "+issuer.UnhandledCriticalExtensions[0].String())
	default:
		return nil
	}
}

// signedBy checks a certificate's signature by the key of another.
func (j *job) signedBy(certificate, issuer *x509.Certificate) error {
	err := issuer.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature)
	if !errors.Is(err, x509.ErrUnsupportedAlgorithm) || len(j.suites) == 1 {
		return err
	}
	return j.signedOuter(certificate.Raw, issuer)
}

// signedOuter checks the signature of a certificate or a revocation list by the suites: both are a body, an algorithm and a
// signature (RFC 5280, 4.1 and 5.1).
func (j *job) signedOuter(raw []byte, issuer *x509.Certificate) error {
	var outer struct {
		Body      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(raw, &outer); err != nil {
		return errEncoding
	}
	_, f := j.suites.verify(Signed{
		Key: issuer.RawSubjectPublicKeyInfo, Algorithm: outer.Algorithm, Signature: outer.Signature.RightAlign(),
		Message: bytesMessage{bytes: outer.Body.FullBytes, suites: j.suites},
	})
	if f != nil {
		return errors.New(f.message)
	}
	return nil
}

// mostSteps bounds the signatures that one search for a path checks, whatever circles the certificates form.
const mostSteps = 100

// pathSearch looks for a path whose certificates are signed by algorithms that crypto/x509 does not know. It is stricter
// than crypto/x509 in one thing: certificates with name constraints are not accepted, as it does not judge names.
type pathSearch struct {
	job  *job
	at   time.Time
	left int
}

var oidNameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}

func (s *pathSearch) from(path []*x509.Certificate) []*x509.Certificate {
	last := path[len(path)-1]
	if len(path) == 1 && (len(last.UnhandledCriticalExtensions) > 0 || valid(last, s.at) != nil) {
		return nil
	}
	if s.job.trusted(last) {
		return path
	}
	if len(path) == longestPath {
		return nil
	}
	for _, issuer := range s.job.issuers(last) {
		_, constrained := extension(issuer.Extensions, oidNameConstraints)
		below := len(path) - 1 // certificates between the issuer and the signer's
		tooLong := (issuer.MaxPathLen > 0 || issuer.MaxPathLenZero) && below > issuer.MaxPathLen
		if constrained || tooLong || unfit(issuer, s.at) != nil || slices.ContainsFunc(path, issuer.Equal) {
			continue
		}
		if s.left--; s.left < 0 {
			return nil
		}
		if s.job.signedBy(last, issuer) != nil {
			continue
		}
		if found := s.from(append(slices.Clone(path), issuer)); found != nil {
			return found
		}
	}
	return nil
}

// Inspect judges certificates by themselves: the first is the one that is asked about, the others may stand on its path.
func (v *Verifier) Inspect(raw []byte, options Options) (verdict Verdict) {
	defer verdictOnPanic(&verdict)
	certificates, err := Certificates(raw)
	if err != nil {
		verdict.problem("certificate.unreadable", err.Error())
		return verdict.settle()
	}
	j := v.job(options, nil)
	j.inspecting = true
	j.pool = append(j.pool, certificates...)
	var out Signature
	out.pass(checkCertificate)
	out.Algorithm = certificates[0].SignatureAlgorithm.String()
	j.certificate(&out, certificates[0])
	verdict.Signatures = []Signature{out}
	if len(certificates) > 1 {
		verdict.Signatures[0].Remarks = append(verdict.Signatures[0].Remarks, Problem{
			Code: "certificate.more", Message: fmt.Sprintf("the file holds %d certificates; the first one is judged", len(certificates)),
		})
	}
	return verdict.settle()
}
