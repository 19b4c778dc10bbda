// Package webui serves the web app that is built into the binary.
//
// It knows files and caching only; who may read them, and the headers that every answer has, are server/httpapi's.
package webui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

//go:embed all:dist
var built embed.FS

const (
	index    = "index.html"
	assets   = "assets/" // the build puts files here whose names change with their content
	forever  = "public, max-age=31536000, immutable"
	revisit  = "no-cache" // keep, but ask whether it changed
	gzipFrom = 1 << 10    // smaller files are not worth it
)

const notBuilt = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Taskurotta</title></head>
<body style="font: 16px/1.5 system-ui; margin: 10vh auto; max-width: 34em; padding: 0 1em">
<h1>The web app is not in this binary</h1>
<p>It was built without it. <code>make build</code> builds the web app and puts it in.</p>
<p>The API is at <a href="/api/v1/openapi.json">/api/v1</a>.</p>
</body></html>
`

// App is the web app.
type App struct {
	files fs.FS

	mu     sync.Mutex
	loaded map[string]*file
}

// file is a file ready to be sent.
type file struct {
	body      []byte
	zipped    []byte // nil when it would not be smaller
	mediaType string
	etag      string
	cache     string
}

// New returns the app built into the binary.
func New() *App {
	files, err := fs.Sub(built, "dist")
	if err != nil {
		panic(err) // the embed directive above names dist
	}
	return newApp(files)
}

func newApp(files fs.FS) *App { return &App{files: files, loaded: map[string]*file{}} }

// Built reports whether the binary has the app.
func (a *App) Built() bool {
	_, err := fs.Stat(a.files, index)
	return err == nil
}

// Handler serves files by their path; every other path is a place inside the app and gets its page.
func (a *App) Handler() fiber.Handler {
	return func(c *fiber.Ctx) error {
		if c.Method() != http.MethodGet && c.Method() != http.MethodHead {
			return fiber.ErrMethodNotAllowed
		}
		name := strings.TrimPrefix(path.Clean("/"+c.Path()), "/")
		if name == "" {
			name = index
		}
		found, err := a.load(name)
		if errors.Is(err, fs.ErrNotExist) {
			if strings.HasPrefix(name, assets) {
				return fiber.ErrNotFound // a page instead of a script would be cached as one
			}
			found, err = a.load(index)
		}
		if errors.Is(err, fs.ErrNotExist) {
			c.Set(fiber.HeaderCacheControl, "no-store")
			c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
			return c.Status(http.StatusServiceUnavailable).SendString(notBuilt)
		}
		if err != nil {
			return err
		}
		return found.send(c)
	}
}

// load reads a file once; the binary's files never change.
func (a *App) load(name string) (*file, error) {
	if !fs.ValidPath(name) || strings.HasPrefix(path.Base(name), ".") {
		return nil, fs.ErrNotExist
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if f := a.loaded[name]; f != nil {
		return f, nil
	}
	if stat, err := fs.Stat(a.files, name); err != nil || stat.IsDir() {
		return nil, fs.ErrNotExist
	}
	body, err := fs.ReadFile(a.files, name)
	if err != nil {
		return nil, err
	}
	f := &file{body: body, mediaType: mediaType(name), cache: revisit}
	if strings.HasPrefix(name, assets) {
		f.cache = forever
	}
	sum := sha256.Sum256(body)
	f.etag = `"` + hex.EncodeToString(sum[:8]) + `"`
	if len(body) >= gzipFrom && compressible(f.mediaType) {
		var zipped bytes.Buffer
		writer, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is valid
		_, _ = writer.Write(body)                                       // into memory
		_ = writer.Close()
		if zipped.Len() < len(body) {
			f.zipped = zipped.Bytes()
		}
	}
	a.loaded[name] = f
	return f, nil
}

func (f *file) send(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, f.cache)
	c.Set(fiber.HeaderETag, f.etag)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if c.Get(fiber.HeaderIfNoneMatch) == f.etag {
		return c.SendStatus(http.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, f.mediaType)
	if f.zipped != nil && acceptsGzip(c.Get(fiber.HeaderAcceptEncoding)) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(f.zipped)
	}
	return c.Send(f.body)
}

// mediaType does not depend on what the machine's mime.types says.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if guessed := mime.TypeByExtension(path.Ext(name)); guessed != "" {
		return guessed
	}
	return "application/octet-stream"
}

func compressible(mediaType string) bool {
	return strings.HasPrefix(mediaType, "text/") || strings.HasPrefix(mediaType, "application/") || mediaType == "image/svg+xml"
}

func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return strings.ReplaceAll(params, " ", "") != "q=0"
		}
	}
	return false
}
