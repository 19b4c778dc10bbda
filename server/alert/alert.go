// Package alert tells people by mail and webhook what needs them: an incident, a pool without a worker, a queue or a process
// that is too old. It says a thing once while it lasts, bundles a storm, and says when it is over.
//
// One server at a time evaluates the rules and delivers. What is to be said is stored with what was seen of the engine's tables
// in one transaction, then delivered until it arrives or its time is over. The package knows neither HTTP handlers nor the
// engine; PostgreSQL is behind Store.
package alert

import (
	"context"
	"time"
)

// Kind is what a rule watches.
type Kind string

// The kinds.
const (
	IncidentOpened    Kind = "incident_opened"     // an incident, of a definition and an error code or of any
	PoolWithoutWorker Kind = "pool_without_worker" // tasks wait and no worker of their pool was heard for some time
	QueueTooOld       Kind = "queue_too_old"       // the oldest waiting task of a pool is older than some time
	ProcessOverTime   Kind = "process_over_time"   // a process runs longer than some time
)

// Rule says what to watch and whom to tell. Empty filters mean all.
type Rule struct {
	ID            string
	Name          string // shown instead of the kind's own name
	Kind          Kind
	Enabled       bool
	Definition    string        // of IncidentOpened and ProcessOverTime
	ErrorCode     string        // of IncidentOpened
	Pool          string        // of PoolWithoutWorker and QueueTooOld
	After         time.Duration // how long it may be bad, whole seconds; none for IncidentOpened
	Repeat        time.Duration // says it again while it lasts; 0 means never
	Locale        string        // of the mails: en or ru
	Emails        []string
	WebhookURL    string
	WebhookSecret string // signs; never leaves the server
	CreatedAt     time.Time
	UpdatedAt     time.Time
	UpdatedBy     string
}

// Item is one process that a notice names.
type Item struct {
	ProcessID string    `json:"process_id"`
	CustomID  string    `json:"custom_id,omitempty"`
	TaskID    string    `json:"task_id,omitempty"`
	Message   string    `json:"message,omitempty"`
	At        time.Time `json:"at"` // when the incident opened or the process started
}

// Facts are what is known of an alert or said in a notice; which members are set follows from the rule's kind.
type Facts struct {
	Definition      string `json:"definition,omitempty"`
	DefinitionTitle string `json:"definition_title,omitempty"`
	Version         int    `json:"version,omitempty"`
	NodeID          string `json:"node_id,omitempty"`
	NodeTitle       string `json:"node_title,omitempty"`
	ErrorCode       string `json:"error_code,omitempty"`
	Pool            string `json:"pool,omitempty"`
	Waiting         int64  `json:"waiting,omitempty"` // tasks of the pool
	// Since is when it began: the last sign of a worker, the birth of the oldest task.
	Since *time.Time `json:"since,omitempty"`
	// Count is how many occurrences a notice tells of, Total how many there were since the alert opened.
	Count int64 `json:"count,omitempty"`
	Total int64 `json:"total,omitempty"`
	// LastedS is how many seconds an ended alert was open.
	LastedS int64  `json:"lasted_s,omitempty"`
	Items   []Item `json:"items,omitempty"`
}

// Alert is one thing that is or was bad.
type Alert struct {
	ID       string
	RuleID   string
	RuleName string
	Kind     Kind
	Subject  string
	OpenedAt time.Time
	ClosedAt *time.Time
	Total    int64
	Facts    Facts
	Notices  []Notice // newest first, where deliveries are asked for

	Told         int64         // occurrences that notices have told of
	Window       time.Duration // the present length of the window below
	WindowUntil  time.Time     // until then only the first few are told one by one
	WindowTold   int           // how many were
	LastNoticeAt time.Time
	Pending      []Item // examples for the next digest
}

// NoticeKind says why a notice was written.
type NoticeKind string

// The kinds of notices.
const (
	Opened    NoticeKind = "opened"    // it became bad, or happened
	Digest    NoticeKind = "digest"    // it happened so often that one notice tells of many
	Reminder  NoticeKind = "reminder"  // it is still bad
	Recovered NoticeKind = "recovered" // it is good again
	Test      NoticeKind = "test"      // somebody tries a rule
)

// Notice is one message to all whom a rule reaches.
type Notice struct {
	ID         string
	RuleID     string
	AlertID    string // empty: a test
	Kind       NoticeKind
	At         time.Time
	Facts      Facts
	Deliveries []Delivery
}

// Channel is a way to reach somebody.
type Channel string

// The channels.
const (
	Email   Channel = "email"
	Webhook Channel = "webhook"
)

// DeliveryState is how far a delivery is.
type DeliveryState string

// The states of a delivery.
const (
	Pending DeliveryState = "pending"
	Sent    DeliveryState = "sent"
	Failed  DeliveryState = "failed" // given up
)

// Delivery is a notice on its way to one recipient.
type Delivery struct {
	ID        string
	NoticeID  string
	Channel   Channel
	Target    string // the address; the URL's host of a webhook
	State     DeliveryState
	Attempts  int
	NextAt    time.Time // the next attempt of a pending one
	GiveUpAt  time.Time
	LastError string
	EndedAt   *time.Time
}

// Names knows the titles that people gave.
type Names interface {
	// Titles returns the titles of a definition and of a node of its version; keys where there are none.
	Titles(ctx context.Context, definition string, version int, node string) (definitionTitle, nodeTitle string)
}
