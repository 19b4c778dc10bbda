package httpapi

import (
	"context"
	"time"
)

// AlertRule says what to watch and whom to tell; the webhook's secret is never shown.
type AlertRule struct {
	ID               string    `json:"id"`
	Name             string    `json:"name" doc:"Empty: the kind's own name is shown"`
	Kind             string    `json:"kind" enum:"incident_opened,pool_without_worker,queue_too_old,process_over_time"`
	Enabled          bool      `json:"enabled"`
	Definition       string    `json:"definition,omitempty" doc:"Absent: every definition"`
	ErrorCode        string    `json:"error_code,omitempty" doc:"Absent: every code"`
	Pool             string    `json:"pool,omitempty" doc:"Absent: every pool"`
	AfterS           int64     `json:"after_s" doc:"Seconds that it may be bad"`
	RepeatS          int64     `json:"repeat_s" doc:"Seconds between reminders; 0 means none"`
	Locale           string    `json:"locale" enum:"en,ru"`
	Emails           []string  `json:"emails"`
	WebhookURL       string    `json:"webhook_url,omitempty"`
	WebhookSecretSet bool      `json:"webhook_secret_set"`
	UpdatedAt        time.Time `json:"updated_at"`
	UpdatedBy        string    `json:"updated_by,omitempty"`
}

// Alert is one thing that is or was bad.
type Alert struct {
	ID       string        `json:"id"`
	RuleID   string        `json:"rule_id"`
	RuleName string        `json:"rule_name" doc:"Empty: the kind's own name is shown"`
	Kind     string        `json:"kind" enum:"incident_opened,pool_without_worker,queue_too_old,process_over_time"`
	OpenedAt time.Time     `json:"opened_at"`
	ClosedAt *time.Time    `json:"closed_at,omitempty"`
	Total    int64         `json:"total" doc:"Occurrences so far"`
	Facts    AlertFacts    `json:"facts"`
	Notices  []AlertNotice `json:"notices" doc:"The newest 20"`
}

// AlertFacts are what is known; which are there follows from the kind.
type AlertFacts struct {
	Definition      string      `json:"definition,omitempty"`
	DefinitionTitle string      `json:"definition_title,omitempty"`
	Version         int         `json:"version,omitempty"`
	NodeID          string      `json:"node_id,omitempty"`
	NodeTitle       string      `json:"node_title,omitempty"`
	ErrorCode       string      `json:"error_code,omitempty"`
	Pool            string      `json:"pool,omitempty"`
	Waiting         int64       `json:"waiting,omitempty" doc:"Tasks that wait for the pool"`
	Since           *time.Time  `json:"since,omitempty" doc:"Last sign of a worker, or when the oldest task began to wait"`
	Count           int64       `json:"count,omitempty" doc:"Occurrences that a notice tells of"`
	Total           int64       `json:"total,omitempty" doc:"Occurrences since the alert opened"`
	LastedS         int64       `json:"lasted_s,omitempty" doc:"Seconds that an ended alert was open"`
	Items           []AlertItem `json:"items,omitempty"`
}

// AlertItem is one process that a notice names.
type AlertItem struct {
	ProcessID string    `json:"process_id"`
	CustomID  string    `json:"custom_id,omitempty"`
	TaskID    string    `json:"task_id,omitempty"`
	Message   string    `json:"message,omitempty"`
	At        time.Time `json:"at"`
}

// AlertNotice is one message to all whom a rule reaches.
type AlertNotice struct {
	ID         string          `json:"id"`
	RuleID     string          `json:"rule_id"`
	AlertID    string          `json:"alert_id,omitempty"`
	Kind       string          `json:"kind" enum:"opened,digest,reminder,recovered,test"`
	At         time.Time       `json:"at"`
	Facts      AlertFacts      `json:"facts"`
	Deliveries []AlertDelivery `json:"deliveries"`
}

// AlertDelivery is a notice on its way to one recipient.
type AlertDelivery struct {
	ID       string     `json:"id"`
	Channel  string     `json:"channel" enum:"email,webhook"`
	Target   string     `json:"target" doc:"The address; the host of a webhook"`
	State    string     `json:"state" enum:"pending,sent,failed" doc:"failed: given up"`
	Attempts int        `json:"attempts"`
	NextAt   *time.Time `json:"next_at,omitempty" doc:"The next attempt of a pending one"`
	GiveUpAt time.Time  `json:"give_up_at"`
	Error    string     `json:"error,omitempty" doc:"Of the last attempt"`
	EndedAt  *time.Time `json:"ended_at,omitempty"`
}

// Alerts is what the API needs of the part that tells people what needs them.
type Alerts interface {
	Rules(ctx context.Context) ([]AlertRule, error)
	MailConfigured() bool
	CreateRule(ctx context.Context, change ChangeAlertRule) (AlertRule, error)
	// UpdateRule replaces all but the kind.
	UpdateRule(ctx context.Context, change ChangeAlertRule) (AlertRule, error)
	DeleteRule(ctx context.Context, id string) (AlertRule, error)
	TestRule(ctx context.Context, id string) (AlertNotice, error)
	Alerts(ctx context.Context, filter AlertFilter) (Page[Alert], error)
	Notice(ctx context.Context, id string) (AlertNotice, error)
}

// ChangeAlertRule is what a person says of a rule.
type ChangeAlertRule struct {
	Actor         string
	ID            string // of an update
	Kind          string // of a new rule
	Name          string
	Enabled       bool
	Definition    string
	ErrorCode     string
	Pool          string
	After         time.Duration
	Repeat        time.Duration
	Locale        string
	Emails        []string
	WebhookURL    string
	WebhookSecret *string // nil keeps the present one
}

// AlertFilter narrows the list of alerts.
type AlertFilter struct {
	RuleID string
	Open   *bool // nil: both
	Limit  int
	Cursor string
}
