package httpapi

import (
	"encoding/json"
	"time"
)

// Pool is a queue group with its workers.
type Pool struct {
	Pool          string     `json:"pool"`
	Slots         int        `json:"slots"`
	Busy          int        `json:"busy"`
	Queued        int        `json:"queued" doc:"Messages in Redis that no worker has taken"`
	Running       int        `json:"running"`
	Backlog       int        `json:"backlog" doc:"Tasks in PostgreSQL that wait for room"`
	OldestAgeMS   int64      `json:"oldest_age_ms"`
	LastPollAt    *time.Time `json:"last_poll_at,omitempty"`
	NoWorkerSince *time.Time `json:"no_worker_since,omitempty"`
	Paused        *Pause     `json:"paused,omitempty"`
	Workers       []Worker   `json:"workers"`
	Types         []PoolType `json:"types"`
}

// Worker is a live worker.
type Worker struct {
	ID        string    `json:"id"`
	Host      string    `json:"host"`
	PID       int       `json:"pid"`
	Version   string    `json:"version"`
	Slots     int       `json:"slots"`
	Busy      int       `json:"busy"`
	StartedAt time.Time `json:"started_at"`
	SeenAt    time.Time `json:"seen_at"`
	Draining  bool      `json:"draining" doc:"It takes no more tasks"`
	Drain     *Drain    `json:"drain,omitempty" doc:"By whom it was ordered; absent when it stops by itself"`
	Refusals  []Refusal `json:"refusals"`
}

// Drain is the order to a worker to take no more tasks.
type Drain struct {
	Reason string    `json:"reason"`
	Author string    `json:"author" doc:"Login of who ordered it"`
	At     time.Time `json:"at"`
	Stay   bool      `json:"stay" doc:"Its process does not end"`
}

// DrainedWorker is what became of the order to one worker.
type DrainedWorker struct {
	Worker  string `json:"worker"`
	Pool    string `json:"pool"`
	Host    string `json:"host"`
	Busy    int    `json:"busy" doc:"Tasks that it has"`
	Outcome string `json:"outcome" enum:"draining,already_draining,too_old,taken_back,not_drained,leaving" doc:"too_old: its release does not know the order, or cannot take tasks again; stop its process with SIGTERM. leaving: too late to take it back"`
}

// PoolType is a node type as a pool serves it.
type PoolType struct {
	Type    string `json:"type"`
	Title   Text   `json:"title"`
	Queued  int    `json:"queued"`
	Running int    `json:"running"`
	Paused  *Pause `json:"paused,omitempty"`
}

// Limit bounds the tasks of a node type.
type Limit struct {
	NodeType   string    `json:"node_type" doc:"name@major"`
	Key        string    `json:"key,omitempty" doc:"Expression over the task's input; the limit is for each of its values. Absent: for all tasks of the type together" example:"input.region"`
	Most       int       `json:"most,omitempty" doc:"At once with the workers"`
	Starts     int       `json:"starts,omitempty" doc:"Starts within per_seconds"`
	PerSeconds float64   `json:"per_seconds,omitempty"`
	Reason     string    `json:"reason"`
	Author     string    `json:"author" doc:"Login of who set it"`
	At         time.Time `json:"at"`
}

// Pause says that nothing of its subject starts until it is resumed.
type Pause struct {
	Kind   string    `json:"kind" enum:"type,pool,definition"`
	Name   string    `json:"name" doc:"Of the node type (name@major), the pool or the definition"`
	Reason string    `json:"reason"`
	Author string    `json:"author" doc:"Login of who paused it"`
	At     time.Time `json:"at"`
}

// AuditEntry is one line of the append-only record of changes.
type AuditEntry struct {
	ID          string          `json:"id"`
	At          time.Time       `json:"at"`
	Actor       string          `json:"actor" doc:"Login of who did it"`
	Action      string          `json:"action" example:"process.cancel"`
	SubjectKind string          `json:"subject_kind" example:"process"`
	SubjectID   string          `json:"subject_id"`
	Reason      string          `json:"reason"`
	Detail      json.RawMessage `json:"detail,omitempty"`
	RequestID   string          `json:"request_id"`
}

// MailSummary is a message that dev's mail server kept instead of delivering it.
type MailSummary struct {
	ID      string    `json:"id"`
	From    string    `json:"from"`
	To      []string  `json:"to"`
	Subject string    `json:"subject"`
	At      time.Time `json:"at"`
	Size    int       `json:"size" doc:"Bytes"`
}

// Mail is a kept message with its bodies.
type Mail struct {
	MailSummary
	Text    string            `json:"text"`
	HTML    string            `json:"html,omitempty"`
	Headers map[string]string `json:"headers"`
}
