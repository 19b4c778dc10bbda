package files

// Tx is a commit under way, such as the engine's: statements are sent with it, in order, before it commits.
type Tx interface {
	Queue(sql string, args ...any)
}

// insertRef gives a process a file; a name that it knows the file by stays.
const insertRef = `INSERT INTO file_ref (sha256, process_id, name) VALUES ($1, $2, $3) ON CONFLICT (process_id, sha256) DO NOTHING`

// Grant lets a process's readers and workers read files, from the commit of tx on.
func Grant(tx Tx, process string, files ...Named) {
	for _, file := range files {
		tx.Queue(insertRef, file.SHA256, process, file.Name)
	}
}

// Revoke takes every right of a process to files away.
func Revoke(tx Tx, process string) {
	tx.Queue(`DELETE FROM file_ref WHERE process_id = $1`, process)
}

// CopyGrants lets a process read what another may: a restarted one begins with the files of the first.
func CopyGrants(tx Tx, from, to string) {
	tx.Queue(`INSERT INTO file_ref (sha256, process_id, name) SELECT sha256, $2, name FROM file_ref WHERE process_id = $1
		ON CONFLICT (process_id, sha256) DO NOTHING`, from, to)
}
