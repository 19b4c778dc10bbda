package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// object reads a flag that is a JSON object, @file or -; nil when the flag is absent. Numbers keep their digits.
func (s *session) object(flag, text string) (json.RawMessage, error) {
	if text == "" {
		return nil, nil
	}
	raw := []byte(text)
	var err error
	if name, found := strings.CutPrefix(text, "@"); found {
		raw, err = os.ReadFile(name)
	} else if text == "-" {
		raw, err = io.ReadAll(s.In)
	}
	if err != nil {
		return nil, usage("%s: %v", flag, err)
	}
	raw = bytes.TrimSpace(raw)
	if err := httpapi.CheckJSON(raw); err != nil {
		return nil, usage("%s is no JSON: %v", flag, err)
	}
	if raw[0] != '{' {
		return nil, usage("%s must be a JSON object.", flag)
	}
	return raw, nil
}

// attachment is a file to upload for a field of the input.
type attachment struct {
	field string
	file  *os.File
	size  int64
}

// attachments opens the files of --file before anything is sent.
func attachments(flags []string, input json.RawMessage) (all []attachment, err error) {
	defer func() {
		if err != nil {
			closeAll(all)
		}
	}()
	taken := map[string]json.RawMessage{}
	if input != nil {
		if err := json.Unmarshal(input, &taken); err != nil {
			return nil, usage("--input must be a JSON object: %v", err)
		}
	}
	for _, flag := range flags {
		field, name, found := strings.Cut(flag, "=")
		if !found || field == "" || name == "" {
			return all, usage("--file must be FIELD=PATH.")
		}
		if _, twice := taken[field]; twice {
			return all, usage("--file %s: the input has that field already.", field)
		}
		taken[field] = nil
		file, err := os.Open(name)
		if err != nil {
			return all, usage("--file %s: %v", field, err)
		}
		all = append(all, attachment{field: field, file: file})
		info, err := file.Stat()
		if err != nil {
			return all, usage("--file %s: %v", field, err)
		}
		if !info.Mode().IsRegular() {
			return all, usage("--file %s: %s is no regular file.", field, name)
		}
		all[len(all)-1].size = info.Size()
	}
	return all, nil
}

func closeAll(all []attachment) {
	for _, a := range all {
		_ = a.file.Close()
	}
}

// uploaded returns the input with the uploaded files in their fields.
func (s *session) uploaded(ctx context.Context, input json.RawMessage, files []attachment) (json.RawMessage, error) {
	if len(files) == 0 {
		return input, nil
	}
	fields := map[string]json.RawMessage{}
	if input != nil {
		if err := json.Unmarshal(input, &fields); err != nil {
			return nil, usage("--input must be a JSON object: %v", err)
		}
	}
	for _, a := range files {
		reference, err := s.upload(ctx, a)
		if err != nil {
			return nil, err
		}
		fields[a.field] = reference
	}
	return json.Marshal(fields)
}

// upload streams one file; its length is told beforehand, so that the server can refuse it at once.
func (s *session) upload(ctx context.Context, a attachment) (json.RawMessage, error) {
	return s.uploadAs(ctx, filepath.Base(a.file.Name()), a.file, a.size)
}

func (s *session) uploadAs(ctx context.Context, name string, content io.Reader, size int64) (json.RawMessage, error) {
	var frame bytes.Buffer
	form := multipart.NewWriter(&frame)
	if _, err := form.CreateFormFile("file", name); err != nil {
		return nil, err
	}
	begin := frame.Len()
	if err := form.Close(); err != nil {
		return nil, err
	}
	head, tail := frame.Bytes()[:begin], frame.Bytes()[begin:]
	return s.call(ctx, request{
		method: http.MethodPost, path: "/files", content: form.FormDataContentType(),
		body:   io.MultiReader(bytes.NewReader(head), io.LimitReader(content, size), bytes.NewReader(tail)),
		length: int64(frame.Len()) + size,
	})
}
