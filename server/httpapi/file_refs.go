package httpapi

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/fault"
)

const maxFilesPerInput = 1000

// filesIn finds the files that JSON data names and checks that the caller may give them to a process: own uploads, and what
// the process has already.
func (a *API) filesIn(ctx context.Context, who Identity, process string, data json.RawMessage) ([]FileRef, error) {
	found, err := schema.Files(data)
	switch {
	case errors.Is(err, schema.ErrFile):
		return nil, fault.New(fault.Invalid, "file.malformed", "$file must be sha256: and 64 hexadecimal digits.")
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "request.malformed", "The data is not JSON.")
	case len(found) == 0:
		return nil, nil
	case len(found) > maxFilesPerInput:
		return nil, fault.Newf(fault.Invalid, "file.too_many", "At most %d files may be named at once.", maxFilesPerInput)
	}
	refs := make([]FileRef, len(found))
	for i, file := range found {
		refs[i] = FileRef{File: "sha256:" + file.Digest, Name: file.Name}
	}
	return a.config.Files.Check(ctx, who.UserID, process, refs)
}

// namesFiles tells whether JSON data names a file, or tries to.
func namesFiles(data Object) bool {
	found, err := schema.Files(data)
	return err != nil || len(found) > 0
}
