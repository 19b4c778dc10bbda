package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

type workInput struct {
	Ref string `path:"ref" maxLength:"200" pattern:"^[A-Za-z0-9._-]+$" doc:"As the message names it"`
}

type workInputOutput struct {
	Body json.RawMessage
}

type workFileInput struct {
	SHA256  string `path:"sha256" pattern:"^[0-9a-f]{64}$" doc:"Of the content"`
	Process string `query:"process" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"The process whose task reads the file"`
}

type workUploadInput struct {
	UploadStream
	Name    string `query:"name" maxLength:"400" doc:"File name; of multipart bodies the part's own"`
	Process string `query:"process" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID" doc:"The process whose task made the file"`
}

func (a *API) registerWork() {
	add(a, operation{id: "workInput", method: http.MethodGet, path: "/work/inputs/{ref}", tag: "work", permission: PermWork,
		summary: "Fetch the input of a task", doc: "For workers: of messages that refer to a large input."}, a.workInput)
	add(a, operation{id: "workFile", method: http.MethodGet, path: "/work/files/{sha256}", tag: "work", permission: PermWork,
		timeout: a.config.UploadTimeout, summary: "Fetch a file"}, a.workFile)
	a.describeDownload("/work/files/{sha256}")
	add(a, operation{id: "workUpload", method: http.MethodPost, path: "/work/files", tag: "work", permission: PermWork,
		status: http.StatusCreated, maxBody: a.config.UploadLimit, timeout: a.config.UploadTimeout, readTimeout: a.config.UploadTimeout,
		audit: "file.upload", auditLater: true, summary: "Store a file that a task made",
		doc: "The body is the file itself, with its media type, or multipart/form-data with a part named file."}, a.workUpload)
	a.describeUpload("/work/files", "application/octet-stream", &huma.Schema{Type: huma.TypeString, Format: "binary"})
}

// ofProcess refuses tokens of pools whose workers have no task of a process now.
func (a *API) ofProcess(ctx context.Context, process string) error {
	pools := caller(ctx).Pools
	if len(pools) == 0 {
		return nil
	}
	if process == "" {
		return newProblem(http.StatusForbidden, "work.pool", "This token is for some pools: name the process.")
	}
	if works, err := a.config.Work.WorksOn(ctx, process, pools); err != nil || works {
		return err
	}
	return newProblem(http.StatusForbidden, "work.pool", "This token is for pools that have no task of this process.")
}

func (a *API) workInput(ctx context.Context, in *workInput) (*workInputOutput, error) {
	process, _, _ := strings.Cut(in.Ref, ".")
	if uuid.Validate(process) == nil {
		if err := a.ofProcess(ctx, process); err != nil {
			return nil, err
		}
	}
	input, err := a.config.Engine.TaskInput(ctx, in.Ref)
	if err != nil {
		return nil, err
	}
	return &workInputOutput{Body: input}, nil
}

func (a *API) workFile(ctx context.Context, in *workFileInput) (*huma.StreamResponse, error) {
	if err := a.ofProcess(ctx, in.Process); err != nil {
		return nil, err
	}
	return a.open(ctx, OpenFile{SHA256: in.SHA256, UserID: caller(ctx).UserID, ProcessID: in.Process, Worker: true})
}

func (a *API) workUpload(ctx context.Context, in *workUploadInput) (*fileOutput, error) {
	if err := a.ofProcess(ctx, in.Process); err != nil {
		return nil, err
	}
	upload := Upload{UserID: caller(ctx).UserID, ProcessID: in.Process, Name: fileName(in.Name), MediaType: in.contentType}
	content := in.body
	if strings.HasPrefix(in.contentType, "multipart/form-data") {
		part, err := filePart(in.contentType, in.body)
		if err != nil {
			return nil, err
		}
		content, upload.MediaType = part, part.Header.Get("Content-Type")
		if part.FileName() != "" {
			upload.Name = fileName(part.FileName())
		}
	}
	if content == nil {
		return nil, errNoFile
	}
	ref, err := a.save(ctx, upload, content, in.body)
	if err != nil {
		return nil, err
	}
	return &fileOutput{Body: ref}, nil
}
