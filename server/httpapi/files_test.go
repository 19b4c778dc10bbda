package httpapi

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// form returns a multipart body with one file.
func form(t *testing.T, field, name string, content []byte) (string, []byte) {
	t.Helper()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	part, err := writer.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return writer.FormDataContentType(), body.Bytes()
}

func TestUpload(t *testing.T) {
	t.Parallel()
	small := bytes.Repeat([]byte("a"), 300<<10)
	exact := bytes.Repeat([]byte("b"), 1<<20)
	large := bytes.Repeat([]byte("c"), 8<<20)
	tests := []struct {
		name    string
		field   string
		content []byte
		chunked bool
		cut     int // bytes taken off the end
		status  int
		code    string
	}{
		{name: "a file within the limit is stored", field: "file", content: small, status: 201},
		{name: "a file as large as allowed is stored", field: "file", content: exact, status: 201},
		{name: "a file in chunks is stored", field: "file", content: small, chunked: true, status: 201},
		{name: "a larger file is refused with an answer", field: "file", content: large, status: 413, code: "file.too_large"},
		{name: "a larger file in chunks is refused with an answer", field: "file", content: large, chunked: true, status: 413, code: "file.too_large"},
		{name: "another field is refused", field: "document", content: small, status: 422, code: "file.missing"},
		{name: "a form that ends early is refused", field: "file", content: small, cut: 100 << 10, status: 422, code: "file.incomplete"},
	}
	h := serve(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			here := *h
			here.t = t
			contentType, body := form(t, test.field, "../../scan.pdf", test.content)
			body = body[:len(body)-test.cut]
			var reader io.Reader = bytes.NewReader(body)
			if test.chunked {
				reader = io.MultiReader(reader)
			}
			got := here.expect(request{method: "POST", path: "/api/v1/files", token: "all", reader: reader, headers: map[string]string{"Content-Type": contentType}}, test.status, test.code)
			if test.status != http.StatusCreated {
				return
			}
			var ref FileRef
			if err := json.Unmarshal([]byte(got.body), &ref); err != nil {
				t.Fatal(err)
			}
			if ref.Name != "scan.pdf" || ref.Size != int64(len(test.content)) {
				t.Errorf("stored as %+v", ref)
			}
		})
	}
	if got := h.do(request{path: "/healthz"}); got.status != http.StatusOK {
		t.Errorf("health answered %d afterwards", got.status)
	}
}

func TestDownloadIsAnInertAttachment(t *testing.T) {
	t.Parallel()
	h := serve(t)
	page := []byte("<script>alert(1)</script>" + strings.Repeat(" ", 100<<10))
	contentType, body := form(t, "file", "page.html", page)
	stored := h.do(request{method: "POST", path: "/api/v1/files", token: "all", reader: bytes.NewReader(body), headers: map[string]string{"Content-Type": contentType}})
	var ref FileRef
	if err := json.Unmarshal([]byte(stored.body), &ref); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/files/" + strings.TrimPrefix(ref.File, "sha256:")
	got := h.do(request{path: path, token: "all"})
	if got.status != http.StatusOK || got.body != string(page) {
		t.Fatalf("the download answered %d with %d bytes", got.status, len(got.body))
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment; filename=evil.html",
	} {
		if got.headers.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.headers.Get(name), want)
		}
	}
	h.expect(request{path: path, token: "only:process.read"}, http.StatusNotFound, "file.not_found")
	h.expect(request{method: "POST", path: "/api/v1/processes", token: "but:audit.read", body: `{"definition":"check","input":{"scan":` + stored.body + `}}`}, http.StatusForbidden, "file.forbidden")
	if started := h.do(request{method: "POST", path: "/api/v1/processes", token: "all", body: `{"definition":"check","input":{"scan":` + stored.body + `}}`}); started.status != http.StatusCreated {
		t.Fatalf("a start with the own file answered %d: %s", started.status, started.body)
	}
	if files := h.fake.starts[0].Files; len(files) != 1 || files[0].File != ref.File {
		t.Errorf("the engine was given %+v", files)
	}
}

func TestWorkerStoresAFileAsItIs(t *testing.T) {
	t.Parallel()
	h := serve(t)
	got := h.do(request{method: "POST", path: "/api/v1/work/files?name=report.txt&process=" + knownProcess, token: "only:work", reader: strings.NewReader("hello"), headers: map[string]string{"Content-Type": "text/plain"}})
	if got.status != http.StatusCreated || !strings.Contains(got.body, `"name":"report.txt"`) || !strings.Contains(got.body, `"size":5`) {
		t.Errorf("answered %d: %s", got.status, got.body)
	}
	h.expect(request{method: "POST", path: "/api/v1/work/files?name=large", token: "only:work", reader: bytes.NewReader(make([]byte, 5<<20))}, http.StatusRequestEntityTooLarge, "file.too_large")
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for declared, want := range map[string]string{
		"scan.pdf": "scan.pdf", "../../etc/passwd": "passwd", `C:\Users\x\Заявление.xml`: "Заявление.xml", "": "file", "..": "file", "a\r\nb": "ab",
		strings.Repeat("д", 300) + ".pdf": strings.Repeat("д", 196) + ".pdf", "\xff.txt": ".txt",
	} {
		if got := fileName(declared); got != want {
			t.Errorf("fileName(%q) = %q, want %q", declared, got, want)
		}
	}
}
