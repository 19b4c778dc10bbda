package signature

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// attributeNames are short names of what stands in subjects, those of Russian qualified certificates included.
var attributeNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "street",
	"2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.42": "GN", "1.2.840.113549.1.9.1": "E",
	"1.2.643.3.131.1.1": "ИНН", "1.2.643.100.1": "ОГРН", "1.2.643.100.3": "СНИЛС", "1.2.643.100.4": "ИНН ЮЛ", "1.2.643.100.5": "ОГРНИП",
}

// nameOf writes a name the way people read it: the most telling parts first.
func nameOf(name pkix.Name) string {
	parts := make([]string, 0, len(name.Names))
	for _, attribute := range slices.Backward(name.Names) {
		short, known := attributeNames[attribute.Type.String()]
		if !known {
			short = attribute.Type.String()
		}
		parts = append(parts, short+"="+fmt.Sprint(attribute.Value))
	}
	return clean(strings.Join(parts, ", "), longestName)
}

var usageNames = []struct {
	usage x509.KeyUsage
	name  string
}{
	{x509.KeyUsageDigitalSignature, "digital_signature"}, {x509.KeyUsageContentCommitment, "non_repudiation"},
	{x509.KeyUsageKeyEncipherment, "key_encipherment"}, {x509.KeyUsageDataEncipherment, "data_encipherment"},
	{x509.KeyUsageKeyAgreement, "key_agreement"}, {x509.KeyUsageCertSign, "cert_sign"}, {x509.KeyUsageCRLSign, "crl_sign"},
}

// extendedUses are the names of RFC 5280, 4.2.1.12, by identifier.
var extendedUses = map[string]asn1.ObjectIdentifier{
	"server_auth": {1, 3, 6, 1, 5, 5, 7, 3, 1}, "client_auth": {1, 3, 6, 1, 5, 5, 7, 3, 2}, "code_signing": {1, 3, 6, 1, 5, 5, 7, 3, 3},
	"email_protection": {1, 3, 6, 1, 5, 5, 7, 3, 4}, "time_stamping": {1, 3, 6, 1, 5, 5, 7, 3, 8}, "ocsp_signing": {1, 3, 6, 1, 5, 5, 7, 3, 9},
	"document_signing": {1, 3, 6, 1, 5, 5, 7, 3, 36}, "any": {2, 5, 29, 37, 0},
}

// ExtendedUse returns the identifier of an extended key usage by its name ("email_protection") or in digits.
func ExtendedUse(name string) (asn1.ObjectIdentifier, error) {
	if oid, known := extendedUses[name]; known {
		return oid, nil
	}
	var oid asn1.ObjectIdentifier
	for part := range strings.SplitSeq(name, ".") {
		number, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("%q is no extended key usage", name)
		}
		oid = append(oid, int(number))
	}
	if len(oid) < 3 {
		return nil, fmt.Errorf("%q is no extended key usage", name)
	}
	return oid, nil
}

func useName(oid asn1.ObjectIdentifier) string {
	for name, known := range extendedUses {
		if known.Equal(oid) {
			return name
		}
	}
	return oid.String()
}

// describe is what people read of a certificate.
func (all suites) describe(certificate *x509.Certificate) Certificate {
	sum := sha256.Sum256(certificate.Raw)
	out := Certificate{
		Subject: nameOf(certificate.Subject), CommonName: clean(certificate.Subject.CommonName, longestName), Issuer: nameOf(certificate.Issuer),
		Serial: clean(certificate.SerialNumber.Text(16), longestName), NotBefore: certificate.NotBefore.UTC(), NotAfter: certificate.NotAfter.UTC(),
		Key: all.key(certificate.RawSubjectPublicKeyInfo), CA: certificate.BasicConstraintsValid && certificate.IsCA, SHA256: hex.EncodeToString(sum[:]),
		KeyUsage: []string{}, ExtendedUses: []string{},
	}
	for _, usage := range usageNames {
		if certificate.KeyUsage&usage.usage != 0 {
			out.KeyUsage = append(out.KeyUsage, usage.name)
		}
	}
	for _, oid := range uses(certificate) {
		if out.ExtendedUses = append(out.ExtendedUses, useName(oid)); len(out.ExtendedUses) == 20 {
			break
		}
	}
	return out
}

var (
	oidKeyUsage    = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidExtendedUse = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// extension returns an extension's value, and whether the certificate has it.
func extension(extensions []pkix.Extension, oid asn1.ObjectIdentifier) (pkix.Extension, bool) {
	for _, one := range extensions {
		if one.Id.Equal(oid) {
			return one, true
		}
	}
	return pkix.Extension{}, false
}

// uses returns the identifiers of the extended key usage, in the certificate's order.
func uses(certificate *x509.Certificate) []asn1.ObjectIdentifier {
	value, found := extension(certificate.Extensions, oidExtendedUse)
	if !found {
		return nil
	}
	var all []asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(value.Value, &all); err != nil {
		return nil
	}
	return all
}
