package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// inputOf returns a task's input: from the message, or from the server when it is too large for one.
func (w *Worker) inputOf(ctx context.Context, task wire.Task) (json.RawMessage, error) {
	if task.InputRef == "" {
		if len(task.Input) == 0 {
			return json.RawMessage(`{}`), nil
		}
		return task.Input, nil
	}
	body, err := w.fetch(ctx, http.MethodGet, "/work/inputs/"+url.PathEscape(task.InputRef), "", nil)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, maxOutput+1))
	if err == nil && len(raw) > maxOutput {
		err = errors.New("the input is too large")
	}
	return raw, err
}

func (w *Worker) openFile(ctx context.Context, process string, file sdk.File) (io.ReadCloser, error) {
	sum, ok := strings.CutPrefix(file.Ref, "sha256:")
	if !ok {
		return nil, sdk.Permanent(fmt.Errorf("%q names no file", file.Ref))
	}
	return w.fetch(ctx, http.MethodGet, "/work/files/"+url.PathEscape(sum)+"?process="+url.QueryEscape(process), "", nil)
}

func (w *Worker) saveFile(ctx context.Context, process, name, mediaType string, content io.Reader) (sdk.File, error) {
	if mediaType == "" {
		mediaType = "application/octet-stream"
	}
	query := url.Values{"process": {process}, "name": {name}}
	body, err := w.fetch(ctx, http.MethodPost, "/work/files?"+query.Encode(), mediaType, content)
	if err != nil {
		return sdk.File{}, err
	}
	defer body.Close()
	var file sdk.File
	err = json.NewDecoder(io.LimitReader(body, 64<<10)).Decode(&file)
	return file, err
}

// secret asks the server for the value of a secret. It is asked for each time: a value that was changed counts at once, and none
// stays in memory longer than its attempt.
func (w *Worker) secret(ctx context.Context, process, name string) (string, error) {
	body, err := w.fetch(ctx, http.MethodGet, "/work/secrets/"+url.PathEscape(name)+"?process="+url.QueryEscape(process), "", nil)
	var refused *sdk.Error
	if errors.As(err, &refused) && refused.Class == wire.ErrorPermanent && w.config.ServerURL != "" {
		return "", sdk.Permanent(sdk.Failure(sdk.CodeSecret, fmt.Errorf("the server gives no secret named %q", name)))
	}
	if err != nil {
		return "", fmt.Errorf("fetch the secret %s: %w", name, err)
	}
	defer body.Close()
	var answer struct {
		Value string `json:"value"`
	}
	if err := json.NewDecoder(io.LimitReader(body, 64<<10)).Decode(&answer); err != nil {
		return "", fmt.Errorf("read the secret %s: %w", name, err)
	}
	return answer.Value, nil
}

// fetch calls the server with the worker token. A refusal of what is asked for (4xx) won't mend by
// itself, so it is permanent.
func (w *Worker) fetch(ctx context.Context, method, path, contentType string, content io.Reader) (io.ReadCloser, error) {
	if w.config.ServerURL == "" {
		return nil, sdk.Permanent(errors.New("the worker has no ServerURL, so it can't reach files and large inputs"))
	}
	request, err := http.NewRequestWithContext(ctx, method, w.config.ServerURL+"/api/v1"+path, content)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+w.config.Token)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := w.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode < 300 {
		return response.Body, nil
	}
	defer response.Body.Close()
	problem, _ := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	err = fmt.Errorf("%s %s answered %d: %s", method, path, response.StatusCode, strings.TrimSpace(string(problem)))
	switch response.StatusCode {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return nil, err // a wrong token is the worker's fault, not the task's: another worker may do better
	}
	if response.StatusCode < 500 {
		return nil, sdk.Permanent(err)
	}
	return nil, err
}
