package mailsink

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
)

// maxDepth bounds multiparts inside multiparts.
const maxDepth = 8

// bodies returns the first plain text and the first HTML part of a MIME entity (RFC 2045, RFC 2046).
func bodies(contentType, encoding string, body io.Reader, depth int) (text, html string) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = "text/plain"
	}
	if strings.HasPrefix(media, "multipart/") && depth < maxDepth {
		reader := multipart.NewReader(body, params["boundary"])
		for {
			part, err := reader.NextRawPart()
			if err != nil {
				return text, html
			}
			plain, rich := bodies(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part, depth+1)
			if text == "" {
				text = plain
			}
			if html == "" {
				html = rich
			}
		}
	}
	if media != "text/plain" && media != "text/html" {
		return "", ""
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	raw, _ := io.ReadAll(body) // what could be decoded is shown
	decoded := strings.ToValidUTF8(string(raw), "\uFFFD")
	if media == "text/html" {
		return "", decoded
	}
	return decoded, ""
}
