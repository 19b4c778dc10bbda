package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/gabriel-vasile/mimetype"
	"github.com/jackc/pgx/v5"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Owner says whose a new file is.
type Owner struct {
	User    string // who uploads it
	Process string // for a worker's file: the process whose task made it, which may read it at once
}

// Save stores what r gives until its end. An error of r is returned as it is.
func (s *Store) Save(ctx context.Context, owner Owner, name string, r io.Reader) (Meta, error) {
	spool, err := os.CreateTemp(s.config.Spool, "taskurotta-upload-*")
	if err != nil {
		return Meta{}, fmt.Errorf("make room for an upload: %w", err)
	}
	defer func() { _, _ = spool.Close(), os.Remove(spool.Name()) }()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(spool, sum), io.LimitReader(r, s.config.Limit+1))
	if err != nil {
		return Meta{}, err
	}
	if size > s.config.Limit {
		return Meta{}, fault.Newf(fault.TooLarge, "file.too_large", "A file may have at most %d bytes.", s.config.Limit).With(map[string]any{"bytes": s.config.Limit})
	}
	meta := Meta{SHA256: hex.EncodeToString(sum.Sum(nil)), Name: name, Size: size}
	// What the client declares is not believed: the type follows from the content.
	if meta.MediaType, err = sniff(spool); err != nil {
		return Meta{}, err
	}
	if err := s.keep(ctx, meta, spool); err != nil {
		return Meta{}, fault.Wrap(err, fault.Unavailable, "file.store_away", "The file store does not take the file now.")
	}
	if err := s.note(ctx, owner, &meta); err != nil {
		return Meta{}, fmt.Errorf("note file %s: %w", meta.SHA256, err)
	}
	return meta, nil
}

func sniff(file io.ReadSeeker) (string, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	found, err := mimetype.DetectReader(file)
	if err != nil {
		return "", fmt.Errorf("sniff an upload: %w", err)
	}
	return found.String(), nil
}

// keep writes the content unless it is there: the name is the content, so whoever writes first wrote the same.
func (s *Store) keep(ctx context.Context, meta Meta, content io.ReadSeeker) error {
	if err := s.touch(ctx, meta.SHA256); err != nil {
		return err
	}
	attributes, err := s.bucket.Attributes(ctx, blobKey(meta.SHA256))
	if err == nil && attributes.Size == meta.Size {
		return nil
	}
	if err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return s.bucket.Upload(ctx, blobKey(meta.SHA256), content, &blob.WriterOptions{ContentType: meta.MediaType})
}

// note writes the rows; the blob is there already, so a row never names what does not exist.
func (s *Store) note(ctx context.Context, owner Owner, meta *Meta) error {
	batch := &pgx.Batch{}
	batch.Queue(insertFile, meta.SHA256, meta.Size, meta.MediaType)
	if owner.Process != "" {
		batch.Queue(insertRef, meta.SHA256, owner.Process, meta.Name)
	} else {
		batch.Queue(`INSERT INTO upload (sha256, account_id, name) VALUES ($1, $2, $3)
			ON CONFLICT (account_id, sha256) DO UPDATE SET name = EXCLUDED.name`, meta.SHA256, owner.User, meta.Name)
	}
	return s.config.DB.SendBatch(ctx, batch).Close()
}
