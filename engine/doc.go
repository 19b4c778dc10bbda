// Package engine runs processes: it commits what happens to them in batches, keeps the window of messages in Redis in step
// with PostgreSQL, watches workers, fires timers, and answers commands and queries.
//
// PostgreSQL is the truth; whatever is in Redis can be lost at any moment and is rebuilt. What a node does when a token
// arrives is decided by engine/flow, which is pure; statements live in engine/pgstore; asynq in engine/dispatch. The package
// knows nothing of HTTP, sessions or drafts, and imports designer only for the graph model.
package engine
