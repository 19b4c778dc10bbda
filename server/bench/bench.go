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
}

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
	return o
}

// Throughput is what one shape of process reached.
type Throughput struct {
	ProcessesPerS float64 `json:"processes_per_s"`
	TasksPerS     float64 `json:"tasks_per_s"`
	RatioToAsynq  float64 `json:"ratio_to_asynq"`
}

// Latency is the time from a start's request to the process's end, one at a time.
type Latency struct {
	P50MS float64 `json:"p50_ms"`
	P99MS float64 `json:"p99_ms"`
}

// Result holds the medians over all rounds.
type Result struct {
	AsynqTasksPerS float64    `json:"asynq_tasks_per_s"`
	Chain10        Throughput `json:"chain10"`
	Fan20          Throughput `json:"fan20"`
	Latency        Latency    `json:"latency"`
	IdleCPUCores   float64    `json:"idle_cpu_cores"`
}

// Run measures everything and reports each round to progress.
func Run(ctx context.Context, target Target, options Options, progress io.Writer) (Result, error) {
	options = options.withDefaults()
	client := newClient(target)
	for _, shape := range []shape{chain10, fan20} {
		if err := client.publish(ctx, shape); err != nil {
			return Result{}, fmt.Errorf("publish %s: %w", shape.key, err)
		}
	}
	if err := client.warmUp(ctx); err != nil {
		return Result{}, fmt.Errorf("warm up: %w", err)
	}
	var asynqRates, chainRates, fanRates, p50s, p99s []float64
	for round := range options.Rounds {
		plain, err := plainAsynq(ctx, target, options.AsynqTasks)
		if err != nil {
			return Result{}, fmt.Errorf("plain asynq: %w", err)
		}
		chains, err := client.throughput(ctx, chain10, options.Chains, options.Starters)
		if err != nil {
			return Result{}, fmt.Errorf("chain10: %w", err)
		}
		fans, err := client.throughput(ctx, fan20, options.Fans, options.Starters)
		if err != nil {
			return Result{}, fmt.Errorf("fan20: %w", err)
		}
		p50, p99, err := client.latency(ctx, options.Latencies)
		if err != nil {
			return Result{}, fmt.Errorf("latency: %w", err)
		}
		fmt.Fprintf(progress, "round %d: asynq %.0f tasks/s · chain10 %.0f tasks/s · fan20 %.0f tasks/s · latency p50 %.1f ms p99 %.1f ms\n",
			round+1, plain, chains*chain10Tasks, fans*fan20Tasks, p50, p99)
		asynqRates, chainRates, fanRates = append(asynqRates, plain), append(chainRates, chains), append(fanRates, fans)
		p50s, p99s = append(p50s, p50), append(p99s, p99)
	}
	idle, err := idleCores(ctx, options.Idle)
	if err != nil {
		return Result{}, fmt.Errorf("measure the idle product: %w", err)
	}
	plain := median(asynqRates)
	of := func(rates []float64, tasks float64) Throughput {
		rate := median(rates)
		return Throughput{ProcessesPerS: round1(rate), TasksPerS: round1(rate * tasks), RatioToAsynq: round3(rate * tasks / plain)}
	}
	return Result{
		AsynqTasksPerS: round1(plain),
		Chain10:        of(chainRates, chain10Tasks),
		Fan20:          of(fanRates, fan20Tasks),
		Latency:        Latency{P50MS: round1(median(p50s)), P99MS: round1(median(p99s))},
		IdleCPUCores:   round3(idle),
	}, nil
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
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

func round1(v float64) float64 { return float64(int64(v*10+0.5)) / 10 }

func round3(v float64) float64 { return float64(int64(v*1000+0.5)) / 1000 }
