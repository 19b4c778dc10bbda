package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Stored is what an installation costs that has been at work for long, beside an empty one of the same run.
type Stored struct {
	Processes     int        `json:"processes"`
	WriteS        float64    `json:"write_s"` // seconds that writing them took
	Chain10       Throughput `json:"chain10"`
	RatioToEmpty  float64    `json:"ratio_to_empty"` // of chain10's tasks a second
	PrefixP95MS   float64    `json:"search_prefix_p95_ms"`
	FiltersP95MS  float64    `json:"search_filters_p95_ms"`
	NextPageP95MS float64    `json:"search_next_page_p95_ms"`
	Searches      int        `json:"searches"` // of each kind
	DatabaseBytes int64      `json:"database_bytes"`
}

const (
	storedKey      = "bench-stored" // definition of what is stored
	storedPrefix   = "stored-"
	storedDays     = 60 // over which they have ended; less than what retention keeps
	storedSearches = 200
)

// stored writes the history, then measures chains and searches on it.
func (c *client) stored(ctx context.Context, options Options, empty []sample, progress io.Writer) (*Stored, error) {
	if options.Fill == nil {
		return nil, errors.New("nobody writes what shall be stored")
	}
	out := &Stored{Processes: options.Stored, Searches: storedSearches}
	fmt.Fprintf(progress, "writing %d processes\n", options.Stored)
	began := time.Now()
	span := storedDays * 24 * time.Hour
	if err := options.Fill(ctx, Fill{Definition: storedKey, CustomID: storedPrefix, Count: options.Stored, From: began.Add(-span), Span: span - time.Hour}); err != nil {
		return nil, fmt.Errorf("write history: %w", err)
	}
	out.WriteS = round1(time.Since(began).Seconds())
	// What autovacuum would have done in the days before, and what a checkpoint of it would cost the measurement.
	for _, statement := range []string{`VACUUM ANALYZE`, `CHECKPOINT`} {
		if _, err := c.target.DB.Exec(ctx, statement); err != nil {
			return nil, fmt.Errorf("%s: %w", statement, err)
		}
	}
	if err := c.target.DB.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&out.DatabaseBytes); err != nil {
		return nil, err
	}
	if len(empty) > 0 {
		var chains []sample
		for range options.Rounds {
			got, err := c.throughput(ctx, chain10, options.Chains, options.Starters)
			if err != nil {
				return nil, fmt.Errorf("chain10 on history: %w", err)
			}
			fmt.Fprintf(progress, "chain10 on history %s\n", got)
			chains = append(chains, got)
		}
		before, after := middle(empty), middle(chains)
		out.Chain10 = Throughput{ProcessesPerS: round1(after.rate / float64(chain10.tasks)), TasksPerS: round1(after.rate), CPUPerTask: after.cpu, WALPerTask: round1(after.wal)}
		out.RatioToEmpty = round3(after.rate / before.rate)
	}
	return out, c.searches(ctx, out, began.Add(-span), span)
}

// searches asks as support does: by the beginning of a customId, and by several filters at once, first and second page.
func (c *client) searches(ctx context.Context, out *Stored, from time.Time, span time.Duration) error {
	var prefix, filters, next []float64
	for i := range out.Searches {
		n := i * (out.Processes / out.Searches)
		took, _, err := c.search(ctx, url.Values{"custom_id_prefix": {fmt.Sprintf("%s%06d", storedPrefix, n)[:len(storedPrefix)+4]}})
		if err != nil {
			return err
		}
		prefix = append(prefix, took)
		day := from.Add(span * time.Duration(i) / time.Duration(out.Searches))
		query := url.Values{
			"definition": {storedKey}, "state": {"failed"}, "custom_id_prefix": {storedPrefix},
			"started_from": {day.UTC().Format(time.RFC3339)}, "started_to": {day.Add(24 * time.Hour).UTC().Format(time.RFC3339)},
		}
		took, cursor, err := c.search(ctx, query)
		if err != nil {
			return err
		}
		filters = append(filters, took)
		if cursor == "" {
			continue
		}
		query.Set("cursor", cursor)
		if took, _, err = c.search(ctx, query); err != nil {
			return err
		}
		next = append(next, took)
	}
	out.PrefixP95MS, out.FiltersP95MS = round1(percentile(prefix, 95)), round1(percentile(filters, 95))
	if len(next) > 0 {
		out.NextPageP95MS = round1(percentile(next, 95))
	}
	return nil
}

// search returns the milliseconds that a page of processes took, and where the next one begins.
func (c *client) search(ctx context.Context, query url.Values) (took float64, cursor string, err error) {
	var page struct {
		Items []struct{} `json:"items"`
		Next  string     `json:"next_cursor"`
	}
	query.Set("limit", "50")
	began := time.Now()
	if err := c.call(ctx, http.MethodGet, "/processes?"+query.Encode(), nil, nil, &page); err != nil {
		return 0, "", err
	}
	took = float64(time.Since(began).Microseconds()) / 1000
	if len(page.Items) == 0 && !slices.Contains(query["state"], "failed") {
		return 0, "", fmt.Errorf("no process found by %s", query.Encode())
	}
	return took, page.Next, nil
}
