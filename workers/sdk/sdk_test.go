package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

func TestTheExampleCounts(t *testing.T) {
	host := &sdktest.Host{}
	file := host.AddFile("a.txt", "text/plain", []byte("one two three"))
	out, err := sdktest.Call[CountOutput](t, Count, host, CountInput{File: file})
	require.NoError(t, err)
	require.Equal(t, 3, out.Count)
	require.Equal(t, []int{50}, host.Percents)
	require.Equal(t, []string{"a.txt has 13 bytes"}, host.Lines)
}

func TestErrorsKeepTheirClassWhenWrapped(t *testing.T) {
	cause := errors.New("cause")
	for name, c := range map[string]struct {
		err   error
		class wire.ErrorClass
		code  string
	}{
		"plain":               {cause, wire.ErrorRetryable, sdk.CodeFailed},
		"coded":               {sdk.Failure("X", cause), wire.ErrorRetryable, "X"},
		"permanent and coded": {sdk.Permanent(sdk.Failure("X", cause)), wire.ErrorPermanent, "X"},
		"wrapped business":    {fmt.Errorf("while: %w", sdk.Business("B", "no")), wire.ErrorBusiness, "B"},
		"deadline":            {fmt.Errorf("call: %w", context.DeadlineExceeded), wire.ErrorRetryable, "DEADLINE_EXCEEDED"},
	} {
		t.Run(name, func(t *testing.T) {
			told := sdk.ToWire(c.err)
			require.Equal(t, c.class, told.Class)
			require.Equal(t, c.code, told.Code)
			require.NotEmpty(t, told.Message)
		})
	}
	require.ErrorIs(t, sdk.Permanent(cause), cause)
}

func TestNamesThatAreNoNodeTypePanic(t *testing.T) {
	for _, name := range []string{"", "Upper", "a..b", ".a", "a.", "a-b", "a b", "1a", "a@1"} {
		require.Panics(t, func() { sdk.Define(name, 1, identity) }, name)
	}
	require.Panics(t, func() { sdk.Define("a.b", 0, identity) })
	require.NotPanics(t, func() { sdk.Define("a.b_c.d2", 1, identity) })
}

func identity(_ context.Context, in CountOutput) (CountOutput, error) { return in, nil }

func TestAnInputThatDoesNotFitIsPermanent(t *testing.T) {
	node := sdk.Define("a.b", 1, identity)
	_, err := node.Run(t.Context(), json.RawMessage(`{"count":"many"}`))
	told := sdk.ToWire(err)
	require.Equal(t, wire.ErrorPermanent, told.Class)
	require.Equal(t, sdk.CodeInputInvalid, told.Code)
	require.Contains(t, told.Message, "count")
}

type listed struct {
	Names  []string          `json:"names"`
	Some   []string          `json:"some,omitempty"`
	Lines  []row             `json:"lines"`
	Labels map[string]string `json:"labels"`
	Raw    json.RawMessage   `json:"raw,omitempty"`
	Row    *row              `json:"row,omitempty"`
}

type row struct {
	Cells []int `json:"cells"`
}

func TestNilListsAreWrittenAsEmptyOnes(t *testing.T) {
	node := sdk.Define("a.b", 1, func(context.Context, struct{}) (listed, error) {
		return listed{Lines: []row{{}, {Cells: []int{1}}}, Row: &row{}}, nil
	})
	out, err := node.Run(t.Context(), nil)
	require.NoError(t, err)
	require.JSONEq(t, `{"names":[],"lines":[{"cells":[]},{"cells":[1]}],"labels":{},"row":{"cells":[]}}`, string(out))
}

func TestOutsideOfAHostNothingBreaks(t *testing.T) {
	ctx := t.Context()
	sdk.Progress(ctx, 10, "x")
	sdk.Log(ctx, "x")
	sdk.Heartbeat(ctx)
	require.Zero(t, sdk.Attempt(ctx))
	require.Empty(t, sdk.IdempotencyKey(ctx))
	_, err := sdk.Open(ctx, sdk.File{})
	require.ErrorIs(t, err, sdk.ErrNoHost)
	_, err = sdk.Save(ctx, "a", "b", strings.NewReader(""))
	require.ErrorIs(t, err, sdk.ErrNoHost)
}

func TestTheHostIsReached(t *testing.T) {
	host := &sdktest.Host{Run: sdk.Info{Attempt: 2, IdempotencyKey: "k"}}
	ctx := sdk.WithHost(t.Context(), host)
	sdk.Progress(ctx, 150, "")
	sdk.Progress(ctx, -1, "")
	sdk.Heartbeat(ctx)
	require.Equal(t, []int{100, 0}, host.Percents, "a percentage stays within 0 to 100")
	require.Equal(t, 1, host.Beats)
	require.Equal(t, 2, sdk.Attempt(ctx))
	require.Equal(t, "k", sdk.IdempotencyKey(ctx))
	saved, err := sdk.Save(ctx, "a.txt", "text/plain", strings.NewReader("abc"))
	require.NoError(t, err)
	require.Equal(t, int64(3), saved.Size)
	content, err := sdk.Open(ctx, saved)
	require.NoError(t, err)
	raw, err := io.ReadAll(content)
	require.NoError(t, err)
	require.Equal(t, "abc", string(raw))
}

func TestTheLogWriterTellsWholeLines(t *testing.T) {
	host := &sdktest.Host{}
	writer := sdk.LogWriter(sdk.WithHost(t.Context(), host))
	for _, part := range []string{"one\ntw", "o\r\n", "", "100% three"} {
		n, err := io.WriteString(writer, part)
		require.NoError(t, err)
		require.Equal(t, len(part), n)
	}
	require.Equal(t, []string{"one", "two"}, host.Lines)
	_, err := io.WriteString(writer, strings.Repeat("x", 9<<10))
	require.NoError(t, err)
	require.Len(t, host.Lines, 3, "a line without an end is not kept forever")
	slog.New(slog.NewTextHandler(writer, nil)).Info("hello")
	require.Contains(t, host.Lines[3], "msg=hello")
}

func TestFilesTravelUnderOneKey(t *testing.T) {
	raw, err := json.Marshal(sdk.File{Ref: "sha256:aa", Name: "a.pdf", Size: 5, MediaType: "application/pdf"})
	require.NoError(t, err)
	require.JSONEq(t, `{"$file":"sha256:aa","name":"a.pdf","size":5,"media_type":"application/pdf"}`, string(raw))
}
