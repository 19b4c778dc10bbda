package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func (s *session) schedules(ctx context.Context, c config.ScheduleList) error {
	query := url.Values{}
	set(query, "definition", c.Definition)
	set(query, "state", c.State)
	set(query, "q", c.Name)
	found, err := s.list(ctx, "/schedules", query, c.Page, 200)
	if err != nil {
		return err
	}
	return showList(s, found, []string{"NAME", "DEFINITION", "CRON", "ZONE", "STATE", "NEXT", "RUNNING", "LAST", "SCHEDULE"}, func(one httpapi.Schedule) []cell {
		return []cell{plain(one.Name), plain(scheduleTarget(one)), plain(one.Cron), plain(zoneOf(one)), turned(one), plain(s.when(one.NextAt)),
			plain(strconv.Itoa(one.Running)), lastOf(one), plain(one.ID)}
	})
}

func scheduleTarget(one httpapi.Schedule) string {
	if one.Version == 0 {
		return one.Definition
	}
	return fmt.Sprintf("%s v%d", one.Definition, one.Version)
}

func zoneOf(one httpapi.Schedule) string {
	if one.Zone == "" {
		return "UTC"
	}
	return one.Zone
}

func turned(one httpapi.Schedule) cell {
	c := cell{text: one.State}
	switch one.State {
	case "stopped":
		c.tone = tones["incident"]
	case "paused":
		c.tone = tones["suspended"]
	}
	return c
}

func lastOf(one httpapi.Schedule) cell {
	if one.Last == nil {
		return plain("")
	}
	return fired(*one.Last)
}

// fired is what became of a fire, and why.
func fired(f httpapi.ScheduleFire) cell {
	c := cell{text: f.State, tone: tones[f.State]}
	if f.State == "refused" {
		c.tone = tones["failed"]
	}
	if f.Reason != "" {
		c.text += " " + f.Reason
	}
	if f.Missed > 1 {
		c.text += fmt.Sprintf(" × %d", f.Missed)
	}
	if f.CaughtUp {
		c.text += " (made up for)"
	}
	return c
}

// schedule finds the schedule that a command is about.
func (s *session) schedule(ctx context.Context, which config.WhichSchedule) (httpapi.Schedule, json.RawMessage, error) {
	var none httpapi.Schedule
	if which.Schedule == "" {
		return none, nil, usage("Name a schedule by its id or its name.")
	}
	id := which.Schedule
	if parsed, err := uuid.Parse(which.Schedule); err != nil || len(which.Schedule) != len(parsed.String()) {
		all, err := s.list(ctx, "/schedules", url.Values{"q": {which.Schedule}}, config.Page{All: true}, 200)
		if err != nil {
			return none, nil, err
		}
		found, err := rows[httpapi.Schedule](all)
		if err != nil {
			return none, nil, err
		}
		var named []string
		for _, one := range found {
			if one.Name == which.Schedule {
				id = one.ID
				named = append(named, one.ID+" "+one.Definition)
			}
		}
		switch len(named) {
		case 0:
			return none, nil, failed(NotFound, "schedule.unknown", "No schedule has the name %s.", which.Schedule)
		case 1:
		default:
			return none, nil, failed(Conflict, "cli.ambiguous", "Several schedules have the name %s; name one by its id: %s", which.Schedule, strings.Join(named, ", "))
		}
	}
	raw, err := s.get(ctx, "/schedules/"+url.PathEscape(id), nil)
	if err != nil {
		return none, nil, err
	}
	one, err := decoded[httpapi.Schedule](raw)
	return one, raw, err
}

func (s *session) showSchedule(ctx context.Context, c config.ScheduleShow) error {
	one, raw, err := s.schedule(ctx, c.WhichSchedule)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error { return s.scheduleLines(ctx, one) })
}

func (s *session) scheduleLines(ctx context.Context, one httpapi.Schedule) error {
	standing := one.State
	if one.State != "active" {
		since := one.StateAt
		standing += " since " + s.when(&since)
		if one.StateBy != "" {
			standing += " by " + one.StateBy
		}
		if one.StateReason != "" {
			standing += ": " + one.StateReason
		}
	}
	overlap := one.Overlap
	if one.Overlap != "allow" {
		overlap += fmt.Sprintf(" at %d", one.MaxRunning)
	}
	misfire := fmt.Sprintf("%s after %d s", one.Misfire, one.LateAfterS)
	if one.Misfire == "catch_up" {
		misfire += fmt.Sprintf(", at most %d", one.CatchUpMost)
	}
	errors := ""
	if one.MaxErrors > 0 {
		errors = fmt.Sprintf("%d in a row stop it", one.MaxErrors)
	}
	of := ""
	if one.NodeID != "" {
		of = "of the start event " + one.NodeID
	}
	s.lines([][2]string{
		{"id", one.ID}, {"name", one.Name}, {"definition", scheduleTarget(one) + " " + one.DefinitionTitle}, {"belongs", of}, {"comes", one.Cron + " " + zoneOf(one)}, {"state", standing},
		{"customId", one.CustomID}, {"priority", strconv.Itoa(one.Priority)}, {"missed", misfire}, {"overlap", overlap}, {"errors", errors},
		{"running", strconv.Itoa(one.Running)}, {"last", lastOf(one).text},
	})
	s.jsonBelow("input", json.RawMessage(one.Input))
	if one.NextAt == nil {
		return nil
	}
	raw, err := s.get(ctx, "/cron-times", url.Values{"cron": {one.Cron}, "zone": {one.Zone}})
	if err != nil {
		return err
	}
	preview, err := decoded[struct{ Times []time.Time }](raw)
	if err != nil {
		return err
	}
	s.say("next")
	for _, at := range preview.Times {
		s.say("  %s", s.when(&at))
	}
	return nil
}

func (s *session) createSchedule(ctx context.Context, c config.ScheduleCreate) error {
	input, err := s.object("--input", c.Input)
	if err != nil {
		return err
	}
	raw, err := s.send(ctx, http.MethodPost, "/schedules", httpapi.ScheduleRule{
		Name: c.Name, Definition: c.Definition, Version: c.Version, Cron: c.Cron, Zone: c.Zone, Input: httpapi.Object(input), CustomID: c.CustomID, Priority: c.Priority,
		Misfire: c.Misfire, CatchUpMost: c.CatchUpMost, LateAfterS: c.LateAfter, Overlap: c.Overlap, MaxRunning: c.MaxRunning, MaxErrors: c.MaxErrors,
	}, nil)
	if err != nil {
		return err
	}
	made, err := decoded[httpapi.Schedule](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error { return s.scheduleLines(ctx, made) })
}

// turning makes a command that pauses or resumes a schedule.
func turning(verb, done string) func(*session, context.Context, config.ScheduleTurn) error {
	return func(s *session, ctx context.Context, c config.ScheduleTurn) error {
		one, _, err := s.schedule(ctx, c.WhichSchedule)
		if err != nil {
			return err
		}
		raw, err := s.send(ctx, http.MethodPost, "/schedules/"+one.ID+"/"+verb, map[string]string{"reason": c.Reason.Reason}, nil)
		if err != nil {
			return err
		}
		return s.answer(raw, func() error {
			s.say("%s %s", done, one.Name)
			return nil
		})
	}
}

func (s *session) runSchedule(ctx context.Context, c config.ScheduleRun) error {
	one, _, err := s.schedule(ctx, c.WhichSchedule)
	if err != nil {
		return err
	}
	var headers map[string]string
	if c.IdempotencyKey != "" {
		headers = map[string]string{"Idempotency-Key": c.IdempotencyKey}
	}
	raw, err := s.send(ctx, http.MethodPost, "/schedules/"+one.ID+"/run", nil, headers)
	if err != nil {
		return err
	}
	started, err := decoded[httpapi.StartedProcess](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		if started.Existing {
			s.say("had been started before: %s", started.ID)
		} else {
			s.say("started %s", started.ID)
		}
		return nil
	})
}

func (s *session) deleteSchedule(ctx context.Context, c config.ScheduleShow) error {
	one, _, err := s.schedule(ctx, c.WhichSchedule)
	if err != nil {
		return err
	}
	if _, err := s.send(ctx, http.MethodDelete, "/schedules/"+one.ID, nil, nil); err != nil {
		return err
	}
	return s.held(held{Kind: "schedule", Name: one.Name, Done: "deleted"})
}

func (s *session) scheduleHistory(ctx context.Context, c config.ScheduleHistory) error {
	one, _, err := s.schedule(ctx, c.WhichSchedule)
	if err != nil {
		return err
	}
	found, err := s.list(ctx, "/schedules/"+one.ID+"/fires", url.Values{}, c.Page, 200)
	if err != nil {
		return err
	}
	return showList(s, found, []string{"DUE", "WHAT", "STARTED", "TOOK", "PROCESS", "WHY"}, func(f httpapi.ScheduleFire) []cell {
		due := f.DueAt
		why := f.Message
		if f.Kind == "manual" {
			why = "run by " + f.Actor
		}
		return []cell{plain(s.when(&due)), fired(f), plain(s.when(f.StartedAt)), plain(s.took(f.StartedAt, f.EndedAt)), plain(f.ProcessID), plain(why)}
	})
}
