package pgstore

// Migrated is a process that runs another version from now on.
type Migrated struct {
	Process    string
	Definition string
	Version    int
	SearchKeys map[string]string
}

// Migrate adds to a commit that a process runs another version: what names its version, and its search keys.
func (w *Write) Migrate(m *Migrated) {
	for _, statement := range []string{
		`UPDATE process SET version = $2 WHERE id = $1`,
		`UPDATE incident SET version = $2 WHERE process_id = $1`,
		`UPDATE user_task SET version = $2 WHERE process_id = $1`,
	} {
		w.QueueSQL(statement, m.Process, m.Version)
	}
	w.QueueSQL(`DELETE FROM search_key WHERE process_id = $1`, m.Process)
	for name, value := range m.SearchKeys {
		w.QueueSQL(`INSERT INTO search_key (process_id, definition_key, name, value) VALUES ($1, $2, $3, $4)`, m.Process, m.Definition, name, value)
	}
}
