package files

import (
	"bytes"
	"context"

	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/fault"
)

// Tx is a commit under way, such as the engine's: statements are sent with it, in order, before it commits.
type Tx interface {
	Queue(sql string, args ...any)
}

// insertFile notes a content; whoever noted it first noted the same.
const insertFile = `INSERT INTO file (sha256, size, media_type) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING`

// insertRef gives a process a file; a name that it knows the file by stays.
const insertRef = `INSERT INTO file_ref (sha256, process_id, name) VALUES ($1, $2, $3) ON CONFLICT (process_id, sha256) DO NOTHING`

// Grant lets a process's readers and workers read files, from the commit of tx on.
func Grant(tx Tx, process string, files ...Named) {
	for _, file := range files {
		tx.Queue(insertRef, file.SHA256, process, file.Name)
	}
}

// Revoke takes every right of processes to files away.
func Revoke(tx Tx, processes ...string) {
	tx.Queue(`DELETE FROM file_ref WHERE process_id = ANY($1::uuid[])`, processes)
}

// CopyGrants lets a process read what another may: a restarted one begins with the files of the first.
func CopyGrants(tx Tx, from, to string) {
	tx.Queue(`INSERT INTO file_ref (sha256, process_id, name) SELECT sha256, $2, name FROM file_ref WHERE process_id = $1
		ON CONFLICT (process_id, sha256) DO NOTHING`, from, to)
}

// ShareNamed lets a process read the files that a payload names, as far as another process may: a call hands them to its child
// process, and that one hands back what it made.
func ShareNamed(tx Tx, from, to string, payload []byte) {
	named, _ := schema.Files(payload) // what is no file gives no right
	if len(named) == 0 {
		return
	}
	digests := make([]string, len(named))
	for i, file := range named {
		digests[i] = file.Digest
	}
	tx.Queue(`INSERT INTO file_ref (sha256, process_id, name) SELECT sha256, $2, name FROM file_ref WHERE process_id = $1 AND sha256 = ANY($3::text[])
		ON CONFLICT (process_id, sha256) DO NOTHING`, from, to, digests)
}

// Keep stores content that a process made itself; the rows that name it and let the process read it join tx. Content is stored
// first, so a commit never names what does not exist.
func (s *Store) Keep(ctx context.Context, tx Tx, process string, file Meta, content []byte) error {
	if err := s.keep(ctx, file, bytes.NewReader(content)); err != nil {
		return fault.Wrap(err, fault.Unavailable, "file.store_away", "The file store does not take the file now.")
	}
	tx.Queue(insertFile, file.SHA256, file.Size, file.MediaType)
	tx.Queue(insertRef, file.SHA256, process, file.Name)
	return nil
}
