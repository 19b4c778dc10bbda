package whole

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const product = "github.com/taskurotta/taskurotta-go"

// program runs until the test ends; what it says is shown when the test fails.
func (w *whole) program(dir string, env []string, name string, arguments ...string) {
	w.t.Helper()
	command := exec.Command(name, arguments...)
	command.Dir, command.Env = dir, append(os.Environ(), env...)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		ended := time.AfterFunc(15*time.Second, func() { _ = command.Process.Kill() })
		_ = command.Wait()
		ended.Stop()
		if w.t.Failed() {
			w.t.Logf("%s said: %s", name, said.String())
		}
	})
}

// greets publishes a definition with the node type and runs it, once well and once with a name that is none.
func (w *whole) greets(nodeType string) {
	w.t.Helper()
	w.until("the node is in the palette", func() bool {
		return strings.Contains(string(w.call(call{path: "/node-types"}, http.StatusOK)), `"`+nodeType+`"`)
	})
	w.publishAs("greet", strings.Replace(greetGraph, "py.greet@1", nodeType, 1))
	if output := field[map[string]string](w.t, w.ends(w.greet("Ann"), "completed"), "output"); output["text"] != "Hello, Ann!" {
		w.t.Errorf("the output is %v", output)
	}
	id := w.greet(" ")
	w.ends(id, "incident")
	if tasks := string(w.call(call{path: "/processes/" + id + "/tasks"}, http.StatusOK)); !strings.Contains(tasks, `"NOBODY"`) {
		w.t.Errorf("the tasks are %s", tasks)
	}
}

// TestTheTutorialIsTrue makes the module of docs/workers.md out of its text, tests, builds and starts it.
func TestTheTutorialIsTrue(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(root, "docs", "workers.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	blocks := regexp.MustCompile("(?s)`(main[a-z_]*\\.go)`[^`]*```go\n(.*?)```").FindAllStringSubmatch(string(raw), -1)
	if len(blocks) != 2 {
		t.Fatalf("the page has %d files", len(blocks))
	}
	for _, block := range blocks {
		if err := os.WriteFile(filepath.Join(dir, block[1]), []byte(block[2]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The module that go get would fetch is this one, with the versions that it is built with.
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(string(mod), "module "+product, "module example.com/greeter", 1) +
		fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n", product, product, root)
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"go.mod": []byte(own), "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "greeter")
	for _, arguments := range [][]string{{"test", "./..."}, {"build", "-o", program, "."}} {
		command := exec.CommandContext(t.Context(), "go", arguments...)
		command.Dir = dir
		// Built as the product is, whose work is used again.
		command.Env = append(os.Environ(), "GOFLAGS=-mod=mod -trimpath", "CGO_ENABLED=0", "GOPROXY=off", "GOWORK=off")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, out)
		}
	}
	w := start(t)
	w.program(dir, []string{"TASKUROTTA_REDIS_URL=" + w.redis, "TASKUROTTA_SERVER_URL=" + w.url, "TASKUROTTA_WORKER_TOKEN=worker-secret",
		"TASKUROTTA_INSTALLATION=" + w.server.Keys.ID}, program)
	w.greets("greeting.greet@1")
}

// TestAWorkerInPython runs docs/examples/worker.py, where there is a Python.
func TestAWorkerInPython(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	script, err := filepath.Abs("../../../docs/examples/worker.py")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(script)
	if err != nil || bytes.Count(raw, []byte("\n")) > 60 {
		t.Fatalf("it has %d lines, %v", bytes.Count(raw, []byte("\n")), err)
	}
	w := start(t)
	made := w.call(call{method: "POST", path: "/tokens", cookie: w.session, body: `{"name":"python","roles":["worker"],"pools":["python"]}`}, http.StatusCreated)
	w.program(t.TempDir(), []string{"TASKUROTTA_SERVER_URL=" + w.url, "TASKUROTTA_WORKER_TOKEN=" + field[string](t, made, "token")}, python, script)
	w.greets("python.greet@1")
}
