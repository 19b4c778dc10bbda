package pgstore_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/engine/pgstore"
	"github.com/taskurotta/taskurotta-go/server/devstack/stacktest"
)

// TestTheShapeOfAnErrorLeavesOutWhatDiffers asks the function that groups incidents.
func TestTheShapeOfAnErrorLeavesOutWhatDiffers(t *testing.T) {
	t.Parallel()
	db, err := pgx.Connect(t.Context(), stacktest.Postgres(t))
	require.NoError(t, err)
	defer func() { _ = db.Close(t.Context()) }()
	for message, want := range map[string]string{
		"":                        "",
		"the tariff is not known": "the tariff is not known",
		"document 42 is too large: 1048577 bytes, at most 1_000":  "document # is too large: # bytes, at most #",
		"no process 0192f7a1-3b5c-7d8e-9f00-112233445566":         "no process #",
		"no process 0192F7A1-abcd-7abc-9abc-abcdefabcdef here":    "no process # here",
		"DOC-2026-00017: bad page":                                "DOC-#: bad page",
		"КУВД1234/2026-11 не найдено":                             "# не найдено",
		"digest deadbeef0123 differs from 0xFFEE11":               "digest # differs from #",
		"dial tcp 10.0.0.7:5432: connection refused":              "dial tcp #: connection refused",
		"not valid before 2026-11-26T12:00:00.123Z":               "not valid before #",
		"pages 1, 2, 30 are missing":                              "pages # are missing",
		`field "owner.name" is "Иванов И. И."`:                    `field "…" is "…"`,
		"field `a` is 'b', «в» and “c”":                           `field "…" is "…", "…" and "…"`,
		"can't open 'deed.pdf', it isn't there":                   `can't open "…", it isn't there`,
		"an open quote \" stays":                                  "an open quote \" stays",
		"x509: certificate signed by unknown authority":           "x509: certificate signed by unknown authority",
		"SHA256 of file17 is not sha2567":                         "SHA256 of # is not #",
		"two\n\tlines  and   spaces ":                             "two lines and spaces",
		"GET https://host.example/api/v1/doc/17?x=2 answered 502": "GET https://host.example/api/#/doc/#?x=# answered #",
		"code A: a_b, and -5 or +3.14":                            "code A: a_b, and -# or +#",
	} {
		var got string
		require.NoError(t, db.QueryRow(t.Context(), `SELECT error_shape($1)`, message).Scan(&got))
		require.Equal(t, want, got, "%q", message)
	}
}

// BenchmarkIncidentGroups groups 100,000 open incidents in 40 groups.
func BenchmarkIncidentGroups(b *testing.B) {
	store, db := open(b)
	for _, statement := range []string{
		`CREATE UNLOGGED TABLE seed AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, 100000) AS n`,
		`INSERT INTO process (id, custom_id, definition_key, version, state, created_at, started_at, open_incidents)
		 SELECT id, 'DOC-' || n, 'def-' || n % 4, 1, 'running', now(), now(), 1 FROM seed`,
		`INSERT INTO incident (process_id, task_id, definition_key, version, node_id, code, message, opened_at)
		 SELECT id, gen_random_uuid(), 'def-' || n % 4, 1, 'step', 'E' || n % 10, 'document DOC-' || n || ' has no page ' || n % 77, now() - n * interval '1 second' FROM seed`,
		`VACUUM ANALYZE incident`, `ANALYZE process`,
	} {
		_, err := db.Exec(b.Context(), statement)
		require.NoError(b, err)
	}
	for name, f := range map[string]pgstore.IncidentFilter{
		"all": {}, "definition": {Definition: "def-1"}, "text": {Text: "page 7"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				groups, incidents, _, err := store.IncidentGroups(b.Context(), f, nil, 51)
				require.NoError(b, err)
				require.NotEmpty(b, groups)
				require.Positive(b, incidents)
			}
		})
	}
	b.Run("newest", func(b *testing.B) {
		for b.Loop() {
			rows, err := store.Incidents(b.Context(), pgstore.IncidentFilter{}, nil, "", 51)
			require.NoError(b, err)
			require.Len(b, rows, 51)
		}
	})
}
