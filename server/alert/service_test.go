package alert_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/taskurotta/taskurotta-go/server/alert"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("os/exec.(*Cmd).watchCtx.func1"), goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"))
}

func TestAnIncidentIsOneMailThatLeadsToIt(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	s := in.service()
	in.rule(s, alert.RuleChange{Kind: alert.IncidentOpened, Definition: "check"})
	in.rule(s, alert.RuleChange{Kind: alert.IncidentOpened, Definition: "check", ErrorCode: "OTHER", Emails: []string{"other@example.org"}})
	in.rule(s, alert.RuleChange{Kind: alert.IncidentOpened, Definition: "check", Locale: "ru", Emails: []string{"Анна <anna@example.org>"}})
	in.fail("other", "sign", "SEAL_BROKEN", 1)
	in.fail("check", "sign", "SEAL_BROKEN", 1)
	in.eventually("both rules told", func() bool { return len(in.mails("doc-sign-0")) == 2 })
	english := in.mails("doc-sign-0: incident SEAL_BROKEN")
	require.Len(t, english, 1)
	require.Equal(t, []string{"support@example.org"}, english[0].To)
	for _, holds := range []string{"CHECK (check) v1", "SEAL_BROKEN", "the seal <b>is</b> broken", "https://flow.example/processes/0", "?task="} {
		require.Contains(t, english[0].Text, holds)
	}
	require.Contains(t, english[0].HTML, "the seal &lt;b&gt;is&lt;/b&gt; broken", "what a worker says is no markup")
	require.Contains(t, english[0].HTML, `href="https://flow.example/processes/0`)
	russian := in.mails("doc-sign-0: инцидент SEAL_BROKEN")
	require.Len(t, russian, 1)
	require.Equal(t, []string{"anna@example.org"}, russian[0].To)

	in.exec(`DELETE FROM incident WHERE definition_key = 'check'`)
	in.eventually("both are told that it is over", func() bool { return len(in.mails("Recovered"))+len(in.mails("Восстановлено")) == 2 })
	require.Len(t, in.mail.List(), 4, "the rule of another code and the other definition say nothing")
	require.Contains(t, in.mails("Recovered")[0].Text, "Lasted: ")
}

func TestAStormIsBundledAndCountedWhole(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	s := in.service()
	in.rule(s, alert.RuleChange{Kind: alert.IncidentOpened})
	for range 10 {
		in.fail("check", "sign", "SEAL_BROKEN", 50)
	}
	told := func() int {
		_, single := in.notices(alert.Opened)
		_, bundled := in.notices(alert.Digest)
		return single + bundled
	}
	in.eventually("all 500 are told", func() bool { return told() == 500 })
	n, _ := in.notices(alert.Opened)
	require.LessOrEqual(t, n, 3)
	in.eventually("the mails are there", func() bool { return in.count(`SELECT count(*) FROM alert_delivery WHERE state <> 'sent'`) == 0 })
	require.LessOrEqual(t, len(in.mails("")), 7, "three, and a digest for each window of the storm")
	require.NotEmpty(t, in.mails("× SEAL_BROKEN: CHECK / sign"))

	in.exec(`DELETE FROM incident`)
	in.eventually("it is over", func() bool { return len(in.mails("Recovered")) == 1 })
	require.Equal(t, 500, told())
	require.Contains(t, in.mails("Recovered")[0].Text, "In all: 500")
}

func TestAnIncidentThatComesBackWithinMomentsIsNoRecovery(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	s := in.service(func(c *alert.Config) { c.Settle = time.Second })
	in.rule(s, alert.RuleChange{Kind: alert.IncidentOpened})
	in.fail("check", "sign", "SEAL_BROKEN", 1)
	in.eventually("told", func() bool { return len(in.mails("doc-sign-0")) == 1 })
	in.exec(`DELETE FROM incident`)
	in.fail("check", "sign", "SEAL_BROKEN", 1)
	in.eventually("told again", func() bool { return len(in.mails("doc-sign-0")) == 2 })
	require.Equal(t, 1, in.count(`SELECT count(*) FROM alert`))
	require.Equal(t, 0, in.count(`SELECT count(*) FROM alert WHERE closed_at IS NOT NULL`))
}

func TestNothingIsKeptWhereNoRuleAsks(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.fail("check", "sign", "SEAL_BROKEN", 3)
	require.Zero(t, in.count(`SELECT count(*) FROM alert_incident`))
}

func TestAPoolWithoutAWorkerIsToldOnceAndThenThatItIsGoodAgain(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	s := in.service()
	in.rule(s, alert.RuleChange{Kind: alert.PoolWithoutWorker, After: 30 * time.Second})
	in.rule(s, alert.RuleChange{Kind: alert.QueueTooOld, After: time.Hour, Emails: []string{"queue@example.org"}})
	in.exec(`INSERT INTO pool_seen VALUES ('ocr', now() - interval '1 minute'), ('idle', now() - interval '1 day'), ('paused', now())`)
	in.exec(`INSERT INTO pause (kind, name) VALUES ('pool', 'paused')`)
	for pool, age := range map[string]string{"ocr": "2 hours", "busy": "10 seconds", "paused": "3 hours"} {
		in.exec(`INSERT INTO backlog (process_id, task_id, epoch, pool, node_type, definition_key, priority, created_at)
			VALUES ($1, $1, 1, $2, 'step@1', 'check', 3, now() - $3::interval)`, uuid.NewString(), pool, age)
	}
	in.eventually("both are told", func() bool { return len(in.mails("")) == 2 })
	require.Len(t, in.mails("No worker for pool ocr"), 1)
	require.Len(t, in.mails("The queue of pool ocr is too old"), 1)

	in.exec(`UPDATE pool_seen SET seen_at = now() WHERE pool = 'ocr'`)
	in.eventually("a worker came", func() bool { return len(in.mails("Recovered: No worker for pool ocr")) == 1 })
	in.exec(`DELETE FROM backlog WHERE pool = 'ocr'`)
	in.eventually("the queue is empty", func() bool { return len(in.mails("Recovered: The queue of pool ocr")) == 1 })
	require.Len(t, in.mails(""), 4, "said once each")
}

func TestAProcessOverItsTimeIsTold(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	s := in.service()
	in.rule(s, alert.RuleChange{Kind: alert.ProcessOverTime, Definition: "check", After: time.Hour})
	for i, age := range []string{"2 hours", "3 hours", "1 minute"} {
		for _, definition := range []string{"check", "other"} {
			id := uuid.New()
			in.exec(`UPDATE process SET state = state WHERE false`)
			in.exec(`INSERT INTO process (id, custom_id, definition_key, version, state, created_at, started_at)
				VALUES ((lpad(to_hex((extract(epoch FROM now() - $3::interval) * 1000)::bigint), 12, '0') || '7' || substr($1, 14, 19))::uuid, $2, $4, 1, 'running', now() - $3::interval, now() - $3::interval)`,
				hexOf(id), fmt.Sprintf("%s-%d", definition, i), age, definition)
		}
	}
	in.exec(`INSERT INTO process_live SELECT id FROM process`)
	in.eventually("the two are told", func() bool { return len(in.mails("runs over its time: CHECK")) == 2 })
	in.exec(`DELETE FROM process_live`)
	in.eventually("over", func() bool { return len(in.mails("Recovered")) == 1 })
	require.Len(t, in.mails(""), 3)
}

func hexOf(id uuid.UUID) string { return fmt.Sprintf("%x", id[:]) }

func TestItIsSaidAgainWhileItLasts(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	s := in.service()
	rule := in.rule(s, alert.RuleChange{Kind: alert.IncidentOpened, Repeat: time.Hour})
	in.fail("check", "sign", "SEAL_BROKEN", 1)
	in.eventually("told", func() bool { return len(in.mails("doc-sign-0")) == 1 })
	in.exec(`UPDATE alert SET last_notice_at = now() - interval '61 minutes' WHERE rule_id = $1`, rule.ID)
	in.eventually("again", func() bool { return len(in.mails("Still: ")) == 1 })
}

// TestTwoServersSayEverythingOnce lets incidents happen under two servers, of which one leads at a time and each is taken away
// now and then.
func TestTwoServersSayEverythingOnce(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.rule(in.made(), alert.RuleChange{Kind: alert.IncidentOpened})
	services := []*alert.Service{in.service(), in.service()}
	for i := range 40 {
		in.fail("check", fmt.Sprintf("node_%d", i), "SEAL_BROKEN", 2)
		if i%5 == 4 {
			services[0].Stop()
			services[0], services[1] = services[1], in.service()
		}
	}
	in.eventually("all is said", func() bool { return len(in.mails("doc-node_")) == 80 })
	n, tellOf := in.notices(alert.Opened)
	require.Equal(t, []int{80, 80}, []int{n, tellOf})
	require.Len(t, in.mails(""), 80)
}

// crashing is a store whose transactions break after the work and before the commit, as a kill does.
type crashing struct {
	alert.Store
	left atomic.Int64
}

var errCrash = errors.New("crash")

func (c *crashing) Evaluate(ctx context.Context, owner string, fence int64, f func(alert.Tx) error) error {
	return c.Store.Evaluate(ctx, owner, fence, func(tx alert.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		if rand.IntN(2) == 0 && c.left.Add(-1) >= 0 {
			return errCrash
		}
		return nil
	})
}

func TestACrashBetweenEvaluationAndDeliveryLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.rule(in.made(), alert.RuleChange{Kind: alert.IncidentOpened})
	store := &crashing{Store: in.store}
	store.left.Store(30)
	// The first server evaluates, with crashes, and reaches no mail server.
	first := in.service(func(c *alert.Config) { c.Store, c.Mail.Address = store, "127.0.0.1:1" })
	for i := range 20 {
		in.fail("check", fmt.Sprintf("node_%d", i), "SEAL_BROKEN", 1)
	}
	in.eventually("all is written", func() bool { n, _ := in.notices(alert.Opened); return n == 20 })
	in.eventually("delivery was tried", func() bool { return in.count(`SELECT count(*) FROM alert_delivery WHERE attempts > 0`) == 20 })
	require.Empty(t, in.mails(""))
	first.Stop()
	in.fail("check", "node_20", "SEAL_BROKEN", 1)
	in.exec(`UPDATE alert_delivery SET next_at = now()`)
	in.service()
	in.eventually("all arrive", func() bool { return len(in.mails("")) == 21 })
	require.Equal(t, 21, in.count(`SELECT count(*) FROM alert_delivery`))
}

func TestAServerThatLostTheLeadWritesNothing(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.rule(in.made(), alert.RuleChange{Kind: alert.IncidentOpened})
	in.fail("check", "sign", "SEAL_BROKEN", 1)
	old, err := in.store.Lead(t.Context(), "one", time.Millisecond)
	require.NoError(t, err)
	var fence int64
	in.eventually("taken over", func() bool {
		fence, err = in.store.Lead(t.Context(), "two", time.Minute)
		return err == nil && fence > 0
	})
	require.Greater(t, fence, old)
	take := func(tx alert.Tx) error {
		taken, err := tx.TakeIncidents(t.Context(), 10)
		require.Len(t, taken, 1)
		return err
	}
	require.ErrorIs(t, in.store.Evaluate(t.Context(), "one", old, take), alert.ErrNotLeader)
	require.Equal(t, 1, in.count(`SELECT count(*) FROM alert_incident`), "it is still there for the other")
	require.NoError(t, in.store.Evaluate(t.Context(), "two", fence, take))
	require.Zero(t, in.count(`SELECT count(*) FROM alert_incident`))
}

// beforeEvaluation is a store that does something when the first evaluation has begun.
type beforeEvaluation struct {
	alert.Store
	once sync.Once
	do   func()
}

func (b *beforeEvaluation) Evaluate(ctx context.Context, owner string, fence int64, f func(alert.Tx) error) error {
	b.once.Do(b.do)
	return b.Store.Evaluate(ctx, owner, fence, f)
}

// A rule that was there before an incident is asked about it, also when an evaluation was under way as it was made.
func TestAnIncidentRightAfterItsRuleIsTold(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	store := &beforeEvaluation{Store: in.store}
	s := in.made(func(c *alert.Config) { c.Store = store })
	store.do = func() {
		in.rule(s, alert.RuleChange{Kind: alert.IncidentOpened})
		in.fail("check", "sign", "SEAL_BROKEN", 1)
	}
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(s.Stop)
	in.eventually("told", func() bool { return len(in.mails("doc-sign-0")) == 1 })
}
