package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/danielgtaylor/huma/v2"
)

const (
	maxDepth     = 64
	duplicateKey = "duplicate key"
)

var errTooDeep = fmt.Errorf("nested deeper than %d levels", maxDepth)

// jsonFormat is how bodies are read and written: duplicate keys and deep nesting are refused before anything else looks.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(v)
	},
	Unmarshal: func(raw []byte, into any) error {
		// huma decodes twice: into any to validate, then into the type. The check is needed once.
		if _, first := into.(*any); first {
			if err := CheckJSON(raw); err != nil {
				return err
			}
		}
		return json.Unmarshal(raw, into)
	},
}

// CheckJSON refuses what encoding/json lets through: a key twice in one object, nesting without a bound, bytes after the
// value.
func CheckJSON(raw []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := checkValue(decoder, 0); err != nil {
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

func checkValue(decoder *json.Decoder, depth int) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	if depth >= maxDepth {
		return errTooDeep
	}
	if delim == '[' {
		for decoder.More() {
			if err := checkValue(decoder, depth+1); err != nil {
				return err
			}
		}
	} else {
		seen := map[string]struct{}{}
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string)
			if _, twice := seen[name]; twice {
				return fmt.Errorf("%s %.64q", duplicateKey, name)
			}
			seen[name] = struct{}{}
			if err := checkValue(decoder, depth+1); err != nil {
				return err
			}
		}
	}
	_, err = decoder.Token()
	return err
}
