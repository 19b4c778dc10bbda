package httpapi

import (
	"context"
	"encoding/json"
	"time"
)

// ScheduleRule is when a schedule comes, what it starts, and what happens when things do not go as planned.
type ScheduleRule struct {
	Name        string `json:"name" minLength:"1" maxLength:"200"`
	Definition  string `json:"definition" maxLength:"63" doc:"Key"`
	Version     int    `json:"version,omitempty" minimum:"1" doc:"Absent means the latest when it fires"`
	Cron        string `json:"cron" maxLength:"200" doc:"Five fields: minute, hour, day of the month, month, day of the week"`
	Zone        string `json:"zone,omitempty" maxLength:"100" doc:"IANA name; absent means UTC"`
	Input       Object `json:"input,omitempty" doc:"Texts may be templates and expressions; now() is the time that it came"`
	CustomID    string `json:"custom_id,omitempty" maxLength:"2000" doc:"A text, a template or an expression that sees the input"`
	Priority    int    `json:"priority,omitempty" minimum:"1" maximum:"5" doc:"1 (urgent) to 5; absent means 3"`
	Misfire     string `json:"misfire,omitempty" enum:"skip,run_once,catch_up" doc:"Of times that came while no server ran; absent means run_once"`
	CatchUpMost int    `json:"catch_up_most,omitempty" minimum:"1" maximum:"1000" doc:"Of catch_up: how many at most; absent means 10"`
	LateAfterS  int    `json:"late_after_s,omitempty" minimum:"1" maximum:"86400" doc:"A time noticed so many seconds late was missed; absent means 60"`
	Overlap     string `json:"overlap,omitempty" enum:"allow,skip,queue,cancel_old" doc:"Of a time that comes while max_running processes of it run; absent means allow"`
	MaxRunning  int    `json:"max_running,omitempty" minimum:"1" maximum:"1000" doc:"Does not count with allow; absent means 1"`
	MaxErrors   int    `json:"max_errors,omitempty" minimum:"0" maximum:"1000" doc:"So many failures in a row stop it; 0 means no limit"`
}

// Schedule starts processes by the clock.
type Schedule struct {
	ScheduleRule
	ID              string        `json:"id"`
	DefinitionTitle string        `json:"definition_title"`
	NodeID          string        `json:"node_id,omitempty" doc:"The start event that it belongs to; absent: people made it"`
	State           string        `json:"state" enum:"active,paused,stopped,retired" doc:"stopped: by its limit of errors; retired: the latest version has its start event no more"`
	StateAt         time.Time     `json:"state_at"`
	StateBy         string        `json:"state_by,omitempty"`
	StateReason     string        `json:"state_reason,omitempty"`
	NextAt          *time.Time    `json:"next_at,omitempty"`
	Running         int           `json:"running" doc:"Processes of it that have not ended"`
	Last            *ScheduleFire `json:"last,omitempty" doc:"The newest of its history"`
	Revision        int64         `json:"revision"`
	CreatedAt       time.Time     `json:"created_at"`
	CreatedBy       string        `json:"created_by,omitempty"`
	UpdatedAt       time.Time     `json:"updated_at"`
	UpdatedBy       string        `json:"updated_by,omitempty"`
}

// ScheduleFire is one time of a schedule's history.
type ScheduleFire struct {
	DueAt      time.Time  `json:"due_at"`
	Kind       string     `json:"kind" enum:"cron,manual"`
	State      string     `json:"state" enum:"due,waiting,running,incident,completed,failed,cancelled,skipped,refused"`
	Reason     string     `json:"reason,omitempty" doc:"Stable code, of skipped and refused"`
	Message    string     `json:"message,omitempty"`
	CaughtUp   bool       `json:"caught_up,omitempty" doc:"It had been missed"`
	Missed     int64      `json:"missed,omitempty" doc:"Of skipped: it stands for so many times"`
	MissedFrom *time.Time `json:"missed_from,omitempty" doc:"The first of them"`
	ProcessID  string     `json:"process_id,omitempty"`
	Actor      string     `json:"actor,omitempty" doc:"Who ran it, of manual"`
	StartedAt  *time.Time `json:"started_at,omitempty"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
}

// Schedules is what the API needs of the part that starts processes by the clock.
type Schedules interface {
	Schedules(ctx context.Context, filter ScheduleFilter) (Page[Schedule], error)
	Schedule(ctx context.Context, id string) (Schedule, error)
	CreateSchedule(ctx context.Context, actor string, rule ScheduleRule) (Schedule, error)
	// UpdateSchedule answers precondition_failed when revision is not the present one.
	UpdateSchedule(ctx context.Context, actor, id string, revision int64, rule ScheduleRule) (Schedule, error)
	DeleteSchedule(ctx context.Context, id string) error
	PauseSchedule(ctx context.Context, actor, id, reason string) (Schedule, error)
	ResumeSchedule(ctx context.Context, actor, id, reason string) (Schedule, error)
	RunSchedule(ctx context.Context, actor, id, key string) (StartedProcess, error)
	ScheduleFires(ctx context.Context, id, cursor string, limit int) (Page[ScheduleFire], error)
	PreviewCron(ctx context.Context, cron, zone string, count int) ([]time.Time, error)
}

// ScheduleFilter narrows the list of schedules; its members are combined with AND.
type ScheduleFilter struct {
	Definition string
	State      string
	Query      string // that the name holds
	Cursor     string
	Limit      int
}

func (r *ScheduleRule) input() json.RawMessage { return json.RawMessage(r.Input) }
