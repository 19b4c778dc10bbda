package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"gocloud.dev/gcerrors"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Reader says who wants a file.
type Reader struct {
	User    string // reads own uploads
	Process string // reads what this process was given
	Worker  bool   // reads every stored file
}

// Content is an open file; whoever gets it closes Body.
type Content struct {
	Meta
	Body io.ReadCloser
}

var (
	errNotFound = fault.New(fault.NotFound, "file.not_found", "There is no such file for you.")
	digest      = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// selectReadable reads a file if the reader may have it: a worker any, a process's reader what it was given, a user own
// uploads. The name is the one under which the reader knows it.
const selectReadable = `
SELECT f.sha256, COALESCE(r.name, u.name, ''), f.size, f.media_type FROM file f
LEFT JOIN file_ref r ON r.sha256 = f.sha256 AND r.process_id = NULLIF($2, '')::uuid
LEFT JOIN upload u ON u.sha256 = f.sha256 AND u.account_id = $3 AND $2 = ''
WHERE f.sha256 = $1 AND ($4 OR r.sha256 IS NOT NULL OR u.sha256 IS NOT NULL)`

// Open opens a file. One that the reader may not have is not found.
func (s *Store) Open(ctx context.Context, reader Reader, sha string) (Content, error) {
	if !digest.MatchString(sha) {
		return Content{}, errNotFound
	}
	var content Content
	err := s.config.DB.QueryRow(ctx, selectReadable, sha, reader.Process, reader.User, reader.Worker).
		Scan(&content.SHA256, &content.Name, &content.Size, &content.MediaType)
	if errors.Is(err, pgx.ErrNoRows) {
		return Content{}, errNotFound
	}
	if err != nil {
		return Content{}, fmt.Errorf("look up file %s: %w", sha, err)
	}
	body, err := s.bucket.NewReader(ctx, blobKey(sha), nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return Content{}, fault.Wrap(err, fault.Internal, "file.gone", "The content of this file is gone.")
	}
	if err != nil {
		return Content{}, fault.Wrap(err, fault.Unavailable, "file.store_away", "The file store does not answer.")
	}
	content.Body = body
	return content, nil
}

// Named is a file as an input names it.
type Named struct {
	SHA256 string
	Name   string // under which the process is to know it; empty means the uploaded name
}

// selectGrantable reads which of the files a user may give to a process: own uploads, and what the process has.
const selectGrantable = `
SELECT f.sha256, COALESCE(u.name, r.name), f.size, f.media_type FROM file f
LEFT JOIN upload u ON u.sha256 = f.sha256 AND u.account_id = $2
LEFT JOIN file_ref r ON r.sha256 = f.sha256 AND r.process_id = NULLIF($3, '')::uuid
WHERE f.sha256 = ANY($1) AND (u.sha256 IS NOT NULL OR r.sha256 IS NOT NULL)`

// Check returns what is stored of the files that an input names, in their order. One that the user neither uploaded nor can
// read through the process (which may be "") is forbidden: file.not_yours.
func (s *Store) Check(ctx context.Context, user, process string, named []Named) ([]Meta, error) {
	shas := make([]string, len(named))
	for i, file := range named {
		shas[i] = file.SHA256
	}
	found, err := s.grantable(ctx, user, process, shas)
	if err == nil && len(found) > 0 { // what is found again then stays until the commit that gives it
		if err = s.touch(ctx, slices.Collect(maps.Keys(found))...); err == nil {
			found, err = s.grantable(ctx, user, process, shas)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("look up %d files: %w", len(named), err)
	}
	checked := make([]Meta, 0, len(named))
	for _, file := range named {
		meta, ok := found[file.SHA256]
		if !ok {
			refused := fault.New(fault.Forbidden, "file.not_yours", "A file is not one that you uploaded.")
			return nil, refused.WithIssues(fault.Issue{Code: "file.not_yours", Message: "Upload this file first.", Params: map[string]any{"sha256": file.SHA256}})
		}
		if name := strings.TrimSpace(file.Name); name != "" {
			meta.Name = name
		}
		checked = append(checked, meta)
	}
	return checked, nil
}

func (s *Store) grantable(ctx context.Context, user, process string, shas []string) (map[string]Meta, error) {
	rows, err := s.config.DB.Query(ctx, selectGrantable, shas, user, process)
	if err != nil {
		return nil, err
	}
	metas, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Meta])
	if err != nil {
		return nil, err
	}
	found := make(map[string]Meta, len(metas))
	for _, meta := range metas {
		found[meta.SHA256] = meta
	}
	return found, nil
}
