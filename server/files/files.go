// Package files keeps what people and workers upload: content in a blob store, named by its SHA-256, and in PostgreSQL who
// brought it (upload) and which process may read it (file_ref).
//
// Whoever uploaded a file may start processes with it; readers and workers of a process may read what the process was given.
// A grant joins the commit that uses the file. The package knows neither HTTP nor the engine.
package files

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:///folder
	_ "gocloud.dev/blob/s3blob"   // s3://bucket?region=…
)

// Config of a Store. Zero values mean the defaults.
type Config struct {
	DB    *pgxpool.Pool
	URL   string // of the blob store: file:///folder or s3://bucket?…; required
	Limit int64  // bytes of one file; default 100 MiB
	Spool string // folder for uploads under way; default os.TempDir()
}

// Store keeps files.
type Store struct {
	config Config
	bucket *blob.Bucket
}

// Meta is what is known of a stored file.
type Meta struct {
	SHA256    string
	Name      string
	Size      int64
	MediaType string
}

// Open opens the blob store; a folder is made when it is absent.
func Open(ctx context.Context, config Config) (*Store, error) {
	if config.DB == nil || config.URL == "" {
		return nil, errors.New("files: DB and URL are required")
	}
	if config.Limit <= 0 {
		config.Limit = 100 << 20
	}
	address, err := url.Parse(config.URL)
	if err != nil {
		return nil, fmt.Errorf("parse the address of the file store: %w", err)
	}
	if address.Scheme == "file" {
		if err := os.MkdirAll(filepath.FromSlash(address.Path), 0o700); err != nil {
			return nil, fmt.Errorf("make the folder of the file store: %w", err)
		}
		query := address.Query()
		query.Set("metadata", "skip") // ours is in PostgreSQL; no sidecar files
		query.Set("no_tmp_dir", "true")
		address.RawQuery = query.Encode()
	}
	bucket, err := blob.OpenBucket(ctx, address.String())
	if err != nil {
		return nil, fmt.Errorf("open the file store: %w", err)
	}
	return &Store{config: config, bucket: bucket}, nil
}

// Close closes the blob store.
func (s *Store) Close() { _ = s.bucket.Close() }

// Ping reports whether the blob store answers.
func (s *Store) Ping(ctx context.Context) error {
	ok, err := s.bucket.IsAccessible(ctx)
	if err == nil && !ok {
		return errors.New("the file store is not accessible")
	}
	return err
}

// blobKey spreads the contents over folders.
func blobKey(sha string) string { return "sha256/" + sha[:2] + "/" + sha }
