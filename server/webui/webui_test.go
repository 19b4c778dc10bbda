package webui

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gofiber/fiber/v2"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	script := strings.Repeat("console.log('taskurotta');\n", 100)
	withApp := fstest.MapFS{
		"index.html":          {Data: []byte("<title>app</title>")},
		"assets/main-1234.js": {Data: []byte(script)},
		"favicon.svg":         {Data: []byte("<svg/>")},
		".gitkeep":            {},
	}
	tests := []struct {
		name, method, path, encoding string
		files                        fstest.MapFS
		status                       int
		body, cache, media, zip      string
	}{
		{name: "the root is the page", path: "/", files: withApp, status: 200, body: "app", cache: "no-cache", media: "text/html; charset=utf-8"},
		{name: "a place inside the app is the page", path: "/processes/0192-1", files: withApp, status: 200, body: "app", cache: "no-cache", media: "text/html; charset=utf-8"},
		{name: "a hashed asset is kept forever", path: "/assets/main-1234.js", files: withApp, status: 200, body: "console", cache: "public, max-age=31536000, immutable", media: "text/javascript; charset=utf-8"},
		{name: "an asset is compressed for who takes it", path: "/assets/main-1234.js", encoding: "br, gzip;q=0.8", files: withApp, status: 200, zip: "gzip", cache: "public, max-age=31536000, immutable", media: "text/javascript; charset=utf-8"},
		{name: "an asset is plain for who refuses gzip", path: "/assets/main-1234.js", encoding: "gzip;q=0", files: withApp, status: 200, body: "console", cache: "public, max-age=31536000, immutable", media: "text/javascript; charset=utf-8"},
		{name: "a missing asset is not the page", path: "/assets/old.js", files: withApp, status: 404},
		{name: "a hidden file is not served", path: "/.gitkeep", files: withApp, status: 200, body: "app", cache: "no-cache", media: "text/html; charset=utf-8"},
		{name: "nothing above the app", path: "/../webui.go", files: withApp, status: 200, body: "app", cache: "no-cache", media: "text/html; charset=utf-8"},
		{name: "posting is refused", method: http.MethodPost, path: "/", files: withApp, status: 405},
		{name: "an app that was not built says so", path: "/", files: fstest.MapFS{".gitkeep": {}}, status: 503, body: "make build", cache: "no-store", media: "text/html; charset=utf-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			router := fiber.New()
			router.Use(newApp(test.files).Handler())
			method := test.method
			if method == "" {
				method = http.MethodGet
			}
			request := httptest.NewRequest(method, test.path, nil)
			if test.encoding != "" {
				request.Header.Set("Accept-Encoding", test.encoding)
			}
			response, err := router.Test(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status {
				t.Fatalf("status %d, want %d: %s", response.StatusCode, test.status, body)
			}
			if test.body != "" && !strings.Contains(string(body), test.body) {
				t.Errorf("body %q has no %q", body, test.body)
			}
			for header, want := range map[string]string{"Cache-Control": test.cache, "Content-Type": test.media, "Content-Encoding": test.zip} {
				if got := response.Header.Get(header); test.status != 404 && test.status != 405 && got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
		})
	}
}

func TestUnchangedFileIsNotSentAgain(t *testing.T) {
	t.Parallel()
	router := fiber.New()
	router.Use(newApp(fstest.MapFS{"index.html": {Data: []byte("<title>app</title>")}}).Handler())
	first, err := router.Test(httptest.NewRequest(http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Body.Close()
	again := httptest.NewRequest(http.MethodGet, "/", nil)
	again.Header.Set("If-None-Match", first.Header.Get("ETag"))
	second, err := router.Test(again)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Body.Close()
	if second.StatusCode != http.StatusNotModified {
		t.Errorf("status %d, want 304", second.StatusCode)
	}
}

func TestNewHasTheEmbeddedFolder(t *testing.T) {
	t.Parallel()
	app := New()
	if _, err := app.files.Open("."); err != nil {
		t.Error(err)
	}
}
