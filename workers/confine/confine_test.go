package confine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/confine"
)

var limits = confine.Limits{Memory: 256 << 20, Time: 5 * time.Second, Output: 1000}

func run(t *testing.T, script string, arguments ...string) (confine.Result, error) {
	t.Helper()
	return confine.Run(t.Context(), limits, t.TempDir(), "sh", append([]string{"-c", script, "sh"}, arguments...)...)
}

func TestAProgramAnswers(t *testing.T) {
	result, err := run(t, `echo "$1"; echo bad >&2; exit 3`, `$(touch x); "a b"`)
	require.NoError(t, err)
	require.Equal(t, 3, result.Exit)
	require.Equal(t, "$(touch x); \"a b\"\n", string(result.Stdout), "arguments are never read by a shell")
	require.Equal(t, "bad\n", string(result.Stderr))
}

func TestNothingOfTheEnvironmentIsPassedOn(t *testing.T) {
	t.Setenv("TASKUROTTA_WORKER_TOKEN", "secret")
	result, err := run(t, "env")
	require.NoError(t, err)
	require.NotContains(t, string(result.Stdout), "secret")
}

func TestOutputIsCut(t *testing.T) {
	result, err := run(t, "yes | head -c 100000")
	require.NoError(t, err)
	require.Equal(t, 1000, len(result.Stdout))
}

func TestLimitsEndAProgram(t *testing.T) {
	for name, script := range map[string]string{
		"killed": `kill -9 $$`,
		"clock":  `sleep 60`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			short := limits
			short.Time = 200 * time.Millisecond
			began := time.Now()
			_, err := confine.Run(t.Context(), short, t.TempDir(), "sh", "-c", script)
			require.ErrorIs(t, err, confine.ErrLimit)
			require.Less(t, time.Since(began), 30*time.Second)
		})
	}
	small := limits
	small.Memory = 1 << 20
	_, err := confine.Run(t.Context(), small, t.TempDir(), "sh", "-c", "true")
	require.ErrorIs(t, err, confine.ErrLimit, "the program has no room to start in")
}

// TestTheWholeGroupEnds: what the program started must not outlive it.
func TestTheWholeGroupEnds(t *testing.T) {
	folder := t.TempDir()
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error)
	go func() {
		_, err := confine.Run(ctx, limits, folder, "sh", "-c", "echo $$ >started; (sleep 60; echo >outlived) & wait")
		ended <- err
	}()
	require.Eventually(t, func() bool { _, err := os.Stat(filepath.Join(folder, "started")); return err == nil }, 10*time.Second, time.Millisecond)
	stop := errors.New("the task was cancelled")
	cancel(stop)
	require.ErrorIs(t, <-ended, stop)
	raw, err := os.ReadFile(filepath.Join(folder, "started"))
	require.NoError(t, err)
	group := strings.TrimSpace(string(raw))
	require.Eventually(t, func() bool { return !alive(t, group) }, 10*time.Second, time.Millisecond)
}

// alive reports whether a process of the group is running.
func alive(t *testing.T, group string) bool {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(raw), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 2 && fields[2] == group && fields[0] != "Z" {
			return true
		}
	}
	return false
}

func TestAMissingProgramIsNamed(t *testing.T) {
	_, err := confine.Run(t.Context(), limits, t.TempDir(), "no-such-program")
	require.ErrorIs(t, err, confine.ErrMissing)
	require.ErrorContains(t, err, "no-such-program")
}
