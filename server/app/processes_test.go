package app_test

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/server/demo/registry"
)

// badly is a registry with every fault that a bus has.
func badly() registry.Faults {
	return registry.Faults{
		DelayMax: 200 * time.Millisecond, Refuse: 0.3, FailEntry: 0.3, FailExtract: 0.3, Unpaid: 0.3, PaidLate: 0.3,
		Duplicate: 0.3, Early: 0.2, LostAck: 0.2, OutageEvery: 3 * time.Second, OutageFor: 300 * time.Millisecond,
	}
}

func decide(decision string) map[string]any { return map[string]any{"decision": decision} }

// TestEachProcessReachesEachOfItsEnds runs on a bus with faults, people and times by the API.
func TestEachProcessReachesEachOfItsEnds(t *testing.T) {
	t.Parallel()
	o := openOffice(t, badly())
	t.Run("at once", func(t *testing.T) {
		t.Run("a new version of the document check", func(t *testing.T) { o.newVersion(t) })
		t.Run("signatures", func(t *testing.T) { o.signatures(t) })
		o.registrations(t)
		o.documents(t)
		o.asking(t)
	})
	t.Run("books", func(t *testing.T) {
		books, err := o.dev.Registry.Books(t.Context())
		require.NoError(t, err)
		require.Empty(t, books.Unbalanced)
		require.Positive(t, books.Entries)
		require.Positive(t, books.Withdrawn)
		require.Equal(t, books.Entries, books.Fees-books.Refunds)
		var wrong int
		require.NoError(t, o.dev.Server.DB.QueryRow(t.Context(), `SELECT count(*) FROM demo_registry.entry JOIN demo_registry.booking USING (application)
			WHERE withdrawn_at IS NOT NULL AND (refunded_at IS NULL OR refunded_at < withdrawn_at)`).Scan(&wrong))
		require.Zero(t, wrong, "what was done last is undone first")
	})
	t.Run("requests", func(t *testing.T) { o.requests(t) })
}

// registrations goes the ways of an application.
func (o *office) registrations(t *testing.T) {
	f := o.faults
	failing := func(entry, extract bool) func(paper.Application) bool {
		return func(a paper.Application) bool {
			return f.FailsEntry(a.Number) == entry && f.FailsExtract(a.Number) == extract && !f.RefusesInformation(a.CadastralNumber) && !f.NeverPaid(a.Number) && !f.PaysLate(a.Number)
		}
	}
	const standing, withdrawn, none = "an entry", "a withdrawn entry", "no entry"
	for name, c := range map[string]struct {
		flaw   paper.Flaw
		fits   func(paper.Application) bool
		people func(t *testing.T, a paper.Application)
		result string
		entry  string
		mail   string
	}{
		"approved": {paper.None, o.usual, func(t *testing.T, a paper.Application) { o.answer(t, a.Number, "examine", decide("approve")) }, "registered", standing, "is registered"},
		"suspended, resumed, approved": {paper.None, o.usual, func(t *testing.T, a paper.Application) {
			o.answer(t, a.Number, "examine", decide("suspend"))
			o.message(t, "registration.resumed", a.Number, map[string]any{})
			o.answer(t, a.Number, "examine", decide("approve"))
		}, "registered", standing, "is registered"},
		"suspended to the end, refused": {paper.None, o.usual, func(t *testing.T, a paper.Application) {
			o.answer(t, a.Number, "examine", decide("suspend"))
			o.fire(t, a.Number, "suspended", "suspension")
			o.answer(t, a.Number, "examine", map[string]any{"decision": "refuse", "reason": "the seller is not the owner"})
		}, "refused", none, "is not registered"},
		"refused": {paper.None, o.usual, func(t *testing.T, a paper.Application) { o.answer(t, a.Number, "examine", decide("refuse")) }, "refused", none, "is not registered"},
		"the entry fails": {paper.None, failing(true, false), func(t *testing.T, a paper.Application) { o.answer(t, a.Number, "examine", decide("approve")) },
			"refused", none, "is not registered"},
		"the extract fails": {paper.None, failing(false, true), func(t *testing.T, a paper.Application) { o.answer(t, a.Number, "examine", decide("approve")) },
			"refused", withdrawn, "is not registered"},
		"the registry tells nothing": {paper.None, func(a paper.Application) bool {
			return f.RefusesInformation(a.CadastralNumber) && !f.FailsEntry(a.Number) && !f.FailsExtract(a.Number) && !f.NeverPaid(a.Number)
		}, func(t *testing.T, a paper.Application) { o.answer(t, a.Number, "examine", decide("approve")) }, "registered", standing, "is registered"},
		"never paid": {paper.None, func(a paper.Application) bool { return f.NeverPaid(a.Number) }, func(t *testing.T, a paper.Application) { o.fire(t, a.Number, "fee_wait", "fee_late") },
			"not_paid", none, "has no fee"},
		"told to be paid, which the registry does not know": {paper.None, func(a paper.Application) bool { return f.NeverPaid(a.Number) }, func(t *testing.T, a paper.Application) {
			all := o.processes(t, "definition=rights-registration&custom_id="+a.Number)
			require.Len(t, all, 1)
			o.message(t, "registry.fee.paid", all[0].ID+":fee", map[string]any{"application": a.Number})
		}, "not_paid", none, "has no fee"},
		"paid late": {paper.None, func(a paper.Application) bool {
			return f.PaysLate(a.Number) && !f.FailsEntry(a.Number) && !f.FailsExtract(a.Number)
		}, func(t *testing.T, a paper.Application) { o.answer(t, a.Number, "examine", decide("approve")) }, "registered", standing, "is registered"},
		"a revoked signer": {paper.RevokedSigner, o.usual, func(*testing.T, paper.Application) {}, "returned", none, "is not accepted"},
		"a document is missing, never sent": {paper.Missing, o.usual, func(t *testing.T, a paper.Application) {
			o.answer(t, a.Number, "clerk", map[string]any{"decision": "return", "comment": "Send the passport."})
			o.fire(t, a.Number, "wait", "deadline")
		}, "returned", none, "is returned"},
		"a document is missing, sent later": {paper.Missing, o.usual, func(t *testing.T, a paper.Application) {
			o.answer(t, a.Number, "clerk", decide("return"))
			whole, err := o.dev.Paper.Application(numberOf(t, a), paper.None)
			require.NoError(t, err)
			o.message(t, "package.corrected", a.Number, map[string]any{"files": o.upload(t, documentsOf(whole))})
			o.answer(t, a.Number, "examine", decide("approve"))
		}, "registered", standing, "is registered"},
		"a document is missing, accepted all the same": {paper.Missing, o.usual, func(t *testing.T, a paper.Application) {
			o.answer(t, a.Number, "clerk", decide("accept"))
			o.answer(t, a.Number, "examine", decide("approve"))
		}, "registered", standing, "is registered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := o.pick(t, c.flaw, c.fits)
			id := o.apply(t, "rights-registration", a)
			c.people(t, a)
			e := o.ends(t, id)
			require.Equal(t, "completed", e.State)
			require.Equal(t, c.result, e.Output["result"])
			stands, gone, err := o.dev.Registry.Entries(t.Context(), a.Number)
			require.NoError(t, err)
			require.Equal(t, c.entry, map[[2]int]string{{1, 0}: standing, {0, 1}: withdrawn, {0, 0}: none}[[2]int{stands, gone}], "%d entries stand, %d are withdrawn", stands, gone)
			if c.result == "registered" {
				require.True(t, strings.HasPrefix(e.Output["entry"].(string), a.CadastralNumber), "%v", e.Output)
				require.Equal(t, "extract-"+a.Number+".pdf", e.Output["extract"].(map[string]any)["name"])
			}
			var mail struct {
				Items []struct {
					Subject string
					To      []string
				}
			}
			o.get(t, "/api/v1/mail", &mail)
			var subjects []string
			for _, one := range mail.Items {
				if one.To[0] == a.Email {
					subjects = append(subjects, one.Subject)
				}
			}
			require.Contains(t, subjects, "Application "+a.Number+" "+c.mail)
		})
	}
}

// numberOf is which application of the papers it is.
func numberOf(t *testing.T, a paper.Application) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimPrefix(a.Number, "2026-"))
	require.NoError(t, err)
	return n - 1000
}

func documentsOf(a paper.Application) (documents []paper.File) {
	for _, file := range a.Files {
		if !file.Signature() {
			documents = append(documents, file)
		}
	}
	return documents
}

// documents checks packages by themselves, up to the largest.
func (o *office) documents(t *testing.T) {
	whatever := func(paper.Application) bool { return true }
	for name, c := range map[string]struct {
		flaw     paper.Flaw
		problems int
	}{"in order": {paper.None, 0}, "a broken PDF": {paper.BrokenPDF, 1}, "an application against its schema": {paper.WrongXML, 1}, "a missing document": {paper.Missing, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := o.pick(t, c.flaw, whatever)
			id := o.apply(t, "document-check", a)
			if c.problems > 0 {
				o.answer(t, a.Number, "clerk", decide("accept"))
			}
			e := o.ends(t, id)
			require.Equal(t, true, e.Output["accepted"])
			require.Len(t, e.Output["problems"], c.problems)
		})
	}
	t.Run("two hundred files", func(t *testing.T) {
		t.Parallel()
		a := o.pick(t, paper.None, whatever)
		refs := o.upload(t, documentsOf(a))
		files := []any{}
		for _, ref := range refs {
			files = append(files, ref)
		}
		for i := len(files); i < 200; i++ {
			var one map[string]any
			require.NoError(t, json.Unmarshal(refs[1], &one))
			one["name"] = strings.Repeat("i", i) + ".pdf"
			files = append(files, one)
		}
		input := map[string]any{"applicant": a.Applicant, "email": a.Email, "kind": a.Kind, "files": files}
		e := o.ends(t, o.start(t, "document-check", a.Number, input))
		require.Equal(t, true, e.Output["accepted"])
		require.Len(t, e.Output["files"], 200)
	})
}

// signatures is asked by the registry over the bus, and answers there.
func (o *office) signatures(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for n := 1; n <= 15; n++ {
		id, err := o.dev.Registry.AskForVerdict(t.Context(), n)
		require.NoError(t, err)
		ids[id] = n%3 != 0
	}
	got := map[string]bool{}
	require.Eventually(t, func() bool {
		for id := range ids {
			q, err := o.dev.Registry.Question(t.Context(), id)
			require.NoError(t, err)
			if q.Answered {
				got[id] = q.Accepted
			}
		}
		return len(got) == len(ids)
	}, patience, glance)
	require.True(t, maps.Equal(ids, got), "%v", got)
	for n, code := range map[string]string{"gkn-3": "certificate.expired", "gkn-6": "revocation.revoked", "gkn-9": "chain.untrusted", "gkn-12": "signature.missing", "gkn-15": "digest.mismatch"} {
		q, err := o.dev.Registry.Question(t.Context(), n)
		require.NoError(t, err)
		require.Contains(t, q.Verdict, code, n)
		require.Contains(t, q.Verdict, `valid="true"`, "the others of %s are in order", n)
	}

	a := o.pick(t, paper.None, o.usual)
	refs := o.upload(t, a.Files)
	o.message(t, "cadastre.signature.request", "", map[string]any{"key": "nobody-asked", "message_id": "m", "attachments": refs})
	require.Eventually(t, func() bool {
		return len(o.processes(t, "custom_id=nobody-asked&definition=cadastre-signatures&state=failed")) == 1
	}, patience, glance)
}

// requests are asked one after the other, since silence is of the whole registry.
func (o *office) requests(t *testing.T) {
	silence := o.faults
	silence.Silent = 1
	require.NoError(t, o.dev.Registry.Behave(t.Context(), silence))
	land := func(refused bool) string {
		return o.pick(t, paper.None, func(a paper.Application) bool { return o.faults.RefusesInformation(a.CadastralNumber) == refused }).CadastralNumber
	}
	ask := func(customID, cadastral string) string {
		return o.start(t, "registry-request", customID, map[string]any{"application": customID, "kind": "rights", "cadastral_number": cadastral})
	}
	silent := func(customID string, times int) {
		for range times {
			o.fire(t, customID, "wait", "silence")
		}
	}
	known, reminded, byHand, givenUp, again := ask("reminded", land(false)), "reminded", ask("by-hand", land(false)), ask("given-up", land(false)), ask("again", land(false))
	silent("by-hand", 3)
	o.answer(t, "by-hand", "escalate", map[string]any{"decision": "by_hand", "answer": "by telephone: Иванов"})
	require.Equal(t, "by_hand", o.ends(t, byHand).Output["result"])
	silent("given-up", 3)
	o.answer(t, "given-up", "escalate", decide("give_up"))
	require.Equal(t, "REGISTRY_SILENT", o.ends(t, givenUp).Code)
	silent("again", 3)
	require.NoError(t, o.dev.Registry.Behave(t.Context(), o.faults))
	o.answer(t, "again", "escalate", decide("ask_again"))
	require.Equal(t, "given", o.ends(t, again).Output["result"])
	silent(reminded, 1) // the reminder is answered
	require.Equal(t, "given", o.ends(t, known).Output["result"])

	e := o.ends(t, ask("refused", land(true)))
	require.Equal(t, "failed", e.State)
	require.Equal(t, "REGISTRY_REFUSED", e.Code)
	e = o.ends(t, ask("nowhere", "no number"))
	require.Equal(t, "failed", e.State)
	require.Equal(t, "REGISTRY_NOT_FOUND", e.Code)
	e = o.ends(t, ask("not taken", " "))
	require.Equal(t, "failed", e.State)
	require.Equal(t, "REGISTRY_REFUSED", e.Code)
	require.Contains(t, e.Message, "cadastral_number", "the bus refuses what can't be read")
}
