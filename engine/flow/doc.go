// Package flow interprets process graphs with BPMN 2.0 token semantics: Advance maps a compiled graph, the state of one process
// and one event to the changed state and the effects that the caller must write.
//
// It is pure: no I/O, no clock, no randomness, no logging; the same arguments always give the same result. It must not know
// storage, queues or HTTP, and imports designer/graph, designer/expr and workers/wire only.
package flow
