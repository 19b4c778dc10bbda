package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/designer/graph"
)

// usual is how a schedule behaves until somebody says otherwise.
var usual = Policy{Misfire: MisfireRunOnce, CatchUpMost: 10, LateAfter: time.Minute, Overlap: OverlapAllow, MaxRunning: 1}

// adopt gives the start events of published versions their schedules, and lets those rest whose start event is no more. What a person
// said of such a schedule (its policies, that it is paused) stays.
func (s *Service) adopt(ctx context.Context) error {
	starts, err := s.config.Store.Starts(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for i := range starts {
		start := &starts[i]
		if len(start.Event) == 0 {
			failed = append(failed, s.config.Store.Retire(ctx, start.Schedule))
			continue
		}
		failed = append(failed, s.adoptOne(ctx, start))
	}
	return errors.Join(failed...)
}

func (s *Service) adoptOne(ctx context.Context, start *Start) error {
	var event graph.StartEvent
	if err := json.Unmarshal(start.Event, &event); err != nil || event.Schedule == nil {
		return fmt.Errorf("start %s of %s is no schedule: %w", start.Node, start.Definition, err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	made := &Schedule{ID: id.String(), Node: start.Node, Fields: Fields{
		Name: start.Title, Definition: start.Definition, Cron: event.Schedule.Cron, Zone: event.Schedule.Zone, CustomID: event.CustomID, Priority: 3, Policy: usual,
	}}
	if made.Name == "" {
		made.Name = start.Node
	}
	if made.Input, err = json.Marshal(event.Schedule.Input); err != nil || event.Schedule.Input == nil {
		made.Input = json.RawMessage(`{}`)
	}
	return s.config.Store.Adopt(ctx, start, made, made.nextAfter)
}

// nextAfter is the next time of the schedule, nil when it has none.
func (s *Schedule) nextAfter(now time.Time) *time.Time {
	rule, err := s.rule()
	if err != nil {
		return nil
	}
	at, err := rule.Next(now)
	if err != nil {
		return nil
	}
	return &at
}
