package signature

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"
)

// allowedSkew is by how much another's clock may be ahead of ours.
const allowedSkew = 5 * time.Minute

// timestamp looks for a time stamp on a signature: the one that was given, or those that travel with the signature.
// One that was given must hold. Of those that travel along the first that holds counts; the others prove nothing, and since
// anybody can add one they spoil nothing.
func (j *job) timestamp(out *Signature, signer signerInfo) {
	if len(j.token) > 0 {
		stamp, f := j.checkToken(j.token, signer.signature, j.file)
		if f != nil {
			out.fail(CheckTimestamp, f)
			return
		}
		out.pass(CheckTimestamp)
		out.Timestamp = stamp
		return
	}
	for _, one := range signer.unsigned {
		if !one.Type.Equal(oidTimeStampToken) {
			continue
		}
		for _, value := range one.Values {
			stamp, f := j.checkToken(value.FullBytes, signer.signature, nil)
			if f == nil {
				out.pass(CheckTimestamp)
				out.Timestamp = stamp
				return
			}
			out.remark(f)
		}
	}
	out.skip(CheckTimestamp)
}

// checkToken judges a time stamp over a signature, or over the whole file that holds it.
func (j *job) checkToken(raw, signature, file []byte) (*Timestamp, *failure) {
	data, err := parseToken(raw)
	if err != nil {
		return nil, fails("timestamp.unreadable", "the time stamp can't be read: "+err.Error())
	}
	if !data.contentType.Equal(oidTSTInfo) || len(data.signers) != 1 {
		return nil, fails("timestamp.unreadable", "this is no time stamp")
	}
	info, err := readInfo(data.content)
	if err != nil {
		return nil, fails("timestamp.unreadable", "the time stamp can't be read: "+err.Error())
	}
	newHash, _ := j.suites.digest(info.hash)
	if newHash == nil {
		return nil, fails("timestamp.weak", "the digest algorithm of the time stamp is not accepted")
	}
	covered := false
	for _, over := range [][]byte{signature, file, bare(file)} {
		hash := newHash()
		_, _ = hash.Write(over)
		covered = covered || len(over) > 0 && bytes.Equal(hash.Sum(nil), info.imprint)
	}
	if !covered {
		return nil, fails("timestamp.mismatch", "the time stamp is of something else than this signature")
	}
	if info.at.After(j.now.Add(allowedSkew)) {
		return nil, fails("timestamp.future", "the time stamp is from the future")
	}
	inner := &job{
		suites: j.suites, trust: j.trust, now: j.now, stamping: true, content: data.contentType, pool: append(data.certificates, j.pool...),
		lists: append(data.lists, j.lists...), options: Options{At: info.at, Revocation: j.options.Revocation},
	}
	verdict := inner.judge(data.signers[0], bytesMessage{bytes: data.content, suites: j.suites})
	verdict.settle()
	if !verdict.Valid {
		return nil, fails("timestamp.invalid", "the time stamp is not valid: "+verdict.Message+" ("+verdict.Code+")")
	}
	return &Timestamp{Time: info.at, Authority: verdict.Signer.Subject, Serial: info.serial, Policy: info.policy}, nil
}

// parseToken reads a TimeStampToken, alone or in a TimeStampResp (RFC 3161, 2.4.2).
func parseToken(raw []byte) (*signedData, error) {
	raw = bare(raw)
	data, err := parseCMS(raw)
	if err == nil {
		return data, nil
	}
	var response struct {
		Status asn1.RawValue
		Token  asn1.RawValue `asn1:"optional"`
	}
	if _, wrong := asn1.Unmarshal(raw, &response); wrong != nil || len(response.Token.FullBytes) == 0 {
		return nil, err
	}
	var status struct{ Status int }
	if _, wrong := asn1.Unmarshal(response.Status.FullBytes, &status); wrong != nil || status.Status > 1 {
		return nil, errors.New("the authority refused to give a time stamp")
	}
	return parseCMS(response.Token.FullBytes)
}

// tokenInfo is what this package reads of a TSTInfo.
type tokenInfo struct {
	policy  string
	hash    asn1.ObjectIdentifier
	imprint []byte
	serial  string
	at      time.Time
}

func readInfo(raw []byte) (info tokenInfo, err error) {
	var parsed struct {
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint struct {
			Hash   pkix.AlgorithmIdentifier
			Digest []byte
		}
		Serial *big.Int
		Time   asn1.RawValue
	}
	if _, err := asn1.Unmarshal(raw, &parsed); err != nil {
		return info, errEncoding
	}
	// A GeneralizedTime may have fractions of a second (RFC 3161, 2.4.2), which encoding/asn1 does not read.
	at, err := time.Parse("20060102150405Z", string(parsed.Time.Bytes))
	if err != nil || parsed.Time.Tag != asn1.TagGeneralizedTime {
		return info, errors.New("its time is none")
	}
	return tokenInfo{
		policy: parsed.Policy.String(), hash: parsed.Imprint.Hash.Algorithm, imprint: parsed.Imprint.Digest,
		serial: clean(parsed.Serial.Text(16), longestName), at: at.UTC(),
	}, nil
}
