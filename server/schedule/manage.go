package schedule

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/designer/schema"
	"github.com/taskurotta/taskurotta-go/designer/strictjson"
	"github.com/taskurotta/taskurotta-go/designer/timing"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/fault"
)

const (
	mostName   = 200
	mostReason = 2000
	mostInput  = 256 << 10
)

func faultOf(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnknown):
		return fault.New(fault.NotFound, "schedule.unknown", "There is no such schedule.")
	case errors.Is(err, ErrRevision):
		return fault.New(fault.PreconditionFailed, "schedule.conflict", "Somebody changed the schedule meanwhile.")
	}
	return err
}

// check refuses fields that no schedule can have, and fills in what was left open.
func (s *Service) check(ctx context.Context, f *Fields, node string) error {
	if len(bytes.TrimSpace(f.Input)) == 0 {
		f.Input = json.RawMessage(`{}`)
	}
	if f.Priority == 0 {
		f.Priority = 3
	}
	f.Name, f.Zone, f.Cron = strings.TrimSpace(f.Name), strings.TrimSpace(f.Zone), strings.Join(strings.Fields(f.Cron), " ")
	var issues []fault.Issue
	wrong := func(field, code, message string) {
		issues = append(issues, fault.Issue{Code: code, Path: "/" + field, Message: message})
	}
	if n := utf8.RuneCountInString(f.Name); n < 1 || n > mostName || !utf8.ValidString(f.Name) || strings.ContainsFunc(f.Name, unicode.IsControl) {
		wrong("name", "schedule.name", fmt.Sprintf("A name has 1 to %d characters, none of them a control character.", mostName))
	}
	zone, err := timing.Zone(f.Zone)
	if err != nil {
		wrong("zone", "schedule.zone", err.Error())
	} else if _, err := timing.ParseCron(f.Cron, zone); err != nil {
		wrong("cron", "schedule.cron", err.Error())
	}
	if len(f.Input) > mostInput {
		wrong("input", "schedule.input", fmt.Sprintf("The input is larger than %d bytes.", mostInput))
	} else if issue := strictjson.Check(f.Input, strictjson.Limits{Bytes: mostInput}); issue != nil {
		wrong("input"+issue.Path, "schedule.input", issue.Message)
	} else if bytes.TrimSpace(f.Input)[0] != '{' {
		wrong("input", "schedule.input", "The input is an object.")
	} else if files, err := schema.Files(f.Input); err != nil || len(files) > 0 {
		wrong("input", "schedule.files", "A schedule's input names no files: it would outlive the right to them.")
	}
	for _, number := range []struct {
		field       string
		value       int
		least, most int
	}{{"priority", f.Priority, 1, 5}, {"catch_up_most", f.CatchUpMost, 1, 1000}, {"late_after_s", int(f.LateAfter / time.Second), 1, 86_400},
		{"max_running", f.MaxRunning, 1, 1000}, {"max_errors", f.MaxErrors, 0, 1000}, {"version", f.Version, 0, 1 << 30}} {
		if number.value < number.least || number.value > number.most {
			wrong(number.field, "schedule.number", fmt.Sprintf("It is from %d to %d.", number.least, number.most))
		}
	}
	if len(issues) > 0 {
		return fault.New(fault.Invalid, "schedule.invalid", "The schedule can't be like this.").WithIssues(issues...)
	}
	now, err := s.config.Store.Now(ctx)
	if err != nil {
		return err
	}
	try := &Pending{Fire: Fire{Schedule: "-"}, Definition: f.Definition, Version: f.Version, Node: node, Name: f.Name, Input: f.Input, CustomID: f.CustomID, Priority: f.Priority}
	cmd, err := command(try, now)
	if err != nil {
		return err
	}
	return s.config.Engine.CheckStart(ctx, cmd)
}

// Create adds a schedule.
func (s *Service) Create(ctx context.Context, actor string, f Fields) (Schedule, error) {
	f.Policy = f.orUsual()
	if err := s.check(ctx, &f, ""); err != nil {
		return Schedule{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Schedule{}, err
	}
	made := &Schedule{ID: id.String(), Fields: f, CreatedBy: actor}
	if err := s.config.Store.Create(ctx, made, made.nextAfter); err != nil {
		return Schedule{}, err
	}
	return s.Schedule(ctx, made.ID)
}

func (p Policy) orUsual() Policy {
	if p.Misfire == "" {
		p.Misfire = usual.Misfire
	}
	if p.CatchUpMost == 0 {
		p.CatchUpMost = usual.CatchUpMost
	}
	if p.LateAfter == 0 {
		p.LateAfter = usual.LateAfter
	}
	if p.Overlap == "" {
		p.Overlap = usual.Overlap
	}
	if p.MaxRunning == 0 {
		p.MaxRunning = usual.MaxRunning
	}
	return p
}

// Update replaces what people say of a schedule of a revision. One that belongs to a start event only takes its policies and priority:
// the rest is what the published version says.
func (s *Service) Update(ctx context.Context, actor, id string, revision int64, f Fields) (Schedule, error) {
	f.Policy = f.orUsual()
	known, err := s.Schedule(ctx, id)
	if err != nil {
		return Schedule{}, err
	}
	if known.Node != "" {
		if err := known.owns(&f); err != nil {
			return Schedule{}, err
		}
	}
	if err := s.check(ctx, &f, known.Node); err != nil && (known.Node == "" || !fault.Is(err, fault.Conflict)) {
		return Schedule{}, err
	}
	changed, err := s.config.Store.Update(ctx, id, revision, func(locked *Schedule, now time.Time) error {
		if locked.Node != "" {
			if err := locked.owns(&f); err != nil {
				return err
			}
		}
		moved := locked.Cron != f.Cron || locked.Zone != f.Zone
		locked.Fields, locked.UpdatedAt, locked.UpdatedBy = f, now, actor
		// What is due already comes; a new rule begins now.
		if moved && locked.State == Active {
			locked.NextAt = locked.nextAfter(now)
		}
		return nil
	})
	return changed, faultOf(err)
}

// owns refuses to change what the start event of a schedule says, and takes it where it was left open.
func (s *Schedule) owns(f *Fields) error {
	if len(f.Input) == 0 {
		f.Input = s.Input
	}
	var now, then bytes.Buffer
	same := json.Compact(&now, f.Input) == nil && json.Compact(&then, s.Input) == nil && now.String() == then.String()
	if f.Name != s.Name || f.Definition != s.Definition || f.Version != s.Version || strings.Join(strings.Fields(f.Cron), " ") != s.Cron || f.Zone != s.Zone || f.CustomID != s.CustomID || !same {
		return fault.New(fault.Conflict, "schedule.of_definition", "When it comes and what it starts is said by the published version: change it in the designer.")
	}
	return nil
}

// Pause lets a schedule rest until it is resumed. What waits is skipped.
func (s *Service) Pause(ctx context.Context, actor, id, reason string) (Schedule, error) {
	return s.turn(ctx, actor, id, reason, Paused)
}

// Resume lets a schedule fire again; failures so far are forgiven. What came while it rested is not made up for.
func (s *Service) Resume(ctx context.Context, actor, id, reason string) (Schedule, error) {
	return s.turn(ctx, actor, id, reason, Active)
}

func (s *Service) turn(ctx context.Context, actor, id, reason string, to State) (Schedule, error) {
	if err := possible(id); err != nil {
		return Schedule{}, err
	}
	if utf8.RuneCountInString(reason) > mostReason {
		return Schedule{}, fault.Newf(fault.Invalid, "schedule.reason", "A reason has at most %d characters.", mostReason)
	}
	changed, err := s.config.Store.Update(ctx, id, 0, func(locked *Schedule, now time.Time) error {
		switch {
		case locked.State == Retired:
			return fault.New(fault.Conflict, "schedule.retired", "The latest version of its definition has its start event no more.")
		case locked.State == to, to == Paused && locked.State == Stopped:
			return fault.Newf(fault.Conflict, "schedule.state", "The schedule is %s already.", locked.State)
		}
		locked.State, locked.StateAt, locked.StateBy, locked.StateReason, locked.NextAt = to, now, actor, strings.TrimSpace(strings.ToValidUTF8(reason, "")), nil
		if to == Active {
			locked.ErrorsFrom, locked.NextAt = now, locked.nextAfter(now)
		}
		return nil
	})
	return changed, faultOf(err)
}

// Delete removes a schedule with its history; processes that it started stay. That of a start event goes with the start event.
func (s *Service) Delete(ctx context.Context, id string) error {
	if err := possible(id); err != nil {
		return err
	}
	return faultOf(s.config.Store.Delete(ctx, id, func(locked *Schedule) error {
		if locked.Node != "" && locked.State != Retired {
			return fault.New(fault.Conflict, "schedule.of_definition", "The schedule belongs to a published start event: pause it, or publish a version without it.")
		}
		return nil
	}))
}

// Run starts a process of a schedule now, whatever its state and its policies; a key makes the same request start one.
func (s *Service) Run(ctx context.Context, actor, id, key string) (engine.StartResult, error) {
	known, err := s.Schedule(ctx, id)
	if err != nil {
		return engine.StartResult{}, err
	}
	if len(key) > mostName {
		return engine.StartResult{}, fault.Newf(fault.Invalid, "process.idempotency_key_invalid", "the idempotency key is text of at most %d bytes", mostName)
	}
	now, err := s.config.Store.Now(ctx)
	if err != nil {
		return engine.StartResult{}, err
	}
	cmd, err := command(&Pending{Fire: Fire{Schedule: id}, Definition: known.Definition, Version: known.Version, Node: known.Node, Name: known.Name,
		Input: known.Input, CustomID: known.CustomID, Priority: known.Priority}, now)
	if err != nil {
		return engine.StartResult{}, err
	}
	cmd.Actor = actor
	if key != "" {
		cmd.Trigger.Once = id + " by hand " + key
	}
	cmd.Also = func(tx engine.Tx, process string) { tx.Queue(addManual, id, process, actor) }
	return s.config.Engine.StartProcess(ctx, cmd)
}

// Schedule returns one.
func (s *Service) Schedule(ctx context.Context, id string) (Schedule, error) {
	if err := possible(id); err != nil {
		return Schedule{}, err
	}
	found, err := s.config.Store.Schedule(ctx, id)
	return found, faultOf(err)
}

func possible(id string) error {
	if uuid.Validate(id) != nil {
		return faultOf(ErrUnknown)
	}
	return nil
}

var errCursor = fault.New(fault.Invalid, "cursor.malformed", "The cursor is not one of this list.")

// Schedules lists schedules by name, and where the next page begins.
func (s *Service) Schedules(ctx context.Context, f Filter, cursor string) ([]Schedule, string, error) {
	if strings.ContainsRune(f.Query+f.Definition, 0) || !utf8.ValidString(f.Query+f.Definition) {
		return nil, "", nil
	}
	if cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil {
			return nil, "", errCursor
		}
		var known bool
		if f.AfterID, f.AfterName, known = strings.Cut(string(raw), " "); !known || uuid.Validate(f.AfterID) != nil || !utf8.ValidString(f.AfterName) || strings.ContainsRune(f.AfterName, 0) {
			return nil, "", errCursor
		}
	}
	limit := f.Limit
	f.Limit++
	found, err := s.config.Store.Schedules(ctx, f)
	if err != nil || len(found) <= limit {
		return found, "", err
	}
	last := found[limit-1]
	return found[:limit], base64.RawURLEncoding.EncodeToString([]byte(last.ID + " " + last.Name)), nil
}

// Fires lists a schedule's history, newest first, and where the next page begins.
func (s *Service) Fires(ctx context.Context, id, cursor string, limit int) ([]Fire, string, error) {
	if _, err := s.Schedule(ctx, id); err != nil {
		return nil, "", err
	}
	var before *time.Time
	if cursor != "" {
		at, err := time.Parse(time.RFC3339Nano, cursor)
		if err != nil {
			return nil, "", errCursor
		}
		before = &at
	}
	found, err := s.config.Store.Fires(ctx, id, before, limit+1)
	if err != nil || len(found) <= limit {
		return found, "", err
	}
	return found[:limit], found[limit-1].DueAt.Format(time.RFC3339Nano), nil
}

// MostPreview is how many times Preview lists at most.
const MostPreview = 50

// Preview lists the next times of a cron rule in a zone, as schedules will come.
func (s *Service) Preview(ctx context.Context, cron, zone string, count int) ([]time.Time, error) {
	place, err := timing.Zone(strings.TrimSpace(zone))
	if err != nil {
		return nil, fault.New(fault.Invalid, "schedule.zone", err.Error()).WithIssues(fault.Issue{Code: "schedule.zone", Path: "/zone", Message: err.Error()})
	}
	rule, err := timing.ParseCron(cron, place)
	if err != nil {
		return nil, fault.New(fault.Invalid, "schedule.cron", err.Error()).WithIssues(fault.Issue{Code: "schedule.cron", Path: "/cron", Message: err.Error()})
	}
	at, err := s.config.Store.Now(ctx)
	if err != nil {
		return nil, err
	}
	var all []time.Time
	for range min(count, MostPreview) {
		if at, err = rule.Next(at); err != nil {
			return all, nil //nolint:nilerr // the rule has no more times
		}
		all = append(all, at)
	}
	return all, nil
}
