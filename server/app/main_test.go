package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
)

func TestMain(m *testing.M) {
	documentinspect.RunChild()
	if built := os.Getenv("TASKUROTTA_BINARY"); built != "" {
		documentinspect.ParseWith(built)
	}
	os.Exit(m.Run())
}

// quiet logs what is wrong, to the test's output.
func quiet(t *testing.T) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// browser is an HTTP client with a cookie jar that sends what a page of the product would.
type browser struct {
	base   string
	client *http.Client
}

// visit opens the printed URL and signs in with its token.
func visit(t *testing.T, url string) (*browser, int) {
	t.Helper()
	base, token, found := strings.Cut(url, "/?token=")
	require.True(t, found, url)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b := &browser{base: base, client: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	status := b.do(t, http.MethodPost, "/api/v1/session", map[string]string{"token": token}, nil)
	return b, status
}

func (b *browser) do(t *testing.T, method, path string, body, into any) int {
	t.Helper()
	return b.send(t, method, path, body, nil, into)
}

func (b *browser) send(t *testing.T, method, path string, body any, headers map[string]string, into any) int {
	t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), method, b.base+path, bytes.NewReader(raw))
	require.NoError(t, err)
	request.Header.Set("Origin", b.base)
	request.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := b.client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	if into != nil {
		require.Less(t, response.StatusCode, 300, "%s %s: %s", method, path, answer)
		require.NoError(t, json.Unmarshal(answer, into), "%s", answer)
	}
	return response.StatusCode
}

func (b *browser) get(t *testing.T, path string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.base+path, nil)
	require.NoError(t, err)
	response, err := b.client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s: %s", path, answer)
	require.NoError(t, json.Unmarshal(answer, into), "%s", answer)
}

type process struct {
	ID         string `json:"id"`
	CustomID   string `json:"custom_id"`
	Definition string `json:"definition"`
	Version    int    `json:"version"`
	State      string `json:"state"`
}

func (b *browser) processes(t *testing.T, query string) []process {
	t.Helper()
	var page struct {
		Items []process `json:"items"`
	}
	b.get(t, "/api/v1/processes?limit=200&"+query, &page)
	return page.Items
}

// publish makes a definition of a document and its first version.
func (b *browser) publish(t *testing.T, key string, document any) {
	t.Helper()
	var made struct {
		Revision int `json:"draft_revision"`
	}
	b.send(t, http.MethodPost, "/api/v1/definitions", map[string]any{"key": key, "title": key, "document": document}, nil, &made)
	b.send(t, http.MethodPost, "/api/v1/definitions/"+key+"/publish", map[string]any{"note": "test"}, map[string]string{"If-Match": `"1"`}, nil)
}

// start starts a process and returns its id.
func (b *browser) start(t *testing.T, definition, customID string, input any) string {
	t.Helper()
	var started struct{ ID string }
	b.send(t, http.MethodPost, "/api/v1/processes", map[string]any{"definition": definition, "custom_id": customID, "input": input}, nil, &started)
	return started.ID
}
