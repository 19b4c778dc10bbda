package httpapi

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write generated files instead of comparing them")

func requireSameAsFile(t *testing.T, path string, generated []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, generated, 0o644); err != nil { //nolint:gosec // a source file
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(stored) != string(generated) {
		t.Errorf("%s is out of date: run go generate ./server/httpapi", path)
	}
}
