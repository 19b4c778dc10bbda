package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/fault"
)

func macOf(key, text string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	write(mac, []byte(text))
	return mac.Sum(nil)
}

// TestSignatures takes the schemes that senders have, and what is wrong with them. The first two vectors are those of GitHub's and
// Standard Webhooks' documentation.
func TestSignatures(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	stamp := fmt.Sprint(now.Unix())
	hexOf := func(key, text string) string { return hex.EncodeToString(macOf(key, text)) }
	old := fmt.Sprint(now.Add(-Tolerance - time.Second).Unix())
	for name, c := range map[string]struct {
		secret, body string
		at           time.Time
		headers      map[string]string
		code         string
		id           string
		stamped      bool
	}{
		"GitHub": {secret: "It's a Secret to Everybody", body: "Hello, World!", headers: map[string]string{
			HeaderGitHub: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}},
		"Standard Webhooks": {secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", body: `{"test": 2432232314}`, at: time.Unix(1614265330, 0), headers: map[string]string{
			"Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "Webhook-Timestamp": "1614265330", HeaderStandard: "v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
			id: "msg_p5jXN8AQM9LWM0D4loKWxJek", stamped: true},
		"Stripe, with two secrets": {secret: "s", body: `{"id":"evt_1"}`, headers: map[string]string{
			HeaderStripe: "t=" + stamp + ",v1=" + hexOf("other", stamp+`.{"id":"evt_1"}`) + ",v1=" + hexOf("s", stamp+`.{"id":"evt_1"}`) + ",v0=00"}, stamped: true},
		"our own":                    {secret: "s", body: "{}", headers: map[string]string{headerOwnStamp: stamp, HeaderOwn: "sha256=" + hexOf("s", stamp+".{}")}, stamped: true},
		"none":                       {secret: "s", body: "{}", code: "webhook.unsigned"},
		"GitHub, another secret":     {secret: "s", body: "{}", headers: map[string]string{HeaderGitHub: "sha256=" + hexOf("S", "{}")}, code: "webhook.signature"},
		"GitHub, another body":       {secret: "s", body: "{ }", headers: map[string]string{HeaderGitHub: "sha256=" + hexOf("s", "{}")}, code: "webhook.signature"},
		"GitHub, SHA-1":              {secret: "s", body: "{}", headers: map[string]string{HeaderGitHub: "sha1=" + hexOf("s", "{}")}, code: "webhook.signature"},
		"GitHub, half":               {secret: "s", body: "{}", headers: map[string]string{HeaderGitHub: "sha256=" + hexOf("s", "{}")[:32]}, code: "webhook.signature"},
		"GitHub, no hex":             {secret: "s", body: "{}", headers: map[string]string{HeaderGitHub: "sha256=zz"}, code: "webhook.signature"},
		"Stripe, too old":            {secret: "s", body: "{}", headers: map[string]string{HeaderStripe: "t=" + old + ",v1=" + hexOf("s", old+".{}")}, code: "webhook.timestamp"},
		"Stripe, of the future":      {secret: "s", body: "{}", at: now.Add(-Tolerance - time.Second), headers: map[string]string{HeaderStripe: "t=" + stamp + ",v1=" + hexOf("s", stamp+".{}")}, code: "webhook.timestamp"},
		"Stripe, another time":       {secret: "s", body: "{}", headers: map[string]string{HeaderStripe: "t=" + stamp + ",v1=" + hexOf("s", old+".{}")}, code: "webhook.signature"},
		"Stripe, no time":            {secret: "s", body: "{}", headers: map[string]string{HeaderStripe: "v1=" + hexOf("s", ".{}")}, code: "webhook.timestamp"},
		"Standard, without an id":    {secret: "s", body: "{}", headers: map[string]string{headerStamp: stamp, HeaderStandard: "v1," + base64.StdEncoding.EncodeToString(macOf("s", "."+stamp+".{}"))}, code: "webhook.signature"},
		"Standard, another id":       {secret: "s", body: "{}", headers: map[string]string{headerWebhookID: "b", headerStamp: stamp, HeaderStandard: "v1," + base64.StdEncoding.EncodeToString(macOf("s", "a."+stamp+".{}"))}, code: "webhook.signature"},
		"a good one behind a bad":    {secret: "s", body: "{}", headers: map[string]string{HeaderOwn: "sha256=00", headerOwnStamp: stamp, HeaderGitHub: "sha256=" + hexOf("s", "{}")}, code: "webhook.signature"},
		"many, of which the last":    {secret: "s", body: "{}", headers: map[string]string{HeaderStripe: "t=" + stamp + strings.Repeat(",v1=00", 50) + ",v1=" + hexOf("s", stamp+".{}")}, code: "webhook.signature"},
		"our own, the time unsigned": {secret: "s", body: "{}", headers: map[string]string{headerOwnStamp: stamp, HeaderOwn: "sha256=" + hexOf("s", "{}")}, code: "webhook.signature"},
	} {
		t.Run(name, func(t *testing.T) {
			at := now
			if !c.at.IsZero() {
				at = c.at
			}
			p, err := verify(c.secret, &Request{Headers: c.headers, Body: []byte(c.body)}, at)
			if c.code != "" {
				require.Error(t, err)
				require.Equal(t, c.code, fault.As(err).Code)
				require.Nil(t, p.digest)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.id, p.id)
			require.Equal(t, c.stamped, p.stamped)
			require.Len(t, p.digest, sha256.Size)
		})
	}
}

func TestBodiesAreJSONOrForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ media, body, want, code string }{
		"an object":            {"application/json; charset=utf-8", `{"a":9007199254740993}`, `{"a":9007199254740993}`, ""},
		"a list":               {"application/cloudevents+json", `[1]`, `[1]`, ""},
		"a form":               {"application/x-www-form-urlencoded", `a=1&b=%D1%8F&b=2&c`, `{"a":"1","b":["я","2"],"c":""}`, ""},
		"nothing":              {"", ` `, `{}`, ""},
		"no JSON":              {"application/json", `{`, "", "webhook.body"},
		"two values":           {"application/json", `{} {}`, "", "webhook.body"},
		"a broken form":        {"application/x-www-form-urlencoded", `a=%zz`, "", "webhook.body"},
		"XML":                  {"text/xml", `<a/>`, "", "webhook.media_type"},
		"something of no type": {"", `{}`, "", "webhook.media_type"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := (&Request{Headers: map[string]string{"Content-Type": c.media}, Body: []byte(c.body)}).value()
			if c.code != "" {
				require.Error(t, err)
				require.Equal(t, c.code, fault.As(err).Code)
				return
			}
			require.NoError(t, err)
			require.JSONEq(t, c.want, string(got))
		})
	}
	r := Request{Query: url.Values{"q": {"<1>"}}, Headers: map[string]string{
		"X-Github-Event": "push", "Content-Type": "application/json", "Authorization": "Bearer x", "Cookie": "a=b", "X-Hub-Signature-256": "sha256=0", "X-Gitlab-Token": "t", "Accept": "*/*"}}
	got, err := r.came([]byte(`{"a":"<"}`))
	require.NoError(t, err)
	require.Equal(t, `{"body":{"a":"<"},"headers":{"content-type":"application/json","x-github-event":"push"},"query":{"q":"<1>"}}`, string(got))
}

func TestCallersAreSlowedDown(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := newLimiter(func() time.Time { return now })
	for range atOnce {
		require.Zero(t, l.take("a"))
	}
	require.Equal(t, time.Second, l.take("a"))
	require.Zero(t, l.take("b"))
	now = now.Add(100 * time.Millisecond)
	for range perSecond / 10 {
		require.Zero(t, l.take("a"))
	}
	require.NotZero(t, l.take("a"))
	for i := range tracked {
		l.take(fmt.Sprint(i))
	}
	require.LessOrEqual(t, len(l.buckets), tracked)
}
