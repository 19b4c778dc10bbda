package signature

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// Trust is what verdicts rest on.
type Trust struct {
	Roots         []*x509.Certificate // a path must end at one of them
	Intermediates []*x509.Certificate // may stand on a path
	Authorities   []*x509.Certificate // roots of time-stamping authorities; empty: Roots
	Lists         []*x509.RevocationList
}

// Certificates reads one certificate or several: PEM, DER, base64, or the bag of a CMS file (.p7b).
func Certificates(raw []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	rest := raw
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "PKCS7" || block.Type == "CMS" {
			return bag(block.Bytes)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("a certificate can't be read: " + clean(err.Error(), longestName))
		}
		if all = append(all, certificate); len(all) > mostCertificates {
			return nil, errors.New("there are too many certificates in one file")
		}
	}
	if len(all) > 0 {
		return all, nil
	}
	der := bare(raw)
	certificate, err := x509.ParseCertificate(der)
	if err == nil {
		return []*x509.Certificate{certificate}, nil
	}
	if all, bagErr := bag(der); bagErr == nil {
		return all, nil
	}
	return nil, errors.New("this is no certificate: " + clean(err.Error(), longestName))
}

func bag(raw []byte) ([]*x509.Certificate, error) {
	data, err := parseCMS(raw)
	if err != nil {
		return nil, err
	}
	if len(data.certificates) == 0 {
		return nil, errors.New("there is no certificate in the file")
	}
	return data.certificates, nil
}

// Lists reads one revocation list or several: PEM, DER or base64.
func Lists(raw []byte) ([]*x509.RevocationList, error) {
	var all []*x509.RevocationList
	for rest := raw; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			return nil, errors.New("a revocation list can't be read: " + clean(err.Error(), longestName))
		}
		all = append(all, list)
	}
	if len(all) > 0 {
		return all, nil
	}
	list, err := x509.ParseRevocationList(bare(raw))
	if err != nil {
		return nil, errors.New("this is no revocation list: " + clean(err.Error(), longestName))
	}
	return []*x509.RevocationList{list}, nil
}
