package alert_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/alert"
)

const secret = "a secret of the receiver"

// receiver is a webhook that refuses its first calls and checks the others as docs/alerts.md tells.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	refuse  int
	ids     []string
	bodies  [][]byte
	unknown int // calls whose signature is wrong
}

func newReceiver(t *testing.T, refuse int) *receiver {
	t.Helper()
	r := &receiver{refuse: refuse}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(q.Header.Get("Taskurotta-Timestamp") + "."))
		mac.Write(body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if q.Header.Get("Taskurotta-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
			r.unknown++
		}
		r.ids, r.bodies = append(r.ids, q.Header.Get("Taskurotta-Notice-Id")), append(r.bodies, body)
		if len(r.ids) <= r.refuse {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) calls() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ids)
}

func allowPrivate(c *alert.Config) { c.AllowPrivate = true }

func (in *installation) webhookRule(s *alert.Service, url string) alert.Rule {
	word := secret
	return in.rule(s, alert.RuleChange{Kind: alert.IncidentOpened, WebhookURL: url, WebhookSecret: &word})
}

func (in *installation) delivery() (state, failure string, attempts int) {
	in.t.Helper()
	require.NoError(in.t, in.db.QueryRow(in.t.Context(), `SELECT state, last_error, attempts FROM alert_delivery`).Scan(&state, &failure, &attempts))
	return state, failure, attempts
}

func TestAWebhookIsSignedAndTriedAgain(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	r := newReceiver(t, 2)
	s := in.service(allowPrivate)
	in.webhookRule(s, r.URL+"/hook?key=1")
	in.fail("check", "sign", "SEAL_BROKEN", 1)
	in.eventually("it arrived", func() bool { return in.count(`SELECT count(*) FROM alert_delivery WHERE state = 'sent'`) == 1 })
	require.Equal(t, 3, r.calls(), "two refusals, then it was taken, and no more")
	require.Zero(t, r.unknown)
	require.Equal(t, []string{r.ids[0], r.ids[0], r.ids[0]}, r.ids, "one id in every attempt")
	require.Equal(t, r.bodies[0], r.bodies[2])
	var body struct {
		ID    string
		Kind  string
		Facts alert.Facts
		Links struct{ Main string }
	}
	require.NoError(t, json.Unmarshal(r.bodies[2], &body))
	require.Equal(t, r.ids[0], body.ID)
	require.Equal(t, "opened", body.Kind)
	require.Equal(t, "doc-sign-0", body.Facts.Items[0].CustomID)
	require.Equal(t, "SEAL_BROKEN", body.Facts.ErrorCode)
	require.Contains(t, body.Links.Main, "https://flow.example/processes/"+body.Facts.Items[0].ProcessID)
}

func TestAWebhookThatLeadsElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	target := newReceiver(t, 0)
	redirect := httptest.NewServer(http.RedirectHandler(target.URL, http.StatusTemporaryRedirect))
	t.Cleanup(redirect.Close)
	private := strings.Replace(target.URL, "127.0.0.1", "localhost", 1)
	for name, test := range map[string]struct {
		url    string
		change func(*alert.Config)
		says   string
	}{
		"a redirect":                         {redirect.URL, allowPrivate, "redirects are not followed"},
		"a name of this machine":             {private, func(*alert.Config) {}, "not public"},
		"an address of this machine":         {target.URL, func(*alert.Config) {}, "not public"},
		"the address of the cloud's secrets": {"http://169.254.169.254/latest", func(*alert.Config) {}, "not public"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := newInstallation(t)
			s := in.service(test.change)
			in.webhookRule(s, test.url)
			in.fail("check", "sign", "SEAL_BROKEN", 1)
			in.eventually("given up", func() bool { return in.count(`SELECT count(*) FROM alert_delivery WHERE state = 'failed'`) == 1 })
			_, failure, attempts := in.delivery()
			require.Contains(t, failure, test.says)
			require.NotContains(t, failure, "http", "an error shows no URL")
			require.Equal(t, 1, attempts, "nothing can mend it")
			require.Zero(t, target.calls())
		})
	}
}

func TestATestIsSentAtOnceAndToldOf(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	r := newReceiver(t, 0)
	s := in.service(allowPrivate)
	word := secret
	rule := in.rule(s, alert.RuleChange{Kind: alert.QueueTooOld, After: 1e10, Locale: "ru", Emails: []string{"support@example.org"}, WebhookURL: r.URL, WebhookSecret: &word})
	sent, err := s.TestRule(t.Context(), rule.ID)
	require.NoError(t, err)
	in.eventually("both arrived", func() bool {
		n, err := s.Notice(t.Context(), sent.ID)
		return err == nil && len(n.Deliveries) == 2 && n.Deliveries[0].State == alert.Sent && n.Deliveries[1].State == alert.Sent
	})
	require.Len(t, in.mails("Проверка: Очередь слишком стара"), 1)
	require.Equal(t, 1, r.calls())
}

func TestARuleThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	s := in.made()
	short, good := "short", secret
	to := []string{"a@example.org"}
	for name, test := range map[string]struct {
		change alert.RuleChange
		path   string
	}{
		"enabled for nobody":        {alert.RuleChange{Kind: alert.IncidentOpened, Locale: "en", Enabled: true}, "/enabled"},
		"no address":                {alert.RuleChange{Kind: alert.IncidentOpened, Locale: "en", Emails: []string{"a@b\r\nBcc: c@d"}}, "/emails"},
		"a time of nothing":         {alert.RuleChange{Kind: alert.QueueTooOld, Locale: "en", Emails: to}, "/after_s"},
		"an unknown kind":           {alert.RuleChange{Kind: "other", Locale: "en", Emails: to, After: 1e10}, "/kind"},
		"a webhook of another kind": {alert.RuleChange{Kind: alert.IncidentOpened, Locale: "en", WebhookURL: "file:///etc/passwd", WebhookSecret: &good}, "/webhook_url"},
		"a webhook with a user":     {alert.RuleChange{Kind: alert.IncidentOpened, Locale: "en", WebhookURL: "https://a:b@example.org", WebhookSecret: &good}, "/webhook_url"},
		"a secret to guess":         {alert.RuleChange{Kind: alert.IncidentOpened, Locale: "en", WebhookURL: "https://example.org", WebhookSecret: &short}, "/webhook_secret"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.CreateRule(t.Context(), test.change)
			refused := fault.As(err)
			require.NotNil(t, refused)
			require.Equal(t, fault.Invalid, refused.Kind)
			require.Equal(t, test.path, refused.Issues[0].Path)
		})
	}
}

func TestADisabledRuleEndsItsAlertsWithoutAWord(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	s := in.service()
	rule := in.rule(s, alert.RuleChange{Kind: alert.IncidentOpened})
	in.fail("check", "sign", "SEAL_BROKEN", 1)
	in.eventually("told", func() bool { return in.count(`SELECT count(*) FROM alert_delivery WHERE state = 'sent'`) == 1 })
	require.Len(t, in.mails(""), 1)
	_, err := s.UpdateRule(t.Context(), rule.ID, alert.RuleChange{Actor: "anna", Locale: "en", Emails: rule.Emails})
	require.NoError(t, err)
	open := true
	alerts, _, err := s.Alerts(t.Context(), alert.Filter{Open: &open})
	require.NoError(t, err)
	require.Empty(t, alerts)
	in.exec(`DELETE FROM incident`)
	in.fail("check", "sign", "SEAL_BROKEN", 1)
	require.Zero(t, in.count(`SELECT count(*) FROM alert_incident`))
	alerts, _, err = s.Alerts(t.Context(), alert.Filter{})
	require.NoError(t, err)
	require.Len(t, alerts, 1)
	require.NotNil(t, alerts[0].ClosedAt)
	require.Len(t, alerts[0].Notices, 1)
	require.Equal(t, alert.Sent, alerts[0].Notices[0].Deliveries[0].State)
}
