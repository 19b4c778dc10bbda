package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/demo"
	"github.com/taskurotta/taskurotta-go/server/demo/paper"
)

// loader starts the examples' processes, one after the other.
type loader struct {
	*session
	papers   *paper.Maker
	flaws    float64
	registry string // URL of its page; empty: nobody is asked to ask
	started  map[string]int
}

// load starts applications at a rate until it is told to end, and says how many of each kind it started.
func (s *session) load(ctx context.Context, c config.DemoLoad) error {
	if !(c.Rate > 0 && c.Rate <= 1000) || !(c.Flaws >= 0 && c.Flaws <= 1) || c.For < 0 || c.Count < 0 || c.From < 0 {
		return usage("--rate is from 0 to 1000, --flaws a share from 0 to 1, --for, --count and --from are not negative.")
	}
	seed, err := seedOf(c)
	if err != nil {
		return err
	}
	if s.token == "" && onThisMachine(c.Server) {
		if kept, err := os.ReadFile(filepath.Join(c.Data, demo.TokenFile)); err == nil { //nolint:gosec // the operator's own folder
			s.token = strings.TrimSpace(string(kept))
		}
	}
	l := &loader{session: s, papers: paper.New(seed), flaws: c.Flaws, registry: strings.TrimRight(c.Registry, "/"), started: map[string]int{}}
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	from := c.From
	if from == 0 { // tenths of seconds since the papers' epoch: later than those of earlier runs
		from = int(s.Now().Sub(paper.Epoch) / (100 * time.Millisecond))
	}
	next := time.NewTicker(time.Duration(float64(time.Second) / c.Rate))
	defer next.Stop()
	for n := 0; c.Count == 0 || n < c.Count; n++ {
		if err := l.one(ctx, from+n); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return l.tell()
		case <-next.C:
		}
	}
	return l.tell()
}

// onThisMachine tells whether a server is that of dev: its token goes nowhere else.
func onThisMachine(server string) bool {
	at, err := url.Parse(server)
	if err != nil {
		return false
	}
	ip := net.ParseIP(at.Hostname())
	return at.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// seedOf is the seed that the worker trusts: given, or kept by dev.
func seedOf(c config.DemoLoad) (uint64, error) {
	if c.Seed != 0 {
		return c.Seed, nil
	}
	file := filepath.Join(c.Data, demo.SeedFile)
	raw, err := os.ReadFile(file) //nolint:gosec // the operator's own folder
	if err != nil {
		return 0, usage("%s can't be read: give the folder of dev with --data, or a seed with --seed.", file)
	}
	seed, err := strconv.ParseUint(strings.TrimSpace(string(raw)), 10, 64)
	if err != nil {
		return 0, usage("%s holds no seed.", file)
	}
	return seed, nil
}

// shares are how often each definition is started, of twenty in a row.
var shares = []struct {
	definition string
	upTo       int
}{{"rights-registration", 11}, {"document-check", 15}, {"registry-request", 18}, {"cadastre-signatures", 20}}

// one starts the n-th application.
func (l *loader) one(ctx context.Context, n int) error {
	definition := ""
	for i := 0; definition == ""; i++ {
		if n*7%20 < shares[i].upTo { // 7: kinds take turns
			definition = shares[i].definition
		}
	}
	if definition == "cadastre-signatures" {
		if l.registry != "" && l.ask(ctx) {
			l.started[definition]++
			return nil
		}
		definition = "rights-registration"
	}
	flaw := paper.None
	if rand.Float64() < l.flaws {
		flaw = paper.Flaws[rand.IntN(len(paper.Flaws))]
	}
	a, err := l.papers.Application(n, flaw)
	if err != nil {
		return err
	}
	var input map[string]any
	if definition == "registry-request" {
		input = map[string]any{"application": a.Number, "kind": []string{"parcel", "rights", "encumbrances"}[rand.IntN(3)], "cadastral_number": a.CadastralNumber}
	} else {
		var refs []json.RawMessage
		for _, file := range a.Files {
			ref, err := l.uploadAs(ctx, file.Name, bytes.NewReader(file.Content), int64(len(file.Content)))
			if err != nil {
				return err
			}
			refs = append(refs, ref)
		}
		input = demo.Input(definition, a, refs)
	}
	raw, err := json.Marshal(input)
	if err != nil {
		return err
	}
	if _, err := l.send(ctx, http.MethodPost, "/processes", startBody{Definition: definition, CustomID: a.Number, Input: raw}, nil); err != nil {
		return err
	}
	l.started[definition]++
	return nil
}

// ask lets the registry ask for a check of signatures; when it is away, that is said once.
func (l *loader) ask(ctx context.Context) bool {
	at, err := url.JoinPath(l.registry, "ask")
	if err == nil {
		var request *http.Request
		if request, err = http.NewRequestWithContext(ctx, http.MethodPost, at, http.NoBody); err == nil {
			var response *http.Response
			if response, err = l.http.Do(request); err == nil {
				_ = response.Body.Close()
				if response.StatusCode == http.StatusSeeOther {
					return true
				}
				err = fmt.Errorf("it answered %d", response.StatusCode)
			}
		}
	}
	if ctx.Err() == nil {
		l.note("the registry at %s does not ask for signatures: %v", l.registry, err)
		l.registry = ""
	}
	return false
}

func (l *loader) tell() error {
	return l.composed(l.started, func() error {
		for _, share := range shares {
			if n := l.started[share.definition]; n > 0 {
				l.say("%d × %s", n, share.definition)
			}
		}
		return nil
	})
}
