package httprequest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// The sizes of answers, in bytes: what is longer than an inline one becomes a file.
const (
	maxInline = 128 << 10
	maxQuoted = 1000 // of an error's answer
)

// answer reads what came.
func (c *caller) answer(ctx context.Context, in Input, response *http.Response) (Output, error) {
	out := Output{Status: response.StatusCode, Headers: headersOf(response.Header), ContentType: clean(response.Header.Get("Content-Type"))}
	if success := response.StatusCode >= 200 && response.StatusCode < 300; !success && !slices.Contains(in.Accept, response.StatusCode) {
		return out, refused(response, in.Redirects)
	}
	if in.Answer == "none" || in.Method == http.MethodHead || response.StatusCode == http.StatusNoContent {
		drain(response.Body)
		return out, nil
	}
	media, parameters, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil {
		media = "application/octet-stream"
	}
	isJSON := media == "application/json" || strings.HasSuffix(media, "+json")
	isText := strings.HasPrefix(media, "text/") || media == "application/xml" || strings.HasSuffix(media, "+xml")
	if in.Answer == "file" || in.Answer != "json" && in.Answer != "text" && !isJSON && !isText {
		return out, c.save(ctx, &out, response, response.Body)
	}
	head, err := io.ReadAll(io.LimitReader(response.Body, maxInline+1))
	if err != nil {
		return out, sdk.Failure(CodeUnreachable, fmt.Errorf("the answer broke off: %w", err))
	}
	if len(head) > maxInline {
		if in.Answer == "json" || in.Answer == "text" {
			return out, unexpected("the answer is larger than %d KiB; take it as a file", maxInline>>10)
		}
		return out, c.save(ctx, &out, response, io.MultiReader(bytes.NewReader(head), response.Body))
	}
	if in.Answer == "json" || in.Answer != "text" && isJSON {
		if len(bytes.TrimSpace(head)) == 0 {
			return out, nil
		}
		if !json.Valid(head) {
			return out, unexpected("the answer is no JSON: %s", clean(string(head[:min(len(head), maxQuoted)])))
		}
		out.JSON = head
		return out, nil
	}
	out.Text, err = decoded(head, parameters["charset"])
	return out, err
}

// decoded returns a text in the encoding that its type names, without the character that can't be stored.
func decoded(raw []byte, label string) (string, error) {
	if label != "" && !strings.EqualFold(label, "utf-8") {
		reader, err := charset.NewReaderLabel(label, bytes.NewReader(raw))
		if err != nil {
			return "", unexpected("the answer is in the encoding %q, which is not known", clean(label))
		}
		if raw, err = io.ReadAll(reader); err != nil {
			return "", unexpected("the answer is not in the encoding %q", clean(label))
		}
	}
	return strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\x00", "\uFFFD"), nil
}

// save keeps an answer as a file of the process, under the name that it has.
func (c *caller) save(ctx context.Context, out *Output, response *http.Response, content io.Reader) error {
	name := path.Base(response.Request.URL.Path)
	if _, parameters, err := mime.ParseMediaType(response.Header.Get("Content-Disposition")); err == nil && parameters["filename"] != "" {
		name = path.Base(strings.ReplaceAll(parameters["filename"], `\`, "/"))
	}
	if name = clean(name); name == "" || name == "." || name == "/" {
		name = "answer"
	}
	media, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil {
		media = "application/octet-stream"
	}
	bounded := &boundedReader{from: content, left: c.largest}
	file, err := sdk.Save(ctx, name, media, bounded)
	if bounded.left < 0 {
		return unexpected("the answer is larger than %d bytes", c.largest)
	}
	if err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	out.File = &file
	return nil
}

// boundedReader breaks off an answer that is too long, so that no half of it is kept.
type boundedReader struct {
	from io.Reader
	left int64 // negative when there was more
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errors.New("the answer is too large")
	}
	return n, err
}

// refused turns a status into an error: 4xx is the caller's to handle, what may pass is tried again.
func refused(response *http.Response, redirects *int) error {
	quoted, _ := io.ReadAll(io.LimitReader(response.Body, maxQuoted))
	status := response.StatusCode
	message := fmt.Sprintf("%d %s", status, http.StatusText(status))
	if text := strings.TrimSpace(clean(string(quoted))); text != "" {
		message += ": " + text
	}
	switch {
	case status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests || status >= 500:
		err := &sdk.Error{Class: wire.ErrorRetryable, Code: CodeServer, Message: message}
		err.RetryAfter = retryAfter(response.Header.Get("Retry-After"), time.Now())
		return err
	case status >= 400:
		return sdk.Business(codeOf(status), message)
	case redirects != nil && *redirects == 0 && status >= 300:
		return &sdk.Error{Class: wire.ErrorPermanent, Code: CodeRedirect, Message: message}
	default:
		return unexpected("%s", message)
	}
}

// longestWait bounds what a server may ask for.
const longestWait = 24 * time.Hour

// retryAfter reads seconds or a date (RFC 9110, 10.2.3); 0 when there is none.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestWait) //nolint:gosec // at most 31 bits
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), longestWait)
	}
	return 0
}

const mostHeaders, longestHeader = 50, 1000

// headersOf returns headers by their names in lower case; cookies are nobody's business but the client's.
func headersOf(header http.Header) map[string]string {
	out := map[string]string{}
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == "Set-Cookie" || len(out) == mostHeaders {
			continue
		}
		value := clean(strings.Join(header[name], ", "))
		if len(value) > longestHeader {
			value = strings.ToValidUTF8(value[:longestHeader], "")
		}
		out[strings.ToLower(name)] = value
	}
	return out
}

// clean makes a text fit to be stored and shown in one line.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
}
