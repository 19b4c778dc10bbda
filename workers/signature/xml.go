package signature

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"

	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

const (
	dsig      = "http://www.w3.org/2000/09/xmldsig#"
	enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

	mostReferences = 32
)

// MaxXML is the largest signed document, in bytes.
const MaxXML = 32 << 20

// signatureMethods are the algorithms of RFC 9231, 2.3, as CMS names them; those of GOST are for a suite that is added.
var signatureMethods = map[string]struct {
	signature, digest asn1.ObjectIdentifier
	pss               bool
	halves            bool // the value is r and s side by side (XML-DSig 1.1, 6.4.3), not in ASN.1
}{
	"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256":                          {signature: oidRSA, digest: oidSHA256},
	"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384":                          {signature: oidRSA, digest: oidSHA384},
	"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512":                          {signature: oidRSA, digest: oidSHA512},
	"http://www.w3.org/2000/09/xmldsig#rsa-sha1":                                 {signature: oidRSA, digest: oidSHA1},
	"http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1":                     {signature: oidPSS, digest: oidSHA256, pss: true},
	"http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1":                     {signature: oidPSS, digest: oidSHA384, pss: true},
	"http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1":                     {signature: oidPSS, digest: oidSHA512, pss: true},
	"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256":                        {signature: oidEC, digest: oidSHA256, halves: true},
	"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384":                        {signature: oidEC, digest: oidSHA384, halves: true},
	"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512":                        {signature: oidEC, digest: oidSHA512, halves: true},
	"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1":                          {signature: oidEC, digest: oidSHA1, halves: true},
	"http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519":                       {signature: oidEd25519},
	"urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012-256": {signature: oidGOST256, digest: oidStreebog256},
	"urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012-512": {signature: oidGOST512, digest: oidStreebog512},
}

var digestMethods = map[string]asn1.ObjectIdentifier{
	"http://www.w3.org/2001/04/xmlenc#sha256":                      oidSHA256,
	"http://www.w3.org/2001/04/xmldsig-more#sha384":                oidSHA384,
	"http://www.w3.org/2001/04/xmlenc#sha512":                      oidSHA512,
	"http://www.w3.org/2001/04/xmldsig-more#sha224":                oidSHA224,
	"http://www.w3.org/2000/09/xmldsig#sha1":                       oidSHA1,
	"urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34112012-256": oidStreebog256,
	"urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34112012-512": oidStreebog512,
}

// The identifiers of GOST R 34.10-2012 and 34.11-2012 (RFC 9215), for a suite that is added.
var (
	oidGOST256     = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 3, 2}
	oidGOST512     = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 3, 3}
	oidStreebog256 = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 2, 2}
	oidStreebog512 = asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 2, 3}
)

// XMLOptions are those of a verdict on XML.
type XMLOptions struct {
	Options
	Partial bool // a signature over a part of the document is enough
}

// XML judges the signatures in a document (XML-DSig 1.1, XAdES-BES): those that lie in it, enveloped or beside what they sign.
func (v *Verifier) XML(raw []byte, options XMLOptions) (verdict Verdict) {
	defer verdictOnPanic(&verdict)
	if len(raw) > MaxXML {
		verdict.problem("xml.too_large", fmt.Sprintf("the document is larger than %d MiB", MaxXML>>20))
		return verdict.settle()
	}
	document, err := xmldoc.Read(raw)
	if err != nil {
		verdict.problem("xml.unreadable", "the document can't be read: "+err.Error())
		return verdict.settle()
	}
	found := signaturesIn(document.Root())
	switch {
	case len(found) == 0:
		verdict.problem("xml.no_signatures", "there is no signature in the document")
		return verdict.settle()
	case len(found) > mostSigners:
		verdict.problem("xml.unreadable", fmt.Sprintf("the document has more than %d signatures", mostSigners))
		return verdict.settle()
	}
	for _, element := range found {
		job := v.job(options.Options, nil)
		one := xmlSignature{job: job, document: document, element: element, partial: options.Partial}
		verdict.Signatures = append(verdict.Signatures, one.judge())
	}
	return verdict.settle()
}

func signaturesIn(element *etree.Element) []*etree.Element {
	if element.Tag == "Signature" && namespaceOf(element) == dsig {
		return []*etree.Element{element} // one inside another signs that one, and is no signature of the document
	}
	var all []*etree.Element
	for _, child := range element.ChildElements() {
		all = append(all, signaturesIn(child)...)
	}
	return all
}

func namespaceOf(element *etree.Element) string { return scopeOf(element).with(element)[element.Space] }

// xmlSignature is one signature under judgement.
type xmlSignature struct {
	job      *job
	document *etree.Document
	element  *etree.Element
	partial  bool
}

// child returns the one child with a name of XML-DSig; nil when there is none or more than one.
func child(of *etree.Element, name string) *etree.Element {
	if of == nil {
		return nil
	}
	var found *etree.Element
	for _, one := range of.ChildElements() {
		if one.Tag == name && namespaceOf(one) == dsig {
			if found != nil {
				return nil
			}
			found = one
		}
	}
	return found
}

func (s *xmlSignature) judge() (out Signature) {
	out.CheckedAt, out.TimeSource = s.job.time(out)
	out.Covers = []string{}
	rest := []string{CheckTimestamp, CheckValidity, CheckUsage, CheckChain, CheckRevocation}
	info := child(s.element, "SignedInfo")
	signed, f := s.signedInfo(info)
	if f == nil {
		f = s.references(&out, info)
	}
	if f != nil {
		out.fail(CheckDigest, f)
		out.skip(CheckSignature)
		if certificates := s.certificates(); len(certificates) > 0 {
			out.skip(CheckTimestamp)
			s.job.certificate(&out, certificates[0])
			return out
		}
		out.skip(rest...)
		return out
	}
	out.pass(CheckDigest)
	certificate, f := s.verify(&out, info, signed)
	out.note(CheckSignature, f)
	if certificate == nil {
		out.skip(rest...)
		return out
	}
	if s.has("SignatureTimeStamp") {
		out.remark(fails("timestamp.ignored", "time stamps inside XML signatures are not read"))
	}
	out.skip(CheckTimestamp)
	s.job.certificate(&out, certificate)
	return out
}

// signedInfo returns the canonical form that the signature value is over.
func (s *xmlSignature) signedInfo(info *etree.Element) ([]byte, *failure) {
	if info == nil || child(s.element, "SignatureValue") == nil {
		return nil, fails("xml.signature", "the signature is not complete")
	}
	form, f := formOf(child(info, "CanonicalizationMethod"))
	if f != nil {
		return nil, f
	}
	signed, err := form.element(info, nil)
	if err != nil {
		return nil, fails("xml.signature", err.Error())
	}
	return signed, nil
}

func formOf(method *etree.Element) (canonical, *failure) {
	if method == nil {
		return canonical{}, fails("xml.signature", "the signature names no canonical form")
	}
	form, known := canonicalForms[method.SelectAttrValue("Algorithm", "")]
	if !known {
		return canonical{}, fails("xml.unsupported", "the canonical form or transformation "+method.SelectAttrValue("Algorithm", "")+" is not supported")
	}
	for _, one := range method.ChildElements() {
		if one.Tag == "InclusiveNamespaces" && form.exclusive {
			form.prefixes = strings.Fields(one.SelectAttrValue("PrefixList", ""))
		}
	}
	return form, nil
}

// references checks the digest of everything that is signed, and that this is the document.
func (s *xmlSignature) references(out *Signature, info *etree.Element) *failure {
	var all []*etree.Element
	for _, one := range info.ChildElements() {
		if one.Tag == "Reference" && namespaceOf(one) == dsig {
			all = append(all, one)
		}
	}
	if len(all) == 0 || len(all) > mostReferences {
		return fails("xml.signature", fmt.Sprintf("a signature has to be over 1 to %d parts, this one is over %d", mostReferences, len(all)))
	}
	whole := false
	for _, reference := range all {
		target, f := s.target(reference.SelectAttr("URI"))
		if f != nil {
			return f
		}
		if f := s.reference(reference, target); f != nil {
			return f
		}
		if target == nil || target == s.document.Root() && target != s.element {
			whole = true
			out.Covers = append(out.Covers, "document")
		} else {
			out.Covers = append(out.Covers, clean("#"+idOf(target)+" "+target.Tag, longestName))
		}
	}
	if !whole && !s.partial {
		return fails("xml.partial", "the signature does not cover the whole document: "+strings.Join(out.Covers, ", "))
	}
	return nil
}

// target returns the element that a reference is to; nil means the whole document.
func (s *xmlSignature) target(uri *etree.Attr) (*etree.Element, *failure) {
	switch {
	case uri == nil:
		return nil, fails("xml.unsupported", "a part of what was signed is not named")
	case uri.Value == "":
		return nil, nil
	case !strings.HasPrefix(uri.Value, "#") || strings.HasPrefix(uri.Value, "#xpointer"):
		return nil, fails("xml.unsupported", "what was signed lies outside of the document: "+uri.Value)
	}
	var found []*etree.Element
	var walk func(*etree.Element)
	walk = func(element *etree.Element) {
		if idOf(element) == uri.Value[1:] {
			found = append(found, element)
		}
		for _, one := range element.ChildElements() {
			walk(one)
		}
	}
	walk(s.document.Root())
	if len(found) != 1 {
		// Of two elements with one id this program and another might each take a different one.
		return nil, fails("xml.reference", fmt.Sprintf("%d elements have the id %s that was signed", len(found), uri.Value))
	}
	return found[0], nil
}

// idOf returns an element's id: an attribute Id, ID or id, with any prefix.
func idOf(element *etree.Element) string {
	for _, attribute := range element.Attr {
		if strings.EqualFold(attribute.Key, "id") && attribute.Space != "xmlns" {
			return attribute.Value
		}
	}
	return ""
}

// reference checks one digest.
func (s *xmlSignature) reference(reference, target *etree.Element) *failure {
	var skip *etree.Element
	form := canonical{} // what is hashed when no transformation says otherwise (XML-DSig 1.1, 4.4.3.2)
	if transforms := child(reference, "Transforms"); transforms != nil {
		done := false
		for _, one := range transforms.ChildElements() {
			if done {
				return fails("xml.unsupported", "a transformation follows the canonical form")
			}
			if one.SelectAttrValue("Algorithm", "") == enveloped {
				skip = s.element
				continue
			}
			var f *failure
			if form, f = formOf(one); f != nil {
				return f
			}
			done = true
		}
	}
	algorithm := ""
	if method := child(reference, "DigestMethod"); method != nil {
		algorithm = method.SelectAttrValue("Algorithm", "")
	}
	oid := digestMethods[algorithm]
	if weak(oid) {
		return fails("signature.weak", "the digest algorithm can be forged (SHA-1)")
	}
	newHash, _ := s.job.suites.digest(oid)
	if newHash == nil {
		return fails("digest.unsupported", "the digest algorithm "+algorithm+" is not supported")
	}
	var body []byte
	var err error
	if target == nil {
		body, err = form.document(s.document, skip)
	} else {
		body, err = form.element(target, skip)
	}
	if err != nil {
		return fails("xml.unsupported", err.Error())
	}
	hash := newHash()
	_, _ = hash.Write(body)
	want, err := decode64(child(reference, "DigestValue"))
	if err != nil || !bytes.Equal(hash.Sum(nil), want) {
		return fails("digest.mismatch", "the document is not the one that was signed")
	}
	return nil
}

func decode64(element *etree.Element) ([]byte, error) {
	if element == nil {
		return nil, errors.New("a value is missing")
	}
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(element.Text()), ""))
}

// certificates returns those that came with the signature, then those of the call.
func (s *xmlSignature) certificates() []*x509.Certificate {
	var all []*x509.Certificate
	if key := child(s.element, "KeyInfo"); key != nil {
		for _, data := range key.ChildElements() {
			for _, one := range data.ChildElements() {
				if one.Tag != "X509Certificate" || len(all) == mostCertificates {
					continue
				}
				raw, err := decode64(one)
				if err != nil {
					continue
				}
				if certificate, err := x509.ParseCertificate(raw); err == nil {
					all = append(all, certificate)
				}
			}
		}
	}
	all = append(all, s.job.options.Certificates...)
	s.job.pool = all
	return all
}

// verify checks the signature value by the keys of the certificates, and returns whose key made it; the first one when none did.
func (s *xmlSignature) verify(out *Signature, info *etree.Element, signed []byte) (*x509.Certificate, *failure) {
	uri := ""
	if method := child(info, "SignatureMethod"); method != nil {
		uri = method.SelectAttrValue("Algorithm", "")
	}
	out.Algorithm = clean(uri, longestName)
	method, known := signatureMethods[uri]
	value, err := decode64(child(s.element, "SignatureValue"))
	if err != nil {
		return nil, fails("xml.signature", "the signature value is not base64")
	}
	certificates := s.certificates()
	if len(certificates) == 0 {
		return nil, fails("signer.missing", "the signer's certificate is neither in the document nor given")
	}
	if !known {
		return certificates[0], fails("signature.unsupported", "the signature algorithm "+uri+" is not supported")
	}
	algorithm := pkix.AlgorithmIdentifier{Algorithm: method.signature}
	if method.pss {
		if algorithm.Parameters.FullBytes, err = saltLikeDigest(method.digest); err != nil {
			return nil, fails("signature.unsupported", err.Error())
		}
	}
	if method.halves {
		value = joinHalves(value)
	}
	var f *failure
	for _, certificate := range certificates {
		out.Algorithm, f = s.job.suites.verify(Signed{
			Key: certificate.RawSubjectPublicKeyInfo, Algorithm: algorithm, Hash: method.digest, Signature: value,
			Message: bytesMessage{bytes: signed, suites: s.job.suites},
		})
		if f == nil {
			return certificate, s.named(out, info, certificate)
		}
	}
	return certificates[0], f
}

// joinHalves writes r and s, which stand side by side, as the ASN.1 that crypto/ecdsa reads.
func joinHalves(value []byte) []byte {
	if len(value) == 0 || len(value)%2 != 0 {
		return nil
	}
	half := len(value) / 2
	joined, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])})
	if err != nil {
		return nil
	}
	return joined
}

// saltLikeDigest are the parameters of RSA-PSS that RFC 9231, 2.3.10 fixes: one digest throughout, a salt of its length.
func saltLikeDigest(oid asn1.ObjectIdentifier) ([]byte, error) {
	digest, _ := standardDigest(oid)
	inner, err := asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: oid})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(pssParameters{
		Hash: pkix.AlgorithmIdentifier{Algorithm: oid}, MGF: pkix.AlgorithmIdentifier{Algorithm: oidMGF1, Parameters: asn1.RawValue{FullBytes: inner}},
		Salt: digest.hash.Size(), Trailer: 1,
	})
}

// has reports whether an element with a name lies in the signature.
func (s *xmlSignature) has(name string) bool { return s.element.FindElement(".//"+name) != nil }

// named reads what XAdES has the signer sign about itself (ETSI EN 319 132-1, 5.2): the claimed time, and the certificate by
// digest. It counts only where a reference covers it.
func (s *xmlSignature) named(out *Signature, info *etree.Element, certificate *x509.Certificate) *failure {
	properties := s.element.FindElement(".//SignedProperties")
	if properties == nil || idOf(properties) == "" {
		return nil
	}
	covered := slices.ContainsFunc(info.ChildElements(), func(one *etree.Element) bool {
		return one.Tag == "Reference" && one.SelectAttrValue("URI", "") == "#"+idOf(properties)
	})
	if !covered {
		return nil
	}
	if claimed := properties.FindElement(".//SigningTime"); claimed != nil {
		if at, err := time.Parse(time.RFC3339, strings.TrimSpace(claimed.Text())); err == nil {
			at = at.UTC()
			out.SigningAt = &at
		}
	}
	digest := properties.FindElement(".//Cert/CertDigest")
	if digest == nil {
		return nil
	}
	algorithm := ""
	if method := child(digest, "DigestMethod"); method != nil {
		algorithm = method.SelectAttrValue("Algorithm", "")
	}
	newHash, _ := s.job.suites.digest(digestMethods[algorithm])
	if newHash == nil {
		return fails("digest.unsupported", "the digest of the signer's certificate is by an algorithm that is not supported: "+algorithm)
	}
	hash := newHash()
	_, _ = hash.Write(certificate.Raw)
	want, err := decode64(child(digest, "DigestValue"))
	if err != nil || !bytes.Equal(hash.Sum(nil), want) {
		return fails("signer.substituted", "the signer named another certificate than the one in the document")
	}
	return nil
}
