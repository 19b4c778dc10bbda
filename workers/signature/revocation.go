package signature

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"
)

// checkRevocation looks the certificates of a path up in the revocation lists of their issuers, as of a time.
func (j *job) checkRevocation(path []*x509.Certificate, at time.Time) (*failure, *time.Time) {
	for i := range len(path) - 1 {
		if i > 0 && j.options.Revocation == RevocationSigner {
			break
		}
		if f, revokedAt := j.lookUp(path[i], path[i+1], at); f != nil {
			return f, revokedAt
		}
	}
	return nil, nil
}

// lookUp asks the newest list that can tell. A list that was issued after the time tells it too, since each entry is dated; the
// exception are certificates that had expired by then, which lists leave out (RFC 5280, 3.3).
func (j *job) lookUp(certificate, issuer *x509.Certificate, at time.Time) (*failure, *time.Time) {
	name := nameOf(certificate.Subject)
	unknown := fails("revocation.unknown", "no revocation list of "+nameOf(certificate.Issuer)+" is known that tells whether the certificate of "+name+" was revoked")
	lists := slices.Concat(j.lists, j.trust.Lists)
	slices.SortStableFunc(lists, func(a, b *x509.RevocationList) int { return b.ThisUpdate.Compare(a.ThisUpdate) })
	for _, list := range lists {
		if !bytes.Equal(list.RawIssuer, certificate.RawIssuer) {
			continue
		}
		if err := j.usable(list, certificate, issuer); err != nil {
			unknown = fails("revocation.unknown", "the revocation list of "+nameOf(certificate.Issuer)+" can't be used: "+err.Error())
			continue
		}
		if !list.NextUpdate.IsZero() && at.After(list.NextUpdate) {
			unknown = fails("revocation.stale", fmt.Sprintf("the revocation list of %s was good until %s; a newer one is needed",
				nameOf(certificate.Issuer), list.NextUpdate.UTC().Format(time.RFC3339)))
			continue
		}
		for _, entry := range list.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(certificate.SerialNumber) == 0 && !entry.RevocationTime.After(at) {
				revokedAt := entry.RevocationTime.UTC()
				return fails("revocation.revoked", fmt.Sprintf("the certificate of %s was revoked at %s (%s)",
					name, revokedAt.Format(time.RFC3339), reasonName(entry.ReasonCode))), &revokedAt
			}
		}
		if list.ThisUpdate.After(certificate.NotAfter) && !keepsExpired(list, certificate.NotAfter) {
			unknown = fails("revocation.unknown", "the revocation list of "+nameOf(certificate.Issuer)+" was issued after the certificate of "+name+" expired; an older one is needed")
			continue
		}
		return nil, nil
	}
	return unknown, nil
}

var (
	oidDistributionPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidExpiredOnList     = asn1.ObjectIdentifier{2, 5, 29, 60}
	oidListReason        = asn1.ObjectIdentifier{2, 5, 29, 21}
)

// distributionPoint is what an issuing distribution point says (RFC 5280, 5.2.5).
type distributionPoint struct {
	Point        asn1.RawValue `asn1:"optional,tag:0"`
	OnlyUsers    bool          `asn1:"optional,tag:1"`
	OnlyCAs      bool          `asn1:"optional,tag:2"`
	SomeReasons  asn1.RawValue `asn1:"optional,tag:3"`
	Indirect     bool          `asn1:"optional,tag:4"`
	OnlyAttrCert bool          `asn1:"optional,tag:5"`
}

// usable says why a list tells nothing of a certificate; nil when it does.
func (j *job) usable(list *x509.RevocationList, certificate, issuer *x509.Certificate) error {
	if list.ThisUpdate.After(j.now.Add(allowedSkew)) {
		return errors.New("it is from the future")
	}
	err := list.CheckSignatureFrom(issuer)
	if errors.Is(err, x509.ErrUnsupportedAlgorithm) && len(j.suites) > 1 {
		if issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCRLSign == 0 {
			return errors.New("its issuer may not sign lists")
		}
		err = j.signedOuter(list.Raw, issuer)
	}
	if err != nil {
		return errors.New("the issuer of the certificate has not signed it")
	}
	for _, one := range list.Extensions {
		if one.Id.Equal(oidDistributionPoint) {
			var point distributionPoint
			if rest, err := asn1.Unmarshal(one.Value, &point); err != nil || len(rest) > 0 {
				return errors.New("it is not clear what it covers")
			}
			if point.Indirect || point.OnlyAttrCert || len(point.SomeReasons.FullBytes) > 0 ||
				point.OnlyUsers && certificate.IsCA || point.OnlyCAs && !certificate.IsCA || !covers(point, certificate) {
				return errors.New("it covers other certificates")
			}
		} else if one.Critical {
			return errors.New("it makes a condition that is not understood: " + one.Id.String())
		}
	}
	for _, entry := range list.RevokedCertificateEntries {
		for _, one := range entry.Extensions {
			if one.Critical && !one.Id.Equal(oidListReason) {
				return errors.New("an entry makes a condition that is not understood: " + one.Id.String())
			}
		}
	}
	return nil
}

// covers reports whether a certificate names the distribution point of a list. A list without a point covers all; of a point
// only addresses are compared, the one form that is used.
func covers(point distributionPoint, certificate *x509.Certificate) bool {
	if len(point.Point.FullBytes) == 0 {
		return true
	}
	var full asn1.RawValue // fullName, an implicit [0] of GeneralNames
	if _, err := asn1.Unmarshal(point.Point.Bytes, &full); err != nil || full.Tag != 0 {
		return false
	}
	const address = 6 // uniformResourceIdentifier
	found := false
	err := each(full.Bytes, func(name asn1.RawValue) error {
		found = found || name.Tag == address && slices.Contains(certificate.CRLDistributionPoints, string(name.Bytes))
		return nil
	})
	return found && err == nil
}

// keepsExpired reports whether a list promises entries of certificates that had expired by a time (X.509, 9.5.2.8).
func keepsExpired(list *x509.RevocationList, by time.Time) bool {
	value, found := extension(list.Extensions, oidExpiredOnList)
	if !found {
		return false
	}
	var since time.Time
	_, err := asn1.UnmarshalWithParams(value.Value, &since, "generalized")
	return err == nil && !since.After(by)
}

// reasonName is the reason code of RFC 5280, 5.3.1, in words.
func reasonName(code int) string {
	names := []string{"no reason given", "the key was compromised", "the issuer was compromised", "the affiliation changed", "superseded",
		"no longer in use", "on hold", "", "removed from hold", "the privilege was withdrawn", "the attribute authority was compromised"}
	if code < 0 || code >= len(names) || names[code] == "" {
		return fmt.Sprintf("reason %d", code)
	}
	return names[code]
}
