package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func at(t *testing.T, width int, colour bool) (*session, *bytes.Buffer) {
	t.Helper()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	return &session{Terminal: Terminal{Out: &out, Width: width, Colour: colour, Now: func() time.Time { return now }, Zone: time.FixedZone("", 3*3600)}}, &out
}

func TestATableIsAlignedAndCut(t *testing.T) {
	rows := func() *table {
		made := &table{head: []string{"NAME", "STATE", "ERROR"}}
		made.add(plain("шаг один"), state("incident"), plain("line one\nline two \x1b[2J"))
		made.add(plain("b"), state("ready"), plain(""))
		return made
	}
	s, out := at(t, 0, false)
	require.NoError(t, rows().write(s))
	require.Equal(t, "NAME      STATE     ERROR\nшаг один  incident  line one line two  [2J\nb         ready     -\n", out.String())

	s, out = at(t, 25, true)
	require.NoError(t, rows().write(s))
	require.Equal(t, "NAME      STATE     ERROR\nшаг один  \x1b[31mincident\x1b[0m  line…\nb         ready     -\n", out.String())

	s, out = at(t, 12, false)
	require.NoError(t, rows().write(s))
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), 12, "nothing wraps")
	}
}

func TestTimesAreLocalAndShort(t *testing.T) {
	s, _ := at(t, 0, false)
	for given, want := range map[string]string{
		"2026-03-10T11:00:00Z": "14:00:00",
		"2026-03-10T22:00:00Z": "03-11 01:00",
		"2026-01-02T11:00:00Z": "01-02 14:00",
		"2025-12-31T20:00:00Z": "2025-12-31 23:00",
	} {
		when, err := time.Parse(time.RFC3339, given)
		require.NoError(t, err)
		require.Equal(t, want, s.when(&when), given)
	}
	for given, want := range map[time.Duration]string{
		300 * time.Microsecond: "<1ms", 350 * time.Millisecond: "350ms", 1290 * time.Millisecond: "1.2s", 42 * time.Second: "42s", 190 * time.Second: "3m10s",
		125 * time.Minute: "2h05m", 99 * time.Hour: "4d03h", -time.Second: "",
	} {
		require.Equal(t, want, lasted(given), given.String())
	}
}

func TestTimesAreReadAsPeopleWriteThem(t *testing.T) {
	s, _ := at(t, 0, false)
	for text, want := range map[string]string{
		"2026-03-01T10:00:00+03:00": "2026-03-01T07:00:00Z",
		"2026-03-01":                "2026-02-28T21:00:00Z",
		"15m":                       "2026-03-10T11:45:00Z",
		"7d":                        "2026-03-03T12:00:00Z",
	} {
		got, err := s.moment("--started-from", text, -1)
		require.NoError(t, err, text)
		require.Equal(t, want, got.UTC().Format(time.RFC3339), text)
	}
	for _, text := range []string{"soon", "d", "-5m", "-1d", "99999999d", "2026-13-01"} {
		_, err := s.moment("--started-from", text, -1)
		require.Equal(t, Usage, ExitOf(err), text)
	}
}
