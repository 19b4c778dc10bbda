package pgstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/fault"
)

// testRow is a row of definition_test.
type testRow struct {
	DefinitionID string `gorm:"primaryKey"`
	Number       int    `gorm:"primaryKey;autoIncrement:false"`
	Document     string
	Mocks        []byte `gorm:"type:json"`
	NodeTypes    []byte `gorm:"type:jsonb"`
	Checksum     string
	CreatedAt    time.Time
	CreatedBy    string
}

// TableName names the table.
func (testRow) TableName() string { return "definition_test" }

// testedRow is a test with its definition's title.
type testedRow struct {
	Document  string
	Mocks     []byte
	NodeTypes []byte
	Checksum  string
	CreatedAt time.Time
	CreatedBy string
	Title     string
}

// pinRow is a row of pinned_step.
type pinRow struct {
	DefinitionID string `gorm:"primaryKey"`
	NodeID       string `gorm:"primaryKey"`
	Mock         []byte `gorm:"type:json"`
	PinnedAt     time.Time
	PinnedBy     string
}

// TableName names the table.
func (pinRow) TableName() string { return "pinned_step" }

// testKept is how long a test stays after it was asked for last, and longer while a process names it.
const testKept = 7 * 24 * time.Hour

const forgetTests = `
DELETE FROM definition_test AS t WHERE definition_id = ? AND created_at < ?
AND NOT EXISTS (SELECT FROM process WHERE test AND definition_key = ? AND version = t.number)`

// KeepTest adds what a test run runs, under the next negative number, or finds the same one; it forgets old ones that nobody
// runs. The definition's row is locked, so that no number is given twice.
func (s *Store) KeepTest(ctx context.Context, test designer.Test) (designer.Test, error) {
	types, err := json.Marshal(test.NodeTypes)
	if err != nil {
		return designer.Test{}, fmt.Errorf("encode the node types of %s: %w", test.Key, err)
	}
	mocks, err := json.Marshal(test.Mocks)
	if err != nil {
		return designer.Test{}, fmt.Errorf("encode the mocks of %s: %w", test.Key, err)
	}
	err = s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		definition, err := s.row(tx.Clauses(clause.Locking{Strength: "NO KEY UPDATE"}), test.Key)
		if err != nil {
			return err
		}
		var same []int
		if err := tx.Table("definition_test").Where("definition_id = ? AND checksum = ?", definition.ID, test.Checksum).Select("number").Scan(&same).Error; err != nil {
			return err
		}
		now := time.Now().UTC()
		if len(same) > 0 {
			test.Number = same[0]
			return tx.Exec(`UPDATE definition_test SET created_at = ? WHERE definition_id = ? AND number = ?`, now, definition.ID, test.Number).Error
		}
		if err := tx.Exec(forgetTests, definition.ID, now.Add(-testKept), test.Key).Error; err != nil {
			return err
		}
		if err := tx.Raw(`UPDATE definition SET tests = tests + 1 WHERE id = ? RETURNING -tests`, definition.ID).Scan(&test.Number).Error; err != nil {
			return err
		}
		return tx.Create(&testRow{
			DefinitionID: definition.ID, Number: test.Number, Document: string(test.Document), Mocks: mocks, NodeTypes: types,
			Checksum: test.Checksum, CreatedAt: now, CreatedBy: test.PublishedBy,
		}).Error
	})
	if err != nil {
		return designer.Test{}, fmt.Errorf("keep a test of %s: %w", test.Key, err)
	}
	return test, nil
}

// Test returns what a test run runs.
func (s *Store) Test(ctx context.Context, key string, number int) (designer.Test, error) {
	var rows []testedRow
	err := s.db.WithContext(ctx).Table("definition_test AS t").Joins("JOIN definition AS d ON d.id = t.definition_id").
		Where("d.key = ? AND t.number = ?", key, number).Select("t.document, t.mocks, t.node_types, t.checksum, t.created_at, t.created_by, d.title").Scan(&rows).Error
	if err != nil {
		return designer.Test{}, fmt.Errorf("read test %d of %s: %w", number, key, err)
	}
	if len(rows) == 0 {
		return designer.Test{}, fault.Newf(fault.NotFound, "version.not_found", "There is no test %d of %q.", number, key)
	}
	row := rows[0]
	test := designer.Test{Version: designer.Version{
		Key: key, Title: row.Title, Number: number, Checksum: row.Checksum, PublishedAt: row.CreatedAt.UTC(), PublishedBy: row.CreatedBy,
		Document: json.RawMessage(row.Document),
	}}
	if err := json.Unmarshal(row.NodeTypes, &test.NodeTypes); err != nil {
		return designer.Test{}, fmt.Errorf("decode the node types of test %d of %s: %w", number, key, err)
	}
	if err := json.Unmarshal(row.Mocks, &test.Mocks); err != nil {
		return designer.Test{}, fmt.Errorf("decode the mocks of test %d of %s: %w", number, key, err)
	}
	return test, nil
}

// Pins lists what is pinned, by node.
func (s *Store) Pins(ctx context.Context, key string) ([]designer.Pin, error) {
	var rows []pinRow
	err := s.db.WithContext(ctx).Table("pinned_step AS p").Joins("JOIN definition AS d ON d.id = p.definition_id").
		Where("d.key = ?", key).Select("p.*").Order("p.node_id").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read what is pinned in %s: %w", key, err)
	}
	pins := make([]designer.Pin, len(rows))
	for i, row := range rows {
		pins[i] = designer.Pin{NodeID: row.NodeID, At: row.PinnedAt.UTC(), By: row.PinnedBy}
		if err := json.Unmarshal(row.Mock, &pins[i].Mock); err != nil {
			return nil, fmt.Errorf("decode what is pinned at %s of %s: %w", row.NodeID, key, err)
		}
	}
	return pins, nil
}

// Pin keeps what a step gives.
func (s *Store) Pin(ctx context.Context, key string, pin designer.Pin) error {
	definition, err := s.row(s.db.WithContext(ctx), key)
	if err != nil {
		return err
	}
	mock, err := json.Marshal(pin.Mock)
	if err != nil {
		return fmt.Errorf("encode what is pinned at %s of %s: %w", pin.NodeID, key, err)
	}
	row := pinRow{DefinitionID: definition.ID, NodeID: pin.NodeID, Mock: mock, PinnedAt: time.Now().UTC(), PinnedBy: pin.By}
	onto := clause.OnConflict{Columns: []clause.Column{{Name: "definition_id"}, {Name: "node_id"}}, UpdateAll: true}
	if err := s.db.WithContext(ctx).Clauses(onto).Create(&row).Error; err != nil {
		return fmt.Errorf("pin %s of %s: %w", pin.NodeID, key, err)
	}
	return nil
}

// Unpin forgets what a step gives.
func (s *Store) Unpin(ctx context.Context, key, node string) error {
	definition, err := s.row(s.db.WithContext(ctx), key)
	if err != nil {
		return err
	}
	if err := s.db.WithContext(ctx).Where("definition_id = ? AND node_id = ?", definition.ID, node).Delete(&pinRow{}).Error; err != nil {
		return fmt.Errorf("unpin %s of %s: %w", node, key, err)
	}
	return nil
}
