// Package bench measures the running product against plain asynq on the same Redis, in one run: throughput of chains and
// fans started through the HTTP API, the latency of one chain, and what the idle product costs.
//
// It may import the wire contract, asynq (for the baseline alone) and drivers; never the engine or the designer: it sees
// the product as a client does, and PostgreSQL only to know when the work is done.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Target is the running product.
type Target struct {
	BaseURL  string         // http://127.0.0.1:8420
	Token    string         // API token that may edit, publish and start
	DB       *pgxpool.Pool  // of the product's database
	Redis    *redis.Options // of the product's Redis
	Keys     wire.Keys
	Slots    int           // total slots of the product's workers; the baseline gets as many
	Interval time.Duration // check interval of the product's asynq servers; the baseline gets the same
}

// Options says how much to run. Zero values mean the defaults.
type Options struct {
	Rounds     int           // 3
	Chains     int           // processes a round, 2,000
	Fans       int           // processes a round, 1,000
	Latencies  int           // processes a round, 100
	AsynqTasks int           // 50,000
	Starters   int           // 32
	Idle       time.Duration // 10 s
	Only       []string      // what to measure of Parts; all
	Stored     int           // ended processes to write after the rounds, to measure chain10 and searches on; 0: none
	Items      int           // entries of the longest list, when lists are measured instead of Parts; at least 2,000
	Fill       func(context.Context, Fill) error
}

// Fill says which ended processes Options.Fill is to write: Count of a definition, with numbered customIds, over a span of time.
type Fill struct {
	Definition, CustomID string
	Count                int
	From                 time.Time
	Span                 time.Duration
}

// Parts are what Run measures.
var Parts = []string{"asynq", "chain10", "fan20", "latency", "idle"}

func (o Options) withDefaults() Options {
	set := func(v *int, def int) {
		if *v == 0 {
			*v = def
		}
	}
	set(&o.Rounds, 3)
	set(&o.Chains, 2000)
	set(&o.Fans, 1000)
	set(&o.Latencies, 100)
	set(&o.AsynqTasks, 50_000)
	set(&o.Starters, 32)
	if o.Idle == 0 {
		o.Idle = 10 * time.Second
	}
	if len(o.Only) == 0 {
		o.Only = Parts
	}
	return o
}

// Throughput is what one shape of process reached.
type Throughput struct {
	ProcessesPerS float64 `json:"processes_per_s"`
	TasksPerS     float64 `json:"tasks_per_s"`
	RatioToAsynq  float64 `json:"ratio_to_asynq"`
	CPUPerTask    CPU     `json:"cpu_us_per_task"`
	WALPerTask    float64 `json:"wal_bytes_per_task"`
}

// sample is one measured run of tasks.
type sample struct {
	rate float64 // tasks a second
	cpu  CPU
	wal  float64 // bytes of PostgreSQL's log a task
}

func (s sample) String() string {
	return fmt.Sprintf("%.0f tasks/s (%.0f+%.0f+%.0f µs)", s.rate, s.cpu.Product, s.cpu.Postgres, s.cpu.Redis)
}

// Latency is the time from a start's request to the process's end, one at a time.
type Latency struct {
	P50MS float64 `json:"p50_ms"`
	P99MS float64 `json:"p99_ms"`
}

// Result holds the medians over all rounds.
type Result struct {
	AsynqTasksPerS float64    `json:"asynq_tasks_per_s"`
	AsynqCPU       CPU        `json:"asynq_cpu_us_per_task"`
	Chain10        Throughput `json:"chain10"`
	Fan20          Throughput `json:"fan20"`
	Latency        Latency    `json:"latency"`
	IdleCPUCores   float64    `json:"idle_cpu_cores"`
	IdleCPU        Cores      `json:"idle_cpu"`
	Stored         *Stored    `json:"stored,omitempty"`
	Items          *Items     `json:"items,omitempty"`
}

// Run measures everything and reports each round to progress.
func Run(ctx context.Context, target Target, options Options, progress io.Writer) (Result, error) {
	options = options.withDefaults()
	client := newClient(target)
	if options.Items > 0 {
		lists, err := client.items(ctx, options.Items, progress)
		if err != nil {
			return Result{}, fmt.Errorf("measure lists: %w", err)
		}
		return Result{Items: lists}, nil
	}
	for _, shape := range []shape{chain10, fan20} {
		if err := client.publish(ctx, shape); err != nil {
			return Result{}, fmt.Errorf("publish %s: %w", shape.key, err)
		}
	}
	if err := client.warmUp(ctx); err != nil {
		return Result{}, fmt.Errorf("warm up: %w", err)
	}
	runs := &runs{}
	// Before the load: for minutes after it PostgreSQL cleans up what it left, which is a part of its cost.
	if slices.Contains(options.Only, "idle") {
		var err error
		if runs.idle, err = idleCores(ctx, options.Idle); err != nil {
			return Result{}, fmt.Errorf("measure the idle product: %w", err)
		}
	}
	for round := range options.Rounds {
		fmt.Fprintf(progress, "round %d:", round+1)
		if err := client.round(ctx, options, runs, progress); err != nil {
			return Result{}, err
		}
		fmt.Fprintln(progress)
	}
	result := runs.result()
	if options.Stored > 0 {
		var err error
		if result.Stored, err = client.stored(ctx, options, runs.chains, progress); err != nil {
			return Result{}, fmt.Errorf("measure with %d processes stored: %w", options.Stored, err)
		}
	}
	return result, nil
}

// runs is what was measured so far.
type runs struct {
	asynq, chains, fans []sample
	p50s, p99s          []float64
	idle                Cores
}

// round measures each part once.
func (c *client) round(ctx context.Context, options Options, r *runs, progress io.Writer) error {
	for _, part := range Parts {
		if !slices.Contains(options.Only, part) {
			continue
		}
		var (
			got  sample
			into *[]sample
			err  error
		)
		switch part {
		case "asynq":
			into = &r.asynq
			got, err = plainAsynq(ctx, c.target, options.AsynqTasks)
		case "chain10":
			into = &r.chains
			got, err = c.throughput(ctx, chain10, options.Chains, options.Starters)
		case "fan20":
			into = &r.fans
			got, err = c.throughput(ctx, fan20, options.Fans, options.Starters)
		case "latency":
			p50, p99, err := c.latency(ctx, options.Latencies)
			if err != nil {
				return fmt.Errorf("latency: %w", err)
			}
			r.p50s, r.p99s = append(r.p50s, p50), append(r.p99s, p99)
			fmt.Fprintf(progress, " · latency p50 %.1f ms p99 %.1f ms", p50, p99)
			continue
		default:
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
		*into = append(*into, got)
		fmt.Fprintf(progress, " · %s %s", part, got)
	}
	return nil
}

// result holds the medians.
func (r *runs) result() Result {
	plain := middle(r.asynq)
	of := func(runs []sample, tasks int) Throughput {
		m := middle(runs)
		t := Throughput{ProcessesPerS: round1(m.rate / float64(tasks)), TasksPerS: round1(m.rate), CPUPerTask: m.cpu, WALPerTask: round1(m.wal)}
		if plain.rate > 0 {
			t.RatioToAsynq = round3(m.rate / plain.rate)
		}
		return t
	}
	return Result{
		AsynqTasksPerS: round1(plain.rate),
		AsynqCPU:       plain.cpu,
		Chain10:        of(r.chains, chain10.tasks),
		Fan20:          of(r.fans, fan20.tasks),
		Latency:        Latency{P50MS: round1(median(r.p50s)), P99MS: round1(median(r.p99s))},
		IdleCPUCores:   r.idle.Sum(),
		IdleCPU:        r.idle,
	}
}

// middle takes the median of each number over all runs.
func middle(runs []sample) sample {
	of := func(number func(sample) float64) float64 {
		values := make([]float64, len(runs))
		for i, run := range runs {
			values[i] = number(run)
		}
		return median(values)
	}
	return sample{
		rate: of(func(s sample) float64 { return s.rate }), wal: of(func(s sample) float64 { return s.wal }),
		cpu: CPU{
			Product:  of(func(s sample) float64 { return s.cpu.Product }),
			Postgres: of(func(s sample) float64 { return s.cpu.Postgres }),
			Redis:    of(func(s sample) float64 { return s.cpu.Redis }),
		},
	}
}

// JSON returns the result on one line.
func (r Result) JSON() string {
	line, err := json.Marshal(r)
	if err != nil {
		return "{}"
	}
	return string(line)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func round1(v float64) float64 { return float64(int64(v*10+0.5)) / 10 }

func round3(v float64) float64 { return float64(int64(v*1000+0.5)) / 1000 }
