package bench

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTicks is USER_HZ, which Linux fixes at 100 for everything it shows in /proc.
const clockTicks = 100

// Cores is how many processor cores the product's parts use. Product is server and worker, which are one program here.
type Cores struct {
	Product  float64 `json:"product"`
	Postgres float64 `json:"postgres"`
	Redis    float64 `json:"redis"`
}

// Sum is what all parts use together.
func (c Cores) Sum() float64 { return round3(c.Product + c.Postgres + c.Redis) }

// idleCores returns how many cores this process and all its descendants (PostgreSQL and Redis included) use while nothing
// is asked of them. It reads /proc and therefore works on Linux only.
func idleCores(ctx context.Context, during time.Duration) (Cores, error) {
	if err := pause(ctx, 3*time.Second); err != nil {
		return Cores{}, err
	}
	before, began := treeTicks(), time.Now()
	if before == (spend{}) {
		return Cores{}, errors.New("this system shows no processor times in /proc")
	}
	if err := pause(ctx, during); err != nil {
		return Cores{}, err
	}
	after, took := treeTicks(), time.Since(began).Seconds()
	cores := func(ticks int64) float64 { return round3(float64(ticks) / clockTicks / took) }
	return Cores{Product: cores(after.own - before.own), Postgres: cores(after.postgres - before.postgres), Redis: cores(after.redis - before.redis)}, nil
}

// spend is processor time in clock ticks by the product's parts.
type spend struct{ own, postgres, redis int64 }

// CPU is processor time in microseconds a task. Product is server, worker and the client that starts processes, which are one
// program here.
type CPU struct {
	Product  float64 `json:"product"`
	Postgres float64 `json:"postgres"`
	Redis    float64 `json:"redis"`
}

// cpuPerTask tells what n tasks cost between two readings.
func cpuPerTask(before, after spend, n int) CPU {
	micros := func(ticks int64) float64 { return round1(float64(ticks) * 1e6 / clockTicks / float64(n)) }
	return CPU{Product: micros(after.own - before.own), Postgres: micros(after.postgres - before.postgres), Redis: micros(after.redis - before.redis)}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// treeTicks reads user and system time of this process and its descendants, reaped children included; nothing on a system without
// /proc.
func treeTicks() spend {
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is sound
	type process struct {
		parent int
		name   string
		ticks  int64
	}
	all := map[int]process{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		// pid (comm) state ppid …; comm may hold spaces and brackets
		line := string(raw)
		open, closing := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
		if open < 0 || closing < 0 {
			continue
		}
		pid, err := strconv.Atoi(strings.TrimSpace(line[:open]))
		if err != nil {
			continue
		}
		fields := strings.Fields(line[closing+1:])
		if len(fields) < 15 {
			continue
		}
		number := func(i int) int64 { n, _ := strconv.ParseInt(fields[i], 10, 64); return n }
		all[pid] = process{parent: int(number(1)), name: line[open+1 : closing], ticks: number(11) + number(12) + number(13) + number(14)}
	}
	own := os.Getpid()
	var sum spend
	for pid, p := range all {
		for at, hops := pid, 0; at > 1 && hops < 64; at, hops = all[at].parent, hops+1 {
			if at != own {
				continue
			}
			switch {
			case strings.HasPrefix(p.name, "postgres"):
				sum.postgres += p.ticks
			case strings.HasPrefix(p.name, "redis-server"), strings.HasPrefix(p.name, "valkey-server"):
				sum.redis += p.ticks
			default:
				sum.own += p.ticks
			}
			break
		}
	}
	return sum
}
