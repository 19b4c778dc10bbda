// Package pgstore keeps definitions, versions and node types in PostgreSQL. gorm stops here.
//
// It imports the designer's types and gorm, and knows no rule of the domain besides what the tables hold.
package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/designer/catalog"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// Store keeps definitions and node types.
type Store struct {
	db     *gorm.DB
	latest *latestReader
}

var (
	_ designer.Store = (*Store)(nil)
	_ catalog.Store  = (*Store)(nil)
)

// New returns a store over a pool; closing the pool is the caller's.
func New(pool *pgxpool.Pool) (*Store, error) {
	// pgx prepares statements by itself, once per connection. gorm's PrepareStmt would do it again each time that database/sql
	// borrows a connection of the pool, at four times the latency.
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: stdlib.OpenDBFromPool(pool)}), &gorm.Config{
		SkipDefaultTransaction: true, TranslateError: true, DisableAutomaticPing: true,
		Logger: logger.Discard, // every error is returned
	})
	if err != nil {
		return nil, fmt.Errorf("open the designer's store: %w", err)
	}
	return &Store{db: db, latest: &latestReader{pool: pool}}, nil
}

func notFound(key string) error {
	return fault.Newf(fault.NotFound, "definition.not_found", "There is no definition %q.", key)
}

// Create adds a definition; a taken key is a conflict.
func (s *Store) Create(ctx context.Context, d designer.Definition, document json.RawMessage) error {
	now := time.Now().UTC()
	err := s.db.WithContext(ctx).Create(&definitionRow{
		ID: d.ID, Key: d.Key, Title: d.Title, Draft: string(document), DraftRevision: d.DraftRevision, DraftChecksum: d.DraftSum,
		DraftUpdatedAt: now, DraftUpdatedBy: d.UpdatedBy, CreatedAt: now, CreatedBy: d.UpdatedBy,
	}).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.Newf(fault.Conflict, "definition.taken", "The key %q is in use.", d.Key)
	}
	if err != nil {
		return fmt.Errorf("create definition %s: %w", d.Key, err)
	}
	return nil
}

// definitions selects definitions without drafts, with the checksum of the latest version and the number of versions.
func (s *Store) definitions(ctx context.Context) *gorm.DB {
	return s.db.WithContext(ctx).Table("definition AS d").
		Select(`d.id, d.key, d.title, d.latest, d.draft_revision, d.draft_checksum, d.draft_updated_at, d.draft_updated_by,
			COALESCE((SELECT v.checksum FROM definition_version v WHERE v.definition_id = d.id AND v.number = d.latest), '') AS latest_checksum,
			(SELECT count(*) FROM definition_version v WHERE v.definition_id = d.id) AS versions`)
}

// List returns definitions after a key, by key, whose key or title holds query.
func (s *Store) List(ctx context.Context, query, after string, limit int) ([]designer.Definition, error) {
	found := s.definitions(ctx).Where("d.key > ?", after).Order("d.key").Limit(limit)
	if query != "" {
		pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(query) + "%"
		found = found.Where("(d.key ILIKE ? OR d.title ILIKE ?)", pattern, pattern)
	}
	var rows []summaryRow
	if err := found.Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("list definitions: %w", err)
	}
	list := make([]designer.Definition, len(rows))
	for i, row := range rows {
		list[i] = row.definition()
	}
	return list, nil
}

// Get returns one definition.
func (s *Store) Get(ctx context.Context, key string) (designer.Definition, error) {
	var rows []summaryRow
	if err := s.definitions(ctx).Where("d.key = ?", key).Scan(&rows).Error; err != nil {
		return designer.Definition{}, fmt.Errorf("read definition %s: %w", key, err)
	}
	if len(rows) == 0 {
		return designer.Definition{}, notFound(key)
	}
	return rows[0].definition(), nil
}

// Latest returns the number of the version that starts run, 0 when none is published. Every start asks it.
func (s *Store) Latest(ctx context.Context, key string) (int, error) {
	number, known, err := s.latest.of(ctx, key)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read the latest version of %s: %w", key, err)
	case !known:
		return 0, notFound(key)
	}
	return number, nil
}

// Rename changes a title.
func (s *Store) Rename(ctx context.Context, key, title string) error {
	return s.change(ctx, key, map[string]any{"title": title})
}

func (s *Store) change(ctx context.Context, key string, values map[string]any) error {
	changed := s.db.WithContext(ctx).Table("definition").Where("key = ?", key).Updates(values)
	if changed.Error != nil {
		return fmt.Errorf("change definition %s: %w", key, changed.Error)
	}
	if changed.RowsAffected == 0 {
		return notFound(key)
	}
	return nil
}

// Draft returns a definition's draft.
func (s *Store) Draft(ctx context.Context, key string) (designer.Draft, error) {
	row, err := s.row(s.db.WithContext(ctx), key)
	if err != nil {
		return designer.Draft{}, err
	}
	return designer.Draft{
		Key: key, Document: json.RawMessage(row.Draft), Revision: row.DraftRevision, Checksum: row.DraftChecksum,
		UpdatedAt: row.DraftUpdatedAt.UTC(), UpdatedBy: row.DraftUpdatedBy,
	}, nil
}

func (s *Store) row(db *gorm.DB, key string) (definitionRow, error) {
	var rows []definitionRow
	if err := db.Where("key = ?", key).Limit(1).Find(&rows).Error; err != nil {
		return definitionRow{}, fmt.Errorf("read definition %s: %w", key, err)
	}
	if len(rows) == 0 {
		return definitionRow{}, notFound(key)
	}
	return rows[0], nil
}

// SaveDraft replaces the document if the draft still has draft.Revision.
func (s *Store) SaveDraft(ctx context.Context, draft designer.Draft) (int64, time.Time, error) {
	now := time.Now().UTC()
	next := draft.Revision + 1
	saved := s.db.WithContext(ctx).Table("definition").Where("key = ? AND draft_revision = ?", draft.Key, draft.Revision).Updates(map[string]any{
		"draft": string(draft.Document), "draft_revision": next, "draft_checksum": draft.Checksum, "draft_updated_at": now, "draft_updated_by": draft.UpdatedBy,
	})
	if saved.Error != nil {
		return 0, now, fmt.Errorf("save the draft of %s: %w", draft.Key, saved.Error)
	}
	if saved.RowsAffected == 0 {
		row, err := s.row(s.db.WithContext(ctx), draft.Key)
		if err != nil {
			return 0, now, err
		}
		return 0, now, &designer.ErrRevision{Current: row.DraftRevision}
	}
	return next, now, nil
}

// Publish adds the next version and lets starts run it. The definition's row is locked, so numbers have no gaps and the draft
// is the one that was checked.
func (s *Store) Publish(ctx context.Context, revision int64, version designer.Version) (designer.Version, error) {
	types, err := json.Marshal(version.NodeTypes)
	if err != nil {
		return designer.Version{}, fmt.Errorf("encode the node types of %s: %w", version.Key, err)
	}
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		row, err := s.row(tx.Clauses(clause.Locking{Strength: "UPDATE"}), version.Key)
		if err != nil {
			return err
		}
		if row.DraftRevision != revision {
			return &designer.ErrRevision{Current: row.DraftRevision}
		}
		var last int
		if err := tx.Table("definition_version").Where("definition_id = ?", row.ID).Select("COALESCE(max(number), 0)").Scan(&last).Error; err != nil {
			return err
		}
		var latest string
		if err := tx.Table("definition_version").Where("definition_id = ? AND number = ?", row.ID, row.Latest).Select("checksum").Scan(&latest).Error; err != nil {
			return err
		}
		if latest == version.Checksum {
			return designer.Unchanged(row.Latest)
		}
		version.Number, version.PublishedAt, version.Latest = last+1, time.Now().UTC(), true
		err = tx.Create(&versionRow{
			DefinitionID: row.ID, Number: version.Number, Document: string(version.Document), NodeTypes: types, Checksum: version.Checksum,
			Note: version.Note, PublishedAt: version.PublishedAt, PublishedBy: version.PublishedBy,
		}).Error
		if err != nil {
			return err
		}
		return setLatest(tx, row, version.Number, version.Starts)
	})
	if err != nil {
		return designer.Version{}, fmt.Errorf("publish %s: %w", version.Key, err)
	}
	return version, nil
}

// Versions returns versions newest first, without documents.
func (s *Store) Versions(ctx context.Context, key string, below, limit int) ([]designer.Version, error) {
	found := s.versions(ctx, key).Select("v.number, v.note, v.checksum, v.published_at, v.published_by, d.title, d.latest").
		Order("v.number DESC").Limit(limit)
	if below > 0 {
		found = found.Where("v.number < ?", below)
	}
	var rows []publishedRow
	if err := found.Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("list versions of %s: %w", key, err)
	}
	list := make([]designer.Version, len(rows))
	for i, row := range rows {
		list[i] = row.version(key)
	}
	return list, nil
}

func (s *Store) versions(ctx context.Context, key string) *gorm.DB {
	return s.db.WithContext(ctx).Table("definition_version AS v").Joins("JOIN definition AS d ON d.id = v.definition_id").Where("d.key = ?", key)
}

// Version returns one version whole.
func (s *Store) Version(ctx context.Context, key string, number int) (designer.Version, error) {
	var rows []publishedRow
	err := s.versions(ctx, key).Where("v.number = ?", number).
		Select("v.number, v.note, v.checksum, v.published_at, v.published_by, v.document, v.node_types, d.title, d.latest").Scan(&rows).Error
	if err != nil {
		return designer.Version{}, fmt.Errorf("read version %d of %s: %w", number, key, err)
	}
	if len(rows) == 0 {
		return designer.Version{}, fault.Newf(fault.NotFound, "version.not_found", "There is no version %d of %q.", number, key)
	}
	version := rows[0].version(key)
	version.Document = json.RawMessage(rows[0].Document)
	version.NodeTypes = map[string]wire.Descriptor{}
	if err := json.Unmarshal(rows[0].NodeTypes, &version.NodeTypes); err != nil {
		return designer.Version{}, fmt.Errorf("decode the node types of version %d of %s: %w", number, key, err)
	}
	return version, nil
}

// SetLatest lets starts run a version.
func (s *Store) SetLatest(ctx context.Context, key string, number int, starts []designer.Start) error {
	if _, err := s.Version(ctx, key, number); err != nil {
		return err
	}
	return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		row, err := s.row(tx.Clauses(clause.Locking{Strength: "UPDATE"}), key)
		if err != nil {
			return err
		}
		return setLatest(tx, row, number, starts)
	})
}

// setLatest moves latest and, in the same transaction, says what starts the definition besides people.
func setLatest(tx *gorm.DB, row definitionRow, number int, starts []designer.Start) error {
	if err := tx.Exec(`DELETE FROM definition_start WHERE definition_key = ?`, row.Key).Error; err != nil {
		return fmt.Errorf("forget the starts of %s: %w", row.Key, err)
	}
	if err := messagesFree(tx, row.Key, starts); err != nil {
		return err
	}
	for _, start := range starts {
		err := tx.Exec(`INSERT INTO definition_start (definition_key, node_id, version, kind, title, message, start) VALUES (?, ?, ?, ?, ?, ?, ?::json)`,
			row.Key, start.Node, number, start.Kind, start.Title, start.Message, string(start.Event)).Error
		if err != nil {
			return fmt.Errorf("add start %s of %s: %w", start.Node, row.Key, err)
		}
	}
	return tx.Table("definition").Where("id = ?", row.ID).Updates(map[string]any{"latest": number}).Error
}

// messagesFree refuses starts by a message that another definition begins with: nobody could say which one it would start. Who
// publishes another start by the same message waits for this transaction.
func messagesFree(tx *gorm.DB, key string, starts []designer.Start) error {
	var names []string
	for _, start := range starts {
		if start.Kind == "message" {
			names = append(names, start.Message)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if err := tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended(?, 4712))`, name).Error; err != nil {
			return fmt.Errorf("lock the start by message %q: %w", name, err)
		}
	}
	var issues []fault.Issue
	for _, start := range starts {
		var others []string
		if start.Kind != "message" {
			continue
		}
		err := tx.Table("definition_start").Where("kind = 'message' AND message = ? AND definition_key <> ?", start.Message, key).
			Order("definition_key").Limit(1).Pluck("definition_key", &others).Error
		if err != nil {
			return fmt.Errorf("find who begins with message %q: %w", start.Message, err)
		}
		for _, other := range others {
			issues = append(issues, fault.Issue{Code: "start.message_taken", Node: start.Node, Message: fmt.Sprintf("%q begins with this message", other),
				Params: map[string]any{"definition": other, "message": start.Message}})
		}
	}
	if len(issues) > 0 {
		return fault.New(fault.Conflict, "start.message_taken", "Another definition begins with the same message; only one can be started by it.").WithIssues(issues...)
	}
	return nil
}

// Titles returns key → title of all definitions.
func (s *Store) Titles(ctx context.Context) (map[string]string, error) {
	var rows []summaryRow
	if err := s.db.WithContext(ctx).Table("definition").Select("key, title").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("list titles: %w", err)
	}
	titles := make(map[string]string, len(rows))
	for _, row := range rows {
		titles[row.Key] = row.Title
	}
	return titles, nil
}
