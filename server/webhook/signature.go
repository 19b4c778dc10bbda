package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Tolerance is how far the time of a signature may be from now, as Stripe and Standard Webhooks have it.
const Tolerance = 5 * time.Minute

// Headers that requests are signed with. The first one that a request has counts.
const (
	HeaderStandard  = "Webhook-Signature"    // Standard Webhooks: "v1,base64 …" of "id.timestamp.body", with Webhook-Id and Webhook-Timestamp
	HeaderStripe    = "Stripe-Signature"     // "t=…,v1=hex" of "t.body"
	HeaderOwn       = "Taskurotta-Signature" // "sha256=hex" of "timestamp.body", with Taskurotta-Timestamp: what our own alerts send
	HeaderGitHub    = "X-Hub-Signature-256"  // "sha256=hex" of the body: GitHub, n8n and many others
	headerStamp     = "Webhook-Timestamp"
	headerOwnStamp  = "Taskurotta-Timestamp"
	headerWebhookID = "Webhook-Id"
)

// proof is what a good signature tells.
type proof struct {
	digest  []byte
	stamped bool   // the time is signed, so it can't come again later
	id      string // signed, too; empty: none
}

var (
	errUnsigned  = fault.New(fault.Unauthorized, "webhook.unsigned", "The request must be signed: "+strings.Join([]string{HeaderStandard, HeaderStripe, HeaderOwn, "or " + HeaderGitHub}, ", ")+".")
	errSignature = fault.New(fault.Unauthorized, "webhook.signature", "The signature is not one of this body by the webhook's secret.")
	errOld       = fault.New(fault.Unauthorized, "webhook.timestamp", "The signature's time is more than 5 minutes away from now.")
)

// verify checks a request's signature.
func verify(secret string, r *Request, now time.Time) (proof, error) {
	key := []byte(secret)
	switch {
	case r.header(HeaderStandard) != "":
		if encoded, found := strings.CutPrefix(secret, "whsec_"); found {
			if raw, err := base64.StdEncoding.DecodeString(encoded); err == nil {
				key = raw
			}
		}
		id, stamp := r.header(headerWebhookID), r.header(headerStamp)
		var given [][]byte
		for _, part := range strings.Fields(r.header(HeaderStandard)) {
			if encoded, found := strings.CutPrefix(part, "v1,"); found {
				if raw, err := base64.StdEncoding.DecodeString(encoded); err == nil {
					given = append(given, raw)
				}
			}
		}
		if id == "" {
			return proof{}, errSignature
		}
		return stamped(key, id+"."+stamp+".", stamp, r.Body, given, id, now)
	case r.header(HeaderStripe) != "":
		var stamp string
		var given [][]byte
		for _, part := range strings.Split(r.header(HeaderStripe), ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch name {
			case "t":
				stamp = value
			case "v1":
				if raw, err := hex.DecodeString(value); err == nil {
					given = append(given, raw)
				}
			}
		}
		return stamped(key, stamp+".", stamp, r.Body, given, "", now)
	case r.header(HeaderOwn) != "":
		stamp := r.header(headerOwnStamp)
		return stamped(key, stamp+".", stamp, r.Body, inHex(r.header(HeaderOwn)), "", now)
	case r.header(HeaderGitHub) != "":
		return matching(key, "", r.Body, inHex(r.header(HeaderGitHub)), proof{})
	}
	return proof{}, errUnsigned
}

func inHex(header string) [][]byte {
	encoded, found := strings.CutPrefix(strings.TrimSpace(header), "sha256=")
	raw, err := hex.DecodeString(encoded)
	if !found || err != nil {
		return nil
	}
	return [][]byte{raw}
}

// stamped checks a signature first and its time then: what is not signed is told nothing of time.
func stamped(key []byte, before, stamp string, body []byte, given [][]byte, id string, now time.Time) (proof, error) {
	p, err := matching(key, before, body, given, proof{stamped: true, id: id})
	if err != nil {
		return p, err
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > Tolerance {
		return proof{}, errOld
	}
	return p, nil
}

// matching compares in constant time. Several signatures are of several secrets: a sender changes its own so.
func matching(key []byte, before string, body []byte, given [][]byte, p proof) (proof, error) {
	mac := hmac.New(sha256.New, key)
	write(mac, []byte(before), body)
	p.digest = mac.Sum(nil)
	good := false
	for _, g := range given[:min(len(given), 10)] {
		if hmac.Equal(g, p.digest) {
			good = true
		}
	}
	if !good {
		return proof{}, errSignature
	}
	return p, nil
}

func write(h hash.Hash, parts ...[]byte) {
	for _, part := range parts {
		_, _ = h.Write(part) // a hash returns no error
	}
}
