package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// history is a source and a source of pokes in memory.
type history struct {
	mu        sync.Mutex
	processes map[string]*recordedProcess
	pools     []httpapi.Pool
	broken    bool
	reads     map[string]int // calls by name

	heard chan func([]Poke)
}

type recordedProcess struct {
	seq    int64
	events []httpapi.Event
	tasks  map[string]httpapi.TaskSummary
}

func newHistory() *history {
	return &history{processes: map[string]*recordedProcess{}, reads: map[string]int{}, heard: make(chan func([]Poke), 1)}
}

func processNumber(n int) string { return fmt.Sprintf("01926d5e-7b1a-7000-8000-%012d", n) }

// change commits one event in which tasks take new states.
func (s *history) change(process string, tasks ...httpapi.TaskSummary) Poke {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.processes[process]
	if p == nil {
		p = &recordedProcess{tasks: map[string]httpapi.TaskSummary{}}
		s.processes[process] = p
	}
	p.seq++
	event := httpapi.Event{Seq: p.seq}
	for _, task := range tasks {
		p.tasks[task.ID] = task
		event.Changes = append(event.Changes, httpapi.Change{Kind: "task", Task: task.ID, State: task.State})
	}
	p.events = append(p.events, event)
	return Poke{Process: process, Seq: p.seq}
}

// restart commits that the process went on from a node before, which says little of what it changes.
func (s *history) restart(process string) Poke {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.processes[process]
	p.seq++
	p.events = append(p.events, httpapi.Event{Seq: p.seq, Changes: []httpapi.Change{{Kind: "restarted", Node: "first"}}})
	return Poke{Process: process, Seq: p.seq}
}

// say changes why a task waits, which is no event.
func (s *history) say(process, task, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.processes[process].tasks[task]
	t.Why = &httpapi.Why{Code: why}
	s.processes[process].tasks[task] = t
}

func (s *history) breakDown(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
}

// find returns a process; s.mu is held.
func (s *history) find(read, id string) (*recordedProcess, error) {
	s.reads[read]++
	if s.broken {
		return nil, errors.New("the database is away")
	}
	p := s.processes[id]
	if p == nil {
		return nil, fault.New(fault.NotFound, "process.not_found", "There is no such process.")
	}
	return p, nil
}

func (p *recordedProcess) summary(id string) httpapi.ProcessSummary {
	return httpapi.ProcessSummary{ID: id, State: "running", Priority: int(p.seq)}
}

func (s *history) Process(_ context.Context, id string) (httpapi.Process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.find("process", id)
	if err != nil {
		return httpapi.Process{}, err
	}
	counts := map[string]int{}
	for _, task := range p.tasks {
		counts[task.State]++
	}
	return httpapi.Process{ProcessSummary: p.summary(id), ProcessProgress: httpapi.ProcessProgress{Counts: counts}, Seq: p.seq, Input: []byte(`{}`)}, nil
}

func (s *history) Tasks(_ context.Context, process string, filter httpapi.TaskFilter) (httpapi.Page[httpapi.TaskSummary], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.find("tasks", process)
	if err != nil {
		return httpapi.Page[httpapi.TaskSummary]{}, err
	}
	var page httpapi.Page[httpapi.TaskSummary]
	for id, task := range p.tasks {
		if (filter.IDs == nil || slices.Contains(filter.IDs, id)) && (filter.States == nil || slices.Contains(filter.States, task.State)) {
			page.Items = append(page.Items, task)
		}
	}
	return page, nil
}

func (s *history) Events(_ context.Context, process string, after int64, limit int) ([]httpapi.Event, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.find("events", process)
	if err != nil {
		return nil, 0, err
	}
	if after > p.seq {
		return nil, p.seq, nil
	}
	events := slices.Clone(p.events[after:])
	return events[:min(limit, len(events))], p.seq, nil
}

func (s *history) Heads(_ context.Context, ids []string) (map[string]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads["heads"]++
	if s.broken {
		return nil, errors.New("the database is away")
	}
	heads := map[string]int64{}
	for _, id := range ids {
		if p := s.processes[id]; p != nil {
			heads[id] = p.seq
		}
	}
	return heads, nil
}

func (s *history) SearchProcesses(_ context.Context, filter httpapi.ProcessFilter) (httpapi.Page[httpapi.ProcessSummary], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads["rows"]++
	var page httpapi.Page[httpapi.ProcessSummary]
	for _, id := range filter.IDs {
		if p := s.processes[id]; p != nil {
			page.Items = append(page.Items, p.summary(id))
		}
	}
	return page, nil
}

func (s *history) Pools(context.Context) ([]httpapi.Pool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads["pools"]++
	return slices.Clone(s.pools), nil
}

func (s *history) setPools(pools ...httpapi.Pool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pools = pools
}

func (s *history) readsOf(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads[name]
}

// Listen hands the hub's ear to the test.
func (s *history) Listen(ctx context.Context, _ func() bool, heard func([]Poke)) {
	s.heard <- heard
	<-ctx.Done()
}
