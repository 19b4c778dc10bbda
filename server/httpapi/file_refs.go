package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"

	"github.com/taskurotta/taskurotta-go/fault"
)

const maxFilesPerInput = 1000

var contentAddress = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// filesIn finds the files that JSON data names and checks that the caller may give them to a process: own uploads, and what
// the process has already.
func (a *API) filesIn(ctx context.Context, who Identity, process string, data json.RawMessage) ([]FileRef, error) {
	if !bytes.Contains(data, []byte(`$file`)) {
		return nil, nil
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "request.malformed", "The data is not JSON.")
	}
	found := map[string]FileRef{}
	if err := findFiles(value, found); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, nil
	}
	refs := make([]FileRef, 0, len(found))
	for _, ref := range found {
		refs = append(refs, ref)
	}
	return a.config.Files.Check(ctx, who.UserID, process, refs)
}

func findFiles(value any, found map[string]FileRef) error {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			if err := findFiles(item, found); err != nil {
				return err
			}
		}
	case map[string]any:
		address, named := value["$file"].(string)
		if _, present := value["$file"]; present {
			if !named || !contentAddress.MatchString(address) {
				return fault.New(fault.Invalid, "file.malformed", "$file must be sha256: and 64 hexadecimal digits.")
			}
			name, _ := value["name"].(string)
			found[address] = FileRef{File: address, Name: name}
			if len(found) > maxFilesPerInput {
				return fault.Newf(fault.Invalid, "file.too_many", "At most %d files may be named at once.", maxFilesPerInput)
			}
			return nil
		}
		for _, member := range value {
			if err := findFiles(member, found); err != nil {
				return err
			}
		}
	}
	return nil
}
