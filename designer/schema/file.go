package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var contentAddress = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// File is what data says of a stored file.
type File struct {
	Digest string // of the content, in hex
	Name   string // "": it says none
}

// ErrFile says that a $file is no content address.
var ErrFile = errors.New("$file must be sha256: and 64 hexadecimal digits")

// Files returns the files that JSON data names, each content once, in the order of their digests. It looks everywhere: a key may be
// written in escapes, and what stands beside an address may name another file. With ErrFile come those that are in order.
func Files(data []byte) ([]File, error) {
	if !bytes.Contains(data, []byte(`$file`)) && !bytes.Contains(data, []byte(`\u`)) {
		return nil, nil
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, fmt.Errorf("look for files: %w", err)
	}
	found := map[string]File{}
	wrong := collectFiles(value, found)
	files := make([]File, 0, len(found))
	for _, digest := range slices.Sorted(maps.Keys(found)) {
		files = append(files, found[digest])
	}
	if wrong {
		return files, ErrFile
	}
	return files, nil
}

func collectFiles(value any, found map[string]File) (wrong bool) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			wrong = collectFiles(item, found) || wrong
		}
	case map[string]any:
		if named, present := value["$file"]; present {
			address, _ := named.(string)
			if contentAddress.MatchString(address) {
				name, _ := value["name"].(string)
				digest := strings.TrimPrefix(address, "sha256:")
				found[digest] = File{Digest: digest, Name: name}
			} else {
				wrong = true
			}
		}
		for _, member := range value {
			wrong = collectFiles(member, found) || wrong
		}
	}
	return wrong
}
