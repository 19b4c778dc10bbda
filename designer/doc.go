// Package designer keeps process definitions: one mutable draft each, immutable numbered versions, and the version that
// starts run. Its sub-packages hold the parts: graph (the model), codec (the document format), expr (expressions), validate (the
// rules), catalog (node types) and pgstore (PostgreSQL).
//
// It knows nothing of running processes, queues or HTTP. It may import fault, workers/wire and its own sub-packages.
package designer
