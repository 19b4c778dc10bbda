package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/outbound"
)

// Headers of a webhook call (docs/alerts.md).
const (
	HeaderTimestamp = "Taskurotta-Timestamp"
	HeaderSignature = "Taskurotta-Signature"
	HeaderNotice    = "Taskurotta-Notice-Id"
)

// webhookTimeout bounds one call, from the look-up of the name to the end of the answer.
const webhookTimeout = 10 * time.Second

// errAddress says that a webhook's name leads to where it must not.
var errAddress = errors.New("the webhook's address is not public")

// Sign returns the signature of a body that is sent at a Unix time: the HMAC-SHA256 of "timestamp.body", in hex.
func Sign(secret string, timestamp int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strconv.FormatInt(timestamp, 10)))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// webhookClient posts to addresses that people typed: it follows no redirect, uses no proxy, and judges the very address that
// it dials, so that a name cannot lead elsewhere between the check and the call.
type webhookClient struct{ http *http.Client }

func newWebhookClient(allowPrivate bool) *webhookClient {
	guard, err := outbound.New(outbound.Policy{AllPrivate: allowPrivate})
	if err != nil {
		panic(err) // it has no names that could be wrong
	}
	return &webhookClient{http: &http.Client{
		Timeout:       webhookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: guard.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: webhookTimeout, MaxResponseHeaderBytes: 64 << 10,
		},
	}}
}

func (c *webhookClient) post(ctx context.Context, address, secret, notice string, body []byte, now time.Time) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return permanent(errors.New("the webhook's URL is none"))
	}
	stamp := now.Unix()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "taskurotta")
	request.Header.Set(HeaderTimestamp, strconv.FormatInt(stamp, 10))
	request.Header.Set(HeaderSignature, Sign(secret, stamp, body))
	request.Header.Set(HeaderNotice, notice)
	response, err := c.http.Do(request)
	if err != nil {
		err = outbound.Plain(err) // its text holds the whole URL, which may hold a secret
		if errors.Is(err, outbound.ErrRefused) {
			return permanent(errAddress)
		}
		return err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // what it says is not read; how it ends matters not
	switch {
	case response.StatusCode >= 200 && response.StatusCode < 300:
		return nil
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return permanent(fmt.Errorf("the webhook answered %d: redirects are not followed", response.StatusCode))
	default:
		return fmt.Errorf("the webhook answered %d", response.StatusCode)
	}
}

// hostOf is what of a webhook's URL may be shown to everybody.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// webhookNotice is the body of a call.
type webhookNotice struct {
	ID      string      `json:"id"` // of the notice: the same in every attempt
	Kind    NoticeKind  `json:"kind"`
	At      time.Time   `json:"at"`
	AlertID string      `json:"alert_id,omitempty"`
	Rule    webhookRule `json:"rule"`
	Summary string      `json:"summary"`
	Facts   Facts       `json:"facts"`
	Links   links       `json:"links"`
}

type webhookRule struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

func webhookBody(c *Claimed, t text) ([]byte, error) {
	body, err := json.Marshal(webhookNotice{
		ID: c.NoticeID, Kind: c.Notice.Kind, At: c.Notice.At, AlertID: c.Notice.AlertID, Rule: webhookRule{ID: c.Rule.ID, Name: t.rule, Kind: c.Rule.Kind},
		Summary: t.subject, Facts: c.Notice.Facts, Links: t.links,
	})
	if err != nil {
		return nil, fmt.Errorf("encode notice %s: %w", c.NoticeID, err)
	}
	return body, nil
}
