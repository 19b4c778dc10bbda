package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/taskurotta/taskurotta-go/engine/history"
	"github.com/taskurotta/taskurotta-go/server/app"
	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/bench"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

// runBench measures what `dev` runs, with its defaults, on servers of its own.
func runBench(ctx context.Context, c config.Bench) error {
	folder := c.Data
	if folder == "" {
		temporary, err := os.MkdirTemp("", "taskurotta-bench-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		folder = temporary
	}
	var progress io.Writer = os.Stderr
	if c.JSON {
		progress = io.Discard
	}
	log := config.Log{LogLevel: "warn"}
	dev, err := app.NewDev(ctx, config.Dev{Data: folder}, version, log.Logger(os.Stderr))
	if err != nil {
		return err
	}
	defer dev.Stop()
	if err := dev.StartEmpty(ctx); err != nil {
		return err
	}
	if err := dev.AwaitTypes(ctx, bench.NodeType); err != nil {
		return err
	}
	account, err := dev.Server.Auth.EnsureAccount(ctx, "bench", "Benchmark", []auth.Role{auth.Admin})
	if err != nil {
		return err
	}
	owner := auth.Identity{UserID: account.ID, Login: account.Login, Roles: account.Roles, Permissions: auth.PermissionsOf(account.Roles)}
	_, token, err := dev.Server.Auth.CreateToken(ctx, auth.NewToken{Owner: owner, Name: "benchmark", ExpiresAt: new(time.Now().Add(24 * time.Hour))})
	if err != nil {
		return err
	}
	if c.Profile != "" {
		stop, err := profileInto(c.Profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	result, err := bench.Run(ctx, bench.Target{
		BaseURL: "http://" + dev.Server.API.Address(), Token: token, DB: dev.Server.DB,
		Redis: redisOptions(dev.Server.Redis.Options()), Keys: dev.Server.Keys, Slots: worker.DefaultSlots, Interval: worker.CheckInterval,
	}, bench.Options{Rounds: c.Rounds, Only: c.Only, Stored: c.Stored, Items: c.Items, Fill: fillWith(dev.Server.DB)}, progress)
	if err != nil {
		return err
	}
	if c.JSON {
		fmt.Println(result.JSON())
		return nil
	}
	printResult(result)
	return nil
}

// fillWith writes what a benchmark wants stored.
func fillWith(db *pgxpool.Pool) func(context.Context, bench.Fill) error {
	return func(ctx context.Context, f bench.Fill) error {
		return history.Write(ctx, db, history.Spec{
			Definition: f.Definition, CustomID: f.CustomID, Count: f.Count, From: f.From, Every: f.Span / time.Duration(f.Count), NodeType: bench.NodeType, FailedOne: 50,
		})
	}
}

// printResult prints what was measured, one line a part.
func printResult(result bench.Result) {
	cpu := func(c bench.CPU) string { return fmt.Sprintf("%.0f + %.0f + %.0f µs", c.Product, c.Postgres, c.Redis) }
	if result.AsynqTasksPerS > 0 {
		fmt.Printf("plain asynq  %8.0f tasks/s  cpu %s a task (product, PostgreSQL, Redis)\n", result.AsynqTasksPerS, cpu(result.AsynqCPU))
	}
	shape := func(name string, t bench.Throughput) {
		if t.TasksPerS > 0 {
			fmt.Printf("%-12s %8.0f tasks/s  %6.0f processes/s  ratio %.2f  cpu %s and %.0f bytes of log a task\n",
				name, t.TasksPerS, t.ProcessesPerS, t.RatioToAsynq, cpu(t.CPUPerTask), t.WALPerTask)
		}
	}
	shape("chain10", result.Chain10)
	shape("fan20", result.Fan20)
	if result.Latency.P50MS > 0 {
		fmt.Printf("latency      p50 %.1f ms  p99 %.1f ms\n", result.Latency.P50MS, result.Latency.P99MS)
	}
	if result.IdleCPUCores > 0 {
		idle := result.IdleCPU
		fmt.Printf("idle         %.3f cores (product %.3f, PostgreSQL %.3f, Redis %.3f)\n", result.IdleCPUCores, idle.Product, idle.Postgres, idle.Redis)
	}
	if i := result.Items; i != nil {
		for _, l := range i.Lists {
			fmt.Printf("list         %7d entries  %6.1f s  %.0f µs an entry  cpu %s and %.0f bytes of log an entry  memory at most %.0f MB\n",
				l.Entries, l.Seconds, l.Micros, cpu(l.CPU), l.LogBytes, l.Memory)
		}
		fmt.Printf("  an entry of the longest takes %.2f of one of the shortest; memory at most %.0f MB\n", i.Ratio, i.Memory)
		for how, left := range map[string]bench.Left{"interrupted by a timer": i.Timer, "cancelled": i.Cancel} {
			fmt.Printf("  %s after %d entries: ended within %.2f s, nothing left after %.2f s\n", how, left.Done, left.Seconds, left.Nothing)
		}
	}
	if s := result.Stored; s != nil {
		fmt.Printf("stored       %d processes (%.1f GB, written in %.0f s)\n", s.Processes, float64(s.DatabaseBytes)/1e9, s.WriteS)
		shape("  chain10", s.Chain10)
		if s.RatioToEmpty > 0 {
			fmt.Printf("  chain10 is %.2f of that on the empty database\n", s.RatioToEmpty)
		}
		fmt.Printf("  search p95 of %d: customId prefix %.1f ms, five filters %.1f ms, next page %.1f ms\n", s.Searches, s.PrefixP95MS, s.FiltersP95MS, s.NextPageP95MS)
	}
}

// profileInto writes a CPU profile to a file until stop is called.
func profileInto(name string) (stop func(), err error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close()
	}, nil
}

// redisOptions copies where Redis is, not how our client uses it.
func redisOptions(from *redis.Options) *redis.Options {
	return &redis.Options{Addr: from.Addr, Username: from.Username, Password: from.Password, DB: from.DB, TLSConfig: from.TLSConfig, PoolSize: 600, MaintNotificationsConfig: from.MaintNotificationsConfig}
}
