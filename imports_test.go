// Package taskurotta holds no code: its one test keeps the walls between the product's parts (ARCHITECTURE.md, "The map").
package taskurotta

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/taskurotta/taskurotta-go/"

// walls lists what the packages below a folder must not import. An entry of except is allowed all the same.
var walls = []struct {
	below  string
	denied []string
	except []string
}{
	{below: "workers/sdk", denied: []string{"github.com/", "gorm.io/", "golang.org/x/"}, except: []string{module + "workers/"}},
	{below: "workers/wire", denied: []string{"github.com/", "gorm.io/", "golang.org/x/"}},
	{below: "workers", denied: []string{module + "designer", module + "engine", module + "server", "github.com/jackc/", "gorm.io/", "github.com/gofiber/"}},
	{below: "designer", denied: []string{module + "engine", module + "server", "github.com/hibiken/", "github.com/gofiber/", "github.com/redis/"}},
	{below: "designer/graph", denied: []string{"github.com/", "os", "net", "time", "database/sql"}},
	{below: "designer/expr", denied: []string{"os", "net", "net/http", "database/sql", "math/rand", "github.com/jackc/", "gorm.io/"}},
	{below: "engine", denied: []string{module + "server", "github.com/gofiber/"}},
	{below: "engine/flow", denied: []string{"os", "net", "net/http", "database/sql", "math/rand", "github.com/jackc/", "github.com/redis/", "gorm.io/", "github.com/hibiken/"}},
}

// TestImportsRunOneWay holds the direction workers → designer → engine → server and the homes of the large libraries.
func TestImportsRunOneWay(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	require.NoError(t, err)
	packages := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		path := strings.TrimPrefix(fields[0], module)
		packages++
		for _, imported := range fields[1:] {
			for _, wall := range walls {
				if path != wall.below && !strings.HasPrefix(path, wall.below+"/") {
					continue
				}
				if hits(imported, wall.denied) && !hits(imported, wall.except) {
					t.Errorf("%s imports %s; nothing below %s may", path, imported, wall.below)
				}
			}
			if strings.HasPrefix(imported, "gorm.io/") && !strings.HasSuffix(path, "/pgstore") {
				t.Errorf("%s imports %s; gorm stops at a pgstore package", path, imported)
			}
			if strings.HasPrefix(imported, "github.com/hibiken/asynq") && !hits(path, []string{"engine/dispatch", "workers/", "server/bench"}) {
				t.Errorf("%s imports asynq; it lives in engine/dispatch and workers", path)
			}
			if strings.HasPrefix(imported, "github.com/gofiber/websocket") && path != "server/live" {
				t.Errorf("%s imports the archived websocket package; only server/live may", path)
			}
		}
	}
	require.Greater(t, packages, 10, "go list must see the product")
}

// hits reports whether path is one of prefixes or lies below one that ends in a slash or names a package.
func hits(path string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/") {
			return true
		}
	}
	return false
}
