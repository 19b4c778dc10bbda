package alert_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/alert"
	"github.com/taskurotta/taskurotta-go/server/alert/pgstore"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/server/mailsink"
)

// installation is a database whose engine's tables the test writes, and a mailbox.
type installation struct {
	t     *testing.T
	db    *pgxpool.Pool
	store *pgstore.Store
	mail  *mailsink.Sink
}

func newInstallation(t *testing.T) *installation {
	t.Helper()
	db, err := pgxpool.New(t.Context(), stacktest.Postgres(t))
	require.NoError(t, err)
	t.Cleanup(db.Close)
	mail := mailsink.New(mailsink.Config{Keep: 5000, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, mail.Start(t.Context()))
	t.Cleanup(mail.Stop)
	return &installation{t: t, db: db, store: pgstore.New(db), mail: mail}
}

type names struct{}

func (names) Titles(_ context.Context, definition string, _ int, node string) (string, string) {
	return strings.ToUpper(definition), node
}

// service starts a service that does in milliseconds what takes minutes otherwise.
func (in *installation) service(change ...func(*alert.Config)) *alert.Service {
	in.t.Helper()
	s := in.made(change...)
	require.NoError(in.t, s.Start(in.t.Context()))
	in.t.Cleanup(s.Stop)
	return s
}

func (in *installation) made(change ...func(*alert.Config)) *alert.Service {
	in.t.Helper()
	config := alert.Config{
		Store: in.store, Names: names{}, Mail: alert.Mail{Address: in.mail.Address()}, PublicURL: func() string { return "https://flow.example/" },
		Every: 20 * time.Millisecond, Lease: time.Second, Grace: time.Millisecond, Window: 500 * time.Millisecond, Settle: 200 * time.Millisecond,
		Backoff: 20 * time.Millisecond, GiveUp: time.Minute, Claim: 2 * time.Second, Log: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&config)
	}
	s, err := alert.New(config)
	require.NoError(in.t, err)
	return s
}

func (in *installation) rule(s *alert.Service, change alert.RuleChange) alert.Rule {
	in.t.Helper()
	change.Actor, change.Enabled = "anna", true
	if change.Locale == "" {
		change.Locale = "en"
	}
	if change.Emails == nil && change.WebhookURL == "" {
		change.Emails = []string{"support@example.org"}
	}
	rule, err := s.CreateRule(in.t.Context(), change)
	require.NoError(in.t, err)
	return rule
}

func (in *installation) exec(statement string, args ...any) {
	in.t.Helper()
	_, err := in.db.Exec(context.Background(), statement, args...)
	require.NoError(in.t, err)
}

func (in *installation) count(query string, args ...any) int {
	in.t.Helper()
	var n int
	require.NoError(in.t, in.db.QueryRow(context.Background(), query, args...).Scan(&n))
	return n
}

// fail makes n processes of a definition, each with an incident at a node, in one commit.
func (in *installation) fail(definition, node, code string, n int) {
	in.t.Helper()
	ids := make([]string, n)
	custom := make([]string, n)
	for i := range n {
		ids[i], custom[i] = uuid.Must(uuid.NewV7()).String(), fmt.Sprintf("doc-%s-%d", node, i)
	}
	in.exec(`
WITH p AS (
    INSERT INTO process (id, custom_id, definition_key, version, state, created_at, started_at, open_incidents)
    SELECT id, custom, $3, 1, 'running', now(), now(), 1 FROM unnest($1::uuid[], $2::text[]) AS u(id, custom) RETURNING id),
l AS (INSERT INTO process_live SELECT id FROM p)
INSERT INTO incident (process_id, task_id, definition_key, version, node_id, code, message, opened_at)
SELECT id, gen_random_uuid(), $3, 1, $4, $5, 'the seal <b>is</b> broken', now() FROM p`, ids, custom, definition, node, code)
}

func (in *installation) eventually(what string, check func() bool) {
	in.t.Helper()
	require.Eventually(in.t, check, 20*time.Second, 10*time.Millisecond, what)
}

// notices sums up what was said, by kind: how many notices, and of how many occurrences they tell.
func (in *installation) notices(kind alert.NoticeKind) (n, tellOf int) {
	in.t.Helper()
	require.NoError(in.t, in.db.QueryRow(context.Background(),
		`SELECT count(*), coalesce(sum((facts->>'count')::int), 0) FROM alert_notice WHERE kind = $1`, kind).Scan(&n, &tellOf))
	return n, tellOf
}

// mails returns the received ones whose subject holds a text, and fails on one that came twice.
func (in *installation) mails(holds string) []mailsink.Message {
	in.t.Helper()
	seen := map[string]bool{}
	var out []mailsink.Message
	for _, m := range in.mail.List() {
		whole, kept := in.mail.Get(m.ID)
		require.True(in.t, kept)
		id := whole.Headers["Message-Id"]
		require.NotEmpty(in.t, id)
		require.False(in.t, seen[id], "the mail %q came twice", m.Subject)
		seen[id] = true
		if strings.Contains(m.Subject, holds) {
			out = append(out, whole)
		}
	}
	return out
}
