package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/taskurotta/taskurotta-go/designer/catalog"
)

// nodeTypeRow is a row of node_type.
type nodeTypeRow struct {
	Name        string `gorm:"primaryKey"`
	Major       int    `gorm:"primaryKey;autoIncrement:false"`
	Pool        string
	Hash        string
	Descriptor  []byte `gorm:"type:jsonb"`
	AnnouncedAt time.Time
	ChangedAt   time.Time
}

// TableName names the table.
func (nodeTypeRow) TableName() string { return "node_type" }

// Entries returns all node types.
func (s *Store) Entries(ctx context.Context) ([]catalog.Entry, error) {
	var rows []nodeTypeRow
	if err := s.db.WithContext(ctx).Order("name, major").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list node types: %w", err)
	}
	entries := make([]catalog.Entry, len(rows))
	for i, row := range rows {
		entries[i].Pool = row.Pool
		if err := json.Unmarshal(row.Descriptor, &entries[i].Descriptor); err != nil {
			return nil, fmt.Errorf("decode node type %s@%d: %w", row.Name, row.Major, err)
		}
	}
	return entries, nil
}

// Put adds a node type, or replaces it if its hash is still was; false when another server was quicker.
func (s *Store) Put(ctx context.Context, entry catalog.Entry, was string) (bool, error) {
	descriptor, err := json.Marshal(entry.Descriptor)
	if err != nil {
		return false, fmt.Errorf("encode node type %s: %w", entry.Type(), err)
	}
	now := time.Now().UTC()
	d := entry.Descriptor
	if was == "" {
		err := s.db.WithContext(ctx).Create(&nodeTypeRow{
			Name: d.Name, Major: d.Major, Pool: entry.Pool, Hash: d.Hash, Descriptor: descriptor, AnnouncedAt: now, ChangedAt: now,
		}).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return false, nil
		}
		return err == nil, err
	}
	changed := s.db.WithContext(ctx).Table("node_type").Where("name = ? AND major = ? AND hash = ?", d.Name, d.Major, was).
		Updates(map[string]any{"pool": entry.Pool, "hash": d.Hash, "descriptor": descriptor, "changed_at": now})
	return changed.RowsAffected == 1, changed.Error
}
