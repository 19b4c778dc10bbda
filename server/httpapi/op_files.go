package httpapi

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/taskurotta/taskurotta-go/fault"
)

// UploadStream takes a request's body as a stream: huma would put all of it in memory.
type UploadStream struct {
	body        io.Reader
	contentType string
}

// Resolve keeps the body for the handler.
func (u *UploadStream) Resolve(ctx huma.Context) []error {
	if op := operationOf(ctx); op != nil {
		if err := ctx.SetReadDeadline(time.Now().Add(op.readTimeout)); err != nil {
			return []error{err}
		}
	}
	u.body = ctx.BodyReader()
	u.contentType = strings.Clone(ctx.Header("Content-Type"))
	return nil
}

type uploadInput struct {
	UploadStream
}

type fileOutput struct {
	Body FileRef
}

type downloadInput struct {
	SHA256  string `path:"sha256" pattern:"^[0-9a-f]{64}$" doc:"Of the content"`
	Process string `query:"process" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"Read it through this process; absent: the caller's own upload"`
}

func (a *API) registerFiles() {
	add(a, operation{id: "uploadFile", method: http.MethodPost, path: "/files", tag: "files", permission: PermProcessStart, or: PermTaskDo,
		status: http.StatusCreated, maxBody: a.config.UploadLimit, timeout: a.config.UploadTimeout, readTimeout: a.config.UploadTimeout,
		audit: "file.upload", summary: "Upload a file",
		doc: "multipart/form-data with one part named file. The answer is the value for a field of format file."}, a.uploadFile)
	a.describeUpload("/files", "multipart/form-data", &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"},
		Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
	})
	add(a, operation{id: "downloadFile", method: http.MethodGet, path: "/files/{sha256}", tag: "files", permission: PermProcessRead, or: PermTaskDo,
		timeout: a.config.UploadTimeout, summary: "Download a file, as an attachment"}, a.downloadFile)
	a.describeDownload("/files/{sha256}")
}

func (a *API) uploadFile(ctx context.Context, in *uploadInput) (*fileOutput, error) {
	part, err := filePart(in.contentType, in.body)
	if err != nil {
		return nil, err
	}
	upload := Upload{UserID: caller(ctx).UserID, Name: fileName(part.FileName()), MediaType: part.Header.Get("Content-Type")}
	ref, err := a.save(ctx, upload, part, in.body)
	if err != nil {
		return nil, err
	}
	return &fileOutput{Body: ref}, nil
}

// save stores a stream within the limit; a longer one is read on to its end, within reason, so that the client hears why.
func (a *API) save(ctx context.Context, upload Upload, content, rest io.Reader) (FileRef, error) {
	limited := &limitReader{from: content, left: a.config.UploadLimit}
	ref, err := a.config.Files.Save(ctx, upload, limited)
	if limited.exceeded {
		drain(rest)
		return FileRef{}, fault.Newf(fault.TooLarge, "file.too_large", "A file may have at most %d bytes.", a.config.UploadLimit).With(map[string]any{"bytes": a.config.UploadLimit})
	}
	if limited.broken != nil {
		return FileRef{}, fault.Wrap(limited.broken, fault.Invalid, "file.incomplete", "The upload ended early.")
	}
	if err != nil {
		return FileRef{}, err
	}
	audited(ctx, "file", strings.TrimPrefix(ref.File, "sha256:"), "", map[string]any{"name": ref.Name, "size": ref.Size, "media_type": ref.MediaType})
	return ref, nil
}

// filePart returns the part named file; what comes before it is skipped.
func filePart(contentType string, body io.Reader) (*multipart.Part, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "multipart/form-data" || params["boundary"] == "" {
		return nil, newProblem(http.StatusUnsupportedMediaType, "file.multipart_required", "Send multipart/form-data with a part named file.")
	}
	if body == nil {
		return nil, errNoFile
	}
	reader := multipart.NewReader(body, params["boundary"])
	for range 20 {
		part, err := reader.NextPart()
		if err != nil {
			break
		}
		if part.FormName() == "file" {
			return part, nil
		}
	}
	return nil, errNoFile
}

var errNoFile = fault.New(fault.Invalid, "file.missing", "The form has no part named file.")

// fileName keeps the last element of a declared name, without control characters.
func fileName(declared string) string {
	name := declared[strings.LastIndexAny(declared, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[len(runes)-200:])
	}
	if name == "" || name == "." || name == ".." {
		return "file"
	}
	return name
}

func (a *API) downloadFile(ctx context.Context, in *downloadInput) (*huma.StreamResponse, error) {
	if in.Process != "" && !caller(ctx).May(PermProcessRead) {
		return nil, fault.New(fault.Forbidden, "access.denied", "You may not look at processes.")
	}
	return a.open(ctx, OpenFile{SHA256: in.SHA256, UserID: caller(ctx).UserID, ProcessID: in.Process})
}

// open streams a file. The body is sent after the handler returned, so it must not hang on the request's own deadline.
func (a *API) open(ctx context.Context, request OpenFile) (*huma.StreamResponse, error) {
	reading, stop := context.WithTimeout(context.WithoutCancel(ctx), a.config.UploadTimeout)
	content, err := a.config.Files.Open(reading, request)
	if err != nil {
		stop()
		return nil, err
	}
	return &huma.StreamResponse{Body: func(answer huma.Context) {
		answer.SetHeader("Content-Type", safeMediaType(content.MediaType))
		answer.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(content.Name)}))
		answer.SetHeader("Content-Security-Policy", "sandbox; default-src 'none'")
		answer.SetHeader("Cache-Control", "private, no-store")
		stream(answer, a.conns.count(&closing{content.Body, stop}), content.Size)
	}}, nil
}

// safeMediaType passes a well-formed media type on; anything else is just bytes.
func safeMediaType(declared string) string {
	media, _, err := mime.ParseMediaType(declared)
	if err != nil || !strings.Contains(media, "/") {
		return "application/octet-stream"
	}
	return media
}

// closing ends the reading context with the body.
type closing struct {
	io.ReadCloser
	stop context.CancelFunc
}

func (c *closing) Close() error {
	defer c.stop()
	return c.ReadCloser.Close()
}

// limitReader fails once more than left bytes came, and remembers how it ended.
type limitReader struct {
	from     io.Reader
	left     int64
	exceeded bool
	broken   error
}

var errTooLarge = errors.New("the body is larger than allowed")

func (l *limitReader) Read(p []byte) (int, error) {
	if l.exceeded {
		return 0, errTooLarge
	}
	n, err := l.from.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		l.exceeded = true
		return 0, errTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		l.broken = err
	}
	return n, err
}

const maxDrain = 64 << 20

// drain reads what a client still sends: a refusal that meets a full pipe is lost as a reset connection.
func drain(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, maxDrain) // whatever happens, the answer follows
}

// describeUpload tells the OpenAPI document what huma was not to read.
func (a *API) describeUpload(path, mediaType string, schema *huma.Schema) {
	a.huma.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{
		Required: true, Content: map[string]*huma.MediaType{mediaType: {Schema: schema}},
	}
}

func (a *API) describeDownload(path string) {
	responses := a.huma.OpenAPI().Paths[path].Get.Responses
	responses[statusText(http.StatusOK)] = &huma.Response{
		Description: http.StatusText(http.StatusOK),
		Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		},
	}
}

const defaultUploadTimeout = 10 * time.Minute
