package registry

import (
	"context"
	_ "embed"
	"html/template"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed page.html
var pageSource string

var page = template.Must(template.New("page").Parse(pageSource))

// handler serves the page, and the address of the bus. The page changes things, so a browser must have it open under a loopback name
// and send its own forms.
func (r *Registry) handler() http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{$}", r.show)
	pages.HandleFunc("POST /faults", r.changeFaults)
	pages.HandleFunc("POST /ask", r.askByHand)
	guarded := http.NewCrossOriginProtection().Handler(pages)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /bus", r.take)
	mux.Handle("/", http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		host, _, err := net.SplitHostPort(request.Host)
		if err != nil {
			host = request.Host
		}
		if ip := net.ParseIP(strings.Trim(host, "[]")); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "the page is for this machine", http.StatusForbidden)
			return
		}
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		guarded.ServeHTTP(w, request)
	}))
	return mux
}

// BusURL is where it takes messages.
func (r *Registry) BusURL() string { return r.URL() + "/bus" }

// knob is a number of the page's form.
type knob struct {
	Name, EN, RU string
	share        func(*Faults) *float64
	span         func(*Faults) *time.Duration
}

var knobs = []knob{
	{"delay_min", "Shortest time to an answer", "Кратчайшее время до ответа", nil, func(f *Faults) *time.Duration { return &f.DelayMin }},
	{"delay_max", "Longest time to an answer", "Наибольшее время до ответа", nil, func(f *Faults) *time.Duration { return &f.DelayMax }},
	{"refuse", "Objects without information", "Объекты, о которых отказано", func(f *Faults) *float64 { return &f.Refuse }, nil},
	{"fail_entry", "Entries refused for good", "Записи, в которых отказано", func(f *Faults) *float64 { return &f.FailEntry }, nil},
	{"fail_extract", "Extracts refused for good", "Выписки, в которых отказано", func(f *Faults) *float64 { return &f.FailExtract }, nil},
	{"unpaid", "Fees that are never paid", "Пошлины, которые не оплатят", func(f *Faults) *float64 { return &f.Unpaid }, nil},
	{"paid_late", "Fees that are paid late", "Пошлины, оплаченные позже", func(f *Faults) *float64 { return &f.PaidLate }, nil},
	{"silent", "Requests without an answer", "Запросы без ответа", func(f *Faults) *float64 { return &f.Silent }, nil},
	{"duplicate", "Answers sent twice", "Ответы, отправленные дважды", func(f *Faults) *float64 { return &f.Duplicate }, nil},
	{"early", "Answers before the acknowledgement", "Ответы раньше подтверждения", func(f *Faults) *float64 { return &f.Early }, nil},
	{"lost_ack", "Acknowledgements that get lost", "Потерянные подтверждения", func(f *Faults) *float64 { return &f.LostAck }, nil},
	{"ack_delay", "Time to the acknowledgement", "Время до подтверждения", nil, func(f *Faults) *time.Duration { return &f.AckDelay }},
	{"outage_every", "Time between outages (0: none)", "Время между перерывами (0 — нет)", nil, func(f *Faults) *time.Duration { return &f.OutageEvery }},
	{"outage_for", "Length of an outage", "Длина перерыва", nil, func(f *Faults) *time.Duration { return &f.OutageFor }},
}

// shown is a knob with its value.
type shown struct{ Name, Label, Value string }

// seen is a message in the page's list.
type seen struct {
	At       time.Time
	Incoming bool
	Action   string
	Key      string
	Problem  string
}

// entered is an entry in the page's list.
type entered struct {
	Number      int64
	Parcel      string
	Application string
	Holder      string
	At          time.Time
	Withdrawn   *time.Time
}

// ID is how people know the entry.
func (e entered) ID() string { return entryNumber(e.Parcel, e.Number) }

type view struct {
	Language string
	RU       bool
	Knobs    []shown
	Books    Books
	Entries  []entered
	Messages []seen
	Notice   string
}

func (v view) T(en, ru string) string {
	if v.RU {
		return ru
	}
	return en
}

func (r *Registry) show(w http.ResponseWriter, request *http.Request) {
	r.render(w, request, http.StatusOK, "")
}

func (r *Registry) render(w http.ResponseWriter, request *http.Request, status int, notice string) {
	v := view{Language: "en", Notice: notice}
	if strings.HasPrefix(strings.ToLower(request.Header.Get("Accept-Language")), "ru") {
		v.Language, v.RU = "ru", true
	}
	faults := r.Faults()
	for _, k := range knobs {
		one := shown{Name: k.Name, Label: v.T(k.EN, k.RU)}
		if k.share != nil {
			one.Value = strconv.FormatFloat(*k.share(&faults), 'f', -1, 64)
		} else {
			one.Value = k.span(&faults).String()
		}
		v.Knobs = append(v.Knobs, one)
	}
	var err error
	if v.Books, err = r.Books(request.Context()); err == nil {
		v.Entries, err = r.entered(request.Context())
	}
	if err == nil {
		v.Messages, err = r.newest(request.Context())
	}
	if err != nil {
		r.config.Log.Warn("the registry's page can't be shown", "error", err)
		http.Error(w, "the registry's database is away", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := page.Execute(w, v); err != nil {
		r.config.Log.Debug("the registry's page was cut off", "error", err)
	}
}

// entered are the entries that were made last, those that were withdrawn among them.
func (r *Registry) entered(ctx context.Context) ([]entered, error) {
	rows, err := r.db.Query(ctx, `SELECT number, cadastral_number, application, holder, made_at, withdrawn_at FROM entry ORDER BY number DESC LIMIT 50`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[entered])
}

// newest are the messages that came last, and those that wait to be sent.
func (r *Registry) newest(ctx context.Context) ([]seen, error) {
	rows, err := r.db.Query(ctx, `
		(SELECT received_at, true, action, key, '' FROM received ORDER BY received_at DESC LIMIT 30)
		UNION ALL (SELECT made_at, false, action, key, problem FROM outgoing ORDER BY due_at LIMIT 30) ORDER BY 1 DESC`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[seen])
}

func (r *Registry) changeFaults(w http.ResponseWriter, request *http.Request) {
	request.Body = http.MaxBytesReader(w, request.Body, 64<<10)
	faults := r.Faults()
	for _, k := range knobs {
		value := strings.TrimSpace(request.PostFormValue(k.Name))
		if value == "" {
			continue
		}
		if err := faults.Set(k.Name, value); err != nil {
			r.render(w, request, http.StatusBadRequest, err.Error())
			return
		}
	}
	if err := faults.Check(); err != nil {
		r.render(w, request, http.StatusBadRequest, err.Error())
		return
	}
	if err := r.Behave(request.Context(), faults); err != nil {
		http.Error(w, "the registry's database is away", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, request, "/", http.StatusSeeOther)
}

func (r *Registry) askByHand(w http.ResponseWriter, request *http.Request) {
	if _, err := r.AskNext(request.Context()); err != nil {
		r.config.Log.Warn("the registry can't ask", "error", err)
		http.Error(w, "the registry's database is away", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, request, "/", http.StatusSeeOther)
}
