package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/demo/registry"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
	"github.com/taskurotta/taskurotta-go/workers/bus"
	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// office is the other end of the bus: it keeps what the registry sends.
type office struct {
	mu       sync.Mutex
	messages []*bus.Received
	files    int
	away     bool // it answers 503
}

func (o *office) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	received, err := bus.Decode(request.Header.Get("Content-Type"), request.Header.Get, request.Body, func(_, _ string, content io.Reader) error {
		o.files++
		_, err := io.Copy(io.Discard, content)
		return err
	})
	if err != nil || request.Header.Get("Authorization") != "Bearer of the office" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	o.messages = append(o.messages, received)
	w.WriteHeader(http.StatusAccepted)
}

// of are the messages of an action that came for a key.
func (o *office) of(action, key string) (all []map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range o.messages {
		if m.Action == action && m.Key == key {
			fields, _ := xmldoc.Value(m.Body).(map[string]any)
			all = append(all, fields)
		}
	}
	return all
}

type fixture struct {
	t        *testing.T
	office   *office
	registry *registry.Registry
	config   registry.Config
}

func start(t *testing.T, faults registry.Faults) *fixture {
	t.Helper()
	f := &fixture{t: t, office: &office{}}
	server := httptest.NewServer(f.office)
	t.Cleanup(server.Close)
	f.config = registry.Config{DatabaseURL: stacktest.EmptyPostgres(t), Server: server.URL, Token: "of the office", Faults: &faults}
	f.begin()
	return f
}

func (f *fixture) begin() {
	f.t.Helper()
	var err error
	f.registry, err = registry.New(f.t.Context(), f.config)
	require.NoError(f.t, err)
	f.t.Cleanup(f.registry.Stop)
	require.NoError(f.t, f.registry.Start(f.t.Context()))
}

// send sends a message and returns the fault that answers it, nil for an acknowledgement.
func (f *fixture) send(format bus.Format, id, action, key string, fields ...string) (*bus.Fault, error) {
	f.t.Helper()
	var elements []xmldoc.Field
	for i := 0; i < len(fields); i += 2 {
		elements = append(elements, xmldoc.Field{Name: fields[i], Value: fields[i+1]})
	}
	payload, err := xmldoc.Write("request", "", elements)
	require.NoError(f.t, err)
	m := bus.Message{ID: id, Action: action, From: "office", Key: key, Payload: []byte(payload)}
	encoded, err := m.Encode(format)
	require.NoError(f.t, err)
	var body bytes.Buffer
	require.NoError(f.t, encoded.Write(&body))
	request, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, f.registry.BusURL(), &body)
	require.NoError(f.t, err)
	request.Header.Set("Content-Type", encoded.ContentType)
	for name, value := range encoded.Header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(f.t, err)
	if fault := bus.FaultIn(response.Header.Get("Content-Type"), answer); fault != nil {
		return fault, nil
	}
	if response.StatusCode >= 300 {
		return nil, fmt.Errorf("%d %s", response.StatusCode, answer)
	}
	return nil, nil
}

func (f *fixture) taken(id, action, key string, fields ...string) {
	f.t.Helper()
	fault, err := f.send(bus.SOAP, id, action, key, fields...)
	require.NoError(f.t, err)
	require.Nil(f.t, fault)
}

func (f *fixture) answers(action, key string, want int) []map[string]any {
	f.t.Helper()
	require.Eventually(f.t, func() bool { return len(f.office.of(action, key)) >= want }, 10*time.Second, 10*time.Millisecond, "%d of %s for %s", want, action, key)
	return f.office.of(action, key)
}

const land = "77:01:0001001:12"

// register takes an application through fee and entry.
func (f *fixture) register(application string) {
	f.t.Helper()
	f.taken(application+"-check", registry.CheckFee, application, "application", application, "kind", "sale")
	f.answers(registry.FeeState, application, 1)
	f.taken(application+"-book", registry.BookFee, application, "application", application)
	f.taken(application+"-enter", registry.MakeEntry, application, "application", application, "kind", "sale", "holder", "Иванов", "cadastral_number", land)
	f.answers(registry.EntryAnswer, application, 1)
}

func TestAnEntryChangesWhatIsToldAfterwards(t *testing.T) {
	t.Parallel()
	for _, format := range []bus.Format{bus.SOAP, bus.Plain} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			f := start(t, registry.Faults{})
			ask := func(id string) map[string]any {
				fault, err := f.send(format, id, registry.AskInformation, id, "kind", "rights", "cadastral_number", land)
				require.NoError(t, err)
				require.Nil(t, fault)
				return f.answers(registry.Information, id, 1)[0]
			}
			before := ask("q1")
			require.Equal(t, "given", before["result"])
			require.Equal(t, "old_books", before["right"])
			require.Equal(t, before["holder"], ask("q2")["holder"], "asked again it says the same")
			f.register("a1")
			require.Equal(t, "Иванов", ask("q3")["holder"])
			f.taken("x1", registry.AskExtract, "x1", "application", "a1")
			require.Equal(t, "Иванов", f.answers(registry.Extract, "x1", 1)[0]["holder"])
			f.taken("w1", registry.WithdrawEntry, "w1", "application", "a1")
			require.Equal(t, before["holder"], ask("q4")["holder"], "a withdrawn entry counts no more")
		})
	}
}

func TestTheSameMessageAgainChangesNothing(t *testing.T) {
	t.Parallel()
	f := start(t, registry.Faults{})
	for range 3 {
		f.register("a1") // with the same ids
	}
	f.taken("another-id", registry.MakeEntry, "again", "application", "a1", "kind", "sale", "holder", "Иванов", "cadastral_number", land)
	f.answers(registry.EntryAnswer, "again", 1)
	require.Equal(t, f.office.of(registry.EntryAnswer, "a1")[0]["number"], f.office.of(registry.EntryAnswer, "again")[0]["number"])
	books, err := f.registry.Books(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, books.Entries)
	require.Equal(t, 1, books.Fees)
	require.Len(t, f.office.of(registry.EntryAnswer, "a1"), 1)

	for range 2 {
		f.taken("undo-1", registry.WithdrawEntry, "", "application", "a1")
		f.taken("undo-2", registry.RefundFee, "", "application", "a1")
	}
	books, err = f.registry.Books(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 1, 1}, []int{books.Entries, books.Withdrawn, books.Fees, books.Refunds})
	require.Empty(t, books.Unbalanced)
}

func TestTheBooksTellWhatIsNotBalanced(t *testing.T) {
	t.Parallel()
	f := start(t, registry.Faults{})
	f.register("a1")
	f.register("a2")
	f.taken("r", registry.RefundFee, "", "application", "a1")
	f.taken("w", registry.WithdrawEntry, "", "application", "a2")
	books, err := f.registry.Books(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"a1: an entry without a fee", "a2: a fee without an entry"}, books.Unbalanced)
}

func TestEverythingSurvivesARestart(t *testing.T) {
	t.Parallel()
	f := start(t, registry.Faults{DelayMin: time.Hour, DelayMax: time.Hour})
	f.taken("q", registry.AskInformation, "q", "kind", "parcel", "cadastral_number", land)
	f.registry.Stop()
	f.config.Faults = nil
	f.begin()
	require.Equal(t, time.Hour, f.registry.Faults().DelayMin, "how it behaves is kept")
	f.taken("q", registry.AskInformation, "q", "kind", "parcel", "cadastral_number", land)
	books, err := f.registry.Books(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, books.Waiting, "what was asked before is known, and its answer waits still")
}

func TestWhatItRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, registry.Faults{Refuse: 1, FailEntry: 1, FailExtract: 1, Unpaid: 1})
	for key, c := range map[string]struct {
		action, answer, code string
		fields               []string
	}{
		"restricted": {registry.AskInformation, registry.Information, registry.CodeRestricted, []string{"kind", "rights", "cadastral_number", land}},
		"no land":    {registry.AskInformation, registry.Information, registry.CodeNotFound, []string{"kind", "rights", "cadastral_number", "12"}},
		"conflict":   {registry.MakeEntry, registry.EntryAnswer, registry.CodeConflict, []string{"application", "a", "kind", "sale", "holder", "x", "cadastral_number", land}},
		"archive":    {registry.AskExtract, registry.Extract, registry.CodeArchive, []string{"application", "a"}},
		"no fee":     {registry.BookFee, registry.FeeBooked, registry.CodeNoFee, []string{"application", "a"}},
	} {
		f.taken(key, c.action, key, c.fields...)
		require.Equal(t, c.code, f.answers(c.answer, key, 1)[0]["code"], key)
	}
	f.taken("fee", registry.CheckFee, "fee", "application", "a", "kind", "sale")
	require.Equal(t, "unpaid", f.answers(registry.FeeState, "fee", 1)[0]["result"])
	for subcode, send := range map[string]func() (*bus.Fault, error){
		"UnknownAction": func() (*bus.Fault, error) { return f.send(bus.SOAP, "1", "registry.no", "") },
		"Invalid":       func() (*bus.Fault, error) { return f.send(bus.Plain, "2", registry.CheckFee, "", "kind", "sale") },
		"UnknownRequest": func() (*bus.Fault, error) {
			return f.send(bus.SOAP, "3", registry.Verdict, "", "result", "accepted", "request", "x")
		},
	} {
		fault, err := send()
		require.NoError(t, err)
		require.NotNil(t, fault, subcode)
		require.Equal(t, bus.Sender, fault.Code)
		require.Equal(t, subcode, fault.Subcode)
	}
	f.registry.Stop()
	f.config.Russian = true
	f.begin()
	f.taken("in Russian", registry.AskExtract, "in Russian", "application", "a")
	answer := f.answers(registry.Extract, "in Russian", 1)[0]
	require.Equal(t, registry.CodeArchive, answer["code"])
	require.Equal(t, "книги этого объекта не читаются", answer["reason"])
}

func TestAFeeThatIsPaidLateIsTold(t *testing.T) {
	t.Parallel()
	f := start(t, registry.Faults{PaidLate: 1})
	f.taken("1", registry.CheckFee, "k", "application", "a", "kind", "lease")
	require.Equal(t, "unpaid", f.answers(registry.FeeState, "k", 1)[0]["result"])
	require.Equal(t, "1500.00", f.answers(registry.FeePaid, "k", 1)[0]["amount"])
	f.taken("2", registry.BookFee, "k", "application", "a")
	require.Equal(t, "booked", f.answers(registry.FeeBooked, "k", 1)[0]["result"])
}

func TestItBehavesAsBadlyAsItIsTold(t *testing.T) {
	t.Parallel()
	t.Run("answers come twice", func(t *testing.T) {
		t.Parallel()
		f := start(t, registry.Faults{Duplicate: 1})
		f.taken("q", registry.AskInformation, "q", "kind", "parcel", "cadastral_number", land)
		both := f.answers(registry.Information, "q", 2)
		require.Equal(t, both[0], both[1])
	})
	t.Run("answers overtake the acknowledgement", func(t *testing.T) {
		t.Parallel()
		f := start(t, registry.Faults{Early: 1, DelayMin: time.Hour, DelayMax: time.Hour})
		f.taken("q", registry.AskInformation, "q", "kind", "parcel", "cadastral_number", land)
		require.Len(t, f.office.of(registry.Information, "q"), 1)
	})
	t.Run("requests stay without an answer until they are sent again", func(t *testing.T) {
		t.Parallel()
		f := start(t, registry.Faults{Silent: 1})
		f.taken("q", registry.AskInformation, "q", "kind", "parcel", "cadastral_number", land)
		books, err := f.registry.Books(t.Context())
		require.NoError(t, err)
		require.Zero(t, books.Waiting)
		require.NoError(t, f.registry.Behave(t.Context(), registry.Faults{}))
		f.taken("r", registry.Remind, "q", "kind", "parcel", "cadastral_number", land)
		f.answers(registry.Information, "q", 1)
	})
	t.Run("acknowledgements get lost after the work is done", func(t *testing.T) {
		t.Parallel()
		f := start(t, registry.Faults{LostAck: 1})
		_, err := f.send(bus.SOAP, "q", registry.AskInformation, "q", "kind", "parcel", "cadastral_number", land)
		require.Error(t, err)
		f.answers(registry.Information, "q", 1)
	})
	t.Run("it goes away and comes back", func(t *testing.T) {
		t.Parallel()
		f := start(t, registry.Faults{OutageEvery: 200 * time.Millisecond, OutageFor: 100 * time.Millisecond})
		var away, taken int
		require.Eventually(t, func() bool {
			_, err := f.send(bus.SOAP, fmt.Sprintf("q%d", away+taken), registry.AskInformation, "q", "kind", "parcel", "cadastral_number", land)
			if err != nil {
				away++
			} else {
				taken++
			}
			return away > 2 && taken > 2
		}, 10*time.Second, 10*time.Millisecond)
	})
}

func TestWhatTheOfficeCannotTakeIsSentAgain(t *testing.T) {
	t.Parallel()
	f := start(t, registry.Faults{})
	f.office.away = true
	f.taken("q", registry.AskInformation, "q", "kind", "parcel", "cadastral_number", land)
	require.Eventually(t, func() bool { return strings.Contains(f.page(t), "503") }, 10*time.Second, 20*time.Millisecond, "the page says why a message waits")
	f.office.mu.Lock()
	f.office.away = false
	f.office.mu.Unlock()
	f.answers(registry.Information, "q", 1)
}

func TestItAsksForVerdictsAndKeepsThem(t *testing.T) {
	t.Parallel()
	f := start(t, registry.Faults{})
	id, err := f.registry.AskForVerdict(t.Context(), 1)
	require.NoError(t, err)
	again, err := f.registry.AskForVerdict(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, id, again)
	f.answers(registry.AskSignatures, id, 1)
	require.Equal(t, 6, f.office.files, "three papers with their signatures, once")
	f.taken("v", registry.Verdict, id, "request", id, "result", "rejected", "reason", "digest.mismatch")
	q, err := f.registry.Question(t.Context(), id)
	require.NoError(t, err)
	require.True(t, q.Answered)
	require.False(t, q.Accepted)
	require.Contains(t, q.Verdict, "digest.mismatch")
}

func (f *fixture) page(t *testing.T) string {
	t.Helper()
	response, err := http.Get(f.registry.URL())
	require.NoError(t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return string(raw)
}

func TestThePageChangesTheBehaviour(t *testing.T) {
	t.Parallel()
	f := start(t, registry.Faults{})
	change := func(origin string, values url.Values) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.registry.URL()+"/faults", strings.NewReader(values.Encode()))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", origin)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		return response.StatusCode
	}
	values := url.Values{"refuse": {"0.25"}, "delay_max": {"3s"}}
	require.Equal(t, http.StatusForbidden, change("http://elsewhere.example", values), "another page's form")
	require.Zero(t, f.registry.Faults().Refuse)
	require.Equal(t, http.StatusOK, change(f.registry.URL(), values), "it shows itself again")
	require.Equal(t, registry.Faults{Refuse: 0.25, DelayMax: 3 * time.Second}, f.registry.Faults())
	require.Equal(t, http.StatusBadRequest, change(f.registry.URL(), url.Values{"refuse": {"7"}}))
	require.Equal(t, http.StatusBadRequest, change(f.registry.URL(), url.Values{"delay_min": {"soon"}}))
	require.Contains(t, f.page(t), `value="0.25"`)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.registry.URL(), nil)
	require.NoError(t, err)
	request.Host = "rebound.example"
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusForbidden, response.StatusCode)
}

func TestThePageListsEntries(t *testing.T) {
	t.Parallel()
	f := start(t, registry.Faults{})
	f.register("a1")
	f.register("a2")
	f.taken("w1", registry.WithdrawEntry, "w1", "application", "a1")
	f.taken("again", registry.MakeEntry, "again", "application", "a2", "kind", "sale", "holder", "Иванов", "cadastral_number", land)
	page := f.page(t)
	require.Equal(t, 1, strings.Count(page, `data-application="a1" data-state="withdrawn"`), page)
	require.Equal(t, 1, strings.Count(page, `data-application="a2" data-state="stands"`), page)
	require.Equal(t, 2, strings.Count(page, "data-application="), page)
	require.Less(t, strings.Index(page, `data-application="a2"`), strings.Index(page, `data-application="a1"`), "the newest first")
}

func TestFaultsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for _, faults := range []registry.Faults{{Refuse: 1.1}, {Early: -1}, {DelayMin: 2, DelayMax: 1}, {OutageEvery: 5, OutageFor: 5}, {DelayMax: -1}} {
		_, err := registry.New(context.Background(), registry.Config{Server: "http://127.0.0.1:1/", Faults: &faults})
		require.Error(t, err, "%+v", faults)
	}
	_, err := registry.New(context.Background(), registry.Config{Server: "not a url"})
	require.Error(t, err)
	var f registry.Faults
	require.NoError(t, errors.Join(f.Set("early", "0.5"), f.Set("delay_max", "2s")))
	require.Equal(t, registry.Faults{Early: 0.5, DelayMax: 2 * time.Second}, f)
	require.ErrorContains(t, f.Set("speed", "1"), "outage_every", "the names that there are")
	require.Error(t, f.Set("delay_max", "2"))
}
