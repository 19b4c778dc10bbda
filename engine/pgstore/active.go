package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ActiveKey is a customId that one live process of a definition may have.
type ActiveKey struct{ Definition, CustomID, Process string }

func (k ActiveKey) id() [2]string { return [2]string{k.Definition, k.CustomID} }

// freeStale forgets keys whose process has ended: a process that was moved to another version may have left one behind. A row that is
// seen here was committed together with its process_live row, so the absence of that one means the end.
const freeStale = `
DELETE FROM active_key a USING unnest($1::text[], $2::text[]) AS u(d, c)
WHERE a.definition_key = u.d AND a.custom_id = u.c AND NOT EXISTS (SELECT 1 FROM process_live l WHERE l.process_id = a.process_id)`

// claimActive inserts keys in their order, those that no live process has, be it of a version that claims none.
const claimActive = `
INSERT INTO active_key (definition_key, custom_id, process_id)
SELECT d, c, p FROM unnest($1::text[], $2::text[], $3::uuid[]) AS u(d, c, p)
WHERE NOT EXISTS (
    SELECT 1 FROM process x JOIN process_live l ON l.process_id = x.id WHERE x.custom_id = u.c AND x.definition_key = u.d AND NOT x.test)
ORDER BY d, c
ON CONFLICT DO NOTHING
RETURNING definition_key, custom_id`

const holdersOfActive = `
SELECT u.d, u.c, COALESCE((
    SELECT x.id::text FROM process x JOIN process_live l ON l.process_id = x.id
    WHERE x.custom_id = u.c AND x.definition_key = u.d AND NOT x.test ORDER BY x.id LIMIT 1), '')
FROM unnest($1::text[], $2::text[]) AS u(d, c)`

// ClaimActive claims keys for the processes of starts; keys must be distinct. It returns who has those that were not to be had,
// as (definition, customId) → process; the process is empty when it is being started or has just ended.
func (tx *Tx) ClaimActive(ctx context.Context, keys []ActiveKey) (map[[2]string]string, error) {
	n := len(keys)
	defs, customs, procs := make([]string, n), make([]string, n), make([]string, n)
	for i, k := range keys {
		defs[i], customs[i], procs[i] = k.Definition, k.CustomID, k.Process
	}
	if _, err := tx.conn.Exec(ctx, freeStale, defs, customs); err != nil {
		return nil, fmt.Errorf("free stale keys: %w", err)
	}
	rows, err := tx.conn.Query(ctx, claimActive, defs, customs, uuids(procs))
	claimed, err := rowsOf(rows, err, func(r pgx.Rows) (k [2]string, err error) { return k, r.Scan(&k[0], &k[1]) })
	if err != nil {
		return nil, fmt.Errorf("claim %d keys: %w", n, err)
	}
	taken := map[[2]string]string{}
	if len(claimed) == n {
		return taken, nil
	}
	rows, err = tx.conn.Query(ctx, holdersOfActive, defs, customs)
	holders, err := rowsOf(rows, err, func(r pgx.Rows) (k ActiveKey, err error) { return k, r.Scan(&k.Definition, &k.CustomID, &k.Process) })
	if err != nil {
		return nil, fmt.Errorf("find who has %d keys: %w", n, err)
	}
	for _, h := range holders {
		taken[h.id()] = h.Process
	}
	for _, k := range claimed {
		delete(taken, k)
	}
	return taken, nil
}

const freeActive = `DELETE FROM active_key WHERE process_id = ANY($1::uuid[])`
