package httprequest

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// bodyOf returns the body with its size (-1: none) and type.
func bodyOf(ctx context.Context, method string, in Input) (body io.Reader, size int64, contentType string, err error) {
	if (method == http.MethodGet || method == http.MethodHead) && (len(in.JSON) > 0 || in.Text != "" || in.XML != "" || len(in.Form) > 0 || in.File != nil) {
		return nil, 0, "", permanent(CodeRequest, fmt.Errorf("a %s request has no body", method))
	}
	kinds := 0
	use := func(text, kind string) {
		kinds++
		body, size, contentType = strings.NewReader(text), int64(len(text)), kind
	}
	size = -1
	if len(in.JSON) > 0 && string(in.JSON) != "null" {
		use(string(in.JSON), "application/json")
		if !json.Valid(in.JSON) {
			return nil, 0, "", permanent(CodeRequest, errors.New("the body is no JSON"))
		}
	}
	if in.Text != "" {
		use(in.Text, "text/plain; charset=utf-8")
	}
	if in.XML != "" {
		use(in.XML, "application/xml; charset=utf-8")
		if err := wellFormed(in.XML); err != nil {
			return nil, 0, "", permanent(CodeRequest, fmt.Errorf("the body is no XML: %w", err))
		}
	}
	if len(in.Form) > 0 {
		form := url.Values{}
		for name, value := range in.Form {
			form.Set(name, value)
		}
		use(form.Encode(), "application/x-www-form-urlencoded")
	}
	if in.File != nil {
		kinds++
		content, err := sdk.Open(ctx, *in.File)
		if err != nil {
			return nil, 0, "", fmt.Errorf("open %s: %w", in.File.Name, err)
		}
		body, size, contentType = content, in.File.Size, in.File.MediaType // the transport closes it
	}
	if kinds > 1 {
		return nil, 0, "", permanent(CodeRequest, errors.New("the request has more than one body"))
	}
	if in.ContentType != "" && kinds > 0 {
		contentType = in.ContentType
	}
	return body, size, contentType, nil
}

func wellFormed(text string) error {
	decoder := xml.NewDecoder(strings.NewReader(text))
	roots, depth := 0, 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			if roots != 1 {
				return errors.New("it does not have one root element")
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}
