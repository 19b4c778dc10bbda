package httpapi

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
)

// BenchmarkStart measures what the API itself costs a start: the engine behind it answers at once.
func BenchmarkStart(b *testing.B) {
	f := newFake()
	server, err := New(Config{
		Address: "127.0.0.1:0", Engine: instant{f}, Designer: f, Catalog: f, Expressions: f, Auth: f, Files: f, Audit: discard{f}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := server.Start(context.Background()); err != nil {
		b.Fatal(err)
	}
	defer server.Stop()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	body := []byte(`{"definition":"bench-chain10","custom_id":"bench-0001","input":{"payload":"` + string(bytes.Repeat([]byte("x"), 200)) + `"}}`)
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			request, err := http.NewRequest(http.MethodPost, "http://"+server.Address()+"/api/v1/processes", bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			request.Header.Set("Authorization", "Bearer all")
			request.Header.Set("Content-Type", "application/json")
			response, err := client.Do(request)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if response.StatusCode != http.StatusCreated {
				b.Errorf("answered %d", response.StatusCode)
				return
			}
		}
	})
}

type instant struct{ Engine }

func (instant) StartProcess(context.Context, StartProcess) (StartedProcess, error) {
	return StartedProcess{ID: knownProcess}, nil
}

type discard struct{ Audit }

func (discard) Record(context.Context, []AuditEntry) error { return nil }
