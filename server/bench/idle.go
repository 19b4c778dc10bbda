package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTicks is USER_HZ, which Linux fixes at 100 for everything it shows in /proc.
const clockTicks = 100

// idleCores returns how many cores this process and all its descendants (PostgreSQL and Redis included) use while nothing
// is asked of them. It reads /proc and therefore works on Linux only.
func idleCores(ctx context.Context, during time.Duration) (float64, error) {
	if err := pause(ctx, 3*time.Second); err != nil {
		return 0, err
	}
	before, err := treeTicks()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := pause(ctx, during); err != nil {
		return 0, err
	}
	after, err := treeTicks()
	if err != nil {
		return 0, err
	}
	return float64(after-before) / clockTicks / time.Since(began).Seconds(), nil
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

// treeTicks sums user and system time of this process and its descendants, reaped children included.
func treeTicks() (int64, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	if len(files) == 0 {
		return 0, fmt.Errorf("no /proc on this system")
	}
	parent, ticks := map[int]int{}, map[int]int64{}
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
		parent[pid] = int(number(1))
		ticks[pid] = number(11) + number(12) + number(13) + number(14)
	}
	own := os.Getpid()
	var sum int64
	for pid := range ticks {
		for at, hops := pid, 0; at > 1 && hops < 64; at, hops = parent[at], hops+1 {
			if at == own {
				sum += ticks[pid]
				break
			}
		}
	}
	return sum, nil
}
