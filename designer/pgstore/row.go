package pgstore

import (
	"time"

	"github.com/taskurotta/taskurotta-go/designer"
)

// definitionRow is a row of definition.
type definitionRow struct {
	ID             string `gorm:"primaryKey"`
	Key            string
	Title          string
	Latest         int
	Draft          string
	DraftRevision  int64
	DraftChecksum  string
	DraftUpdatedAt time.Time
	DraftUpdatedBy string
	CreatedAt      time.Time
	CreatedBy      string
}

// TableName names the table.
func (definitionRow) TableName() string { return "definition" }

// summaryRow is a definition without its draft.
type summaryRow struct {
	ID             string
	Key            string
	Title          string
	Latest         int
	LatestChecksum string
	DraftRevision  int64
	DraftChecksum  string
	DraftUpdatedAt time.Time
	DraftUpdatedBy string
	Versions       int
}

func (r summaryRow) definition() designer.Definition {
	return designer.Definition{
		ID: r.ID, Key: r.Key, Title: r.Title, Latest: r.Latest, LatestSum: r.LatestChecksum, DraftRevision: r.DraftRevision,
		DraftSum: r.DraftChecksum, UpdatedAt: r.DraftUpdatedAt.UTC(), UpdatedBy: r.DraftUpdatedBy, Versions: r.Versions,
	}
}

// versionRow is a row of definition_version.
type versionRow struct {
	DefinitionID string `gorm:"primaryKey"`
	Number       int    `gorm:"primaryKey;autoIncrement:false"`
	Document     string
	NodeTypes    []byte `gorm:"type:jsonb"`
	Checksum     string
	Note         string
	PublishedAt  time.Time
	PublishedBy  string
}

// TableName names the table.
func (versionRow) TableName() string { return "definition_version" }

// publishedRow is a version with its definition's title and latest number.
type publishedRow struct {
	Number      int
	Note        string
	Checksum    string
	PublishedAt time.Time
	PublishedBy string
	Document    string
	NodeTypes   []byte
	Title       string
	Latest      int
}

func (r publishedRow) version(key string) designer.Version {
	return designer.Version{
		Key: key, Title: r.Title, Number: r.Number, Note: r.Note, Checksum: r.Checksum, PublishedAt: r.PublishedAt.UTC(),
		PublishedBy: r.PublishedBy, Latest: r.Number == r.Latest,
	}
}
