package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"time"

	"golang.org/x/term"

	"github.com/taskurotta/taskurotta-go/server/config"
)

// Terminal is where a command reads and writes.
type Terminal struct {
	In     io.Reader
	Out    io.Writer
	Err    io.Writer
	Width  int  // lines are cut to it; 0 means they are not
	Colour bool // colour states
	Now    func() time.Time
	Zone   *time.Location
}

// Console is the terminal of this process. Lines are cut and coloured only when people see them at once.
func Console() Terminal {
	at := Terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now, Zone: time.Local}
	if out := int(os.Stdout.Fd()); term.IsTerminal(out) {
		at.Colour = !config.Plain()
		if width, _, err := term.GetSize(out); err == nil {
			at.Width = width
		}
	}
	return at
}

// session is one command under way.
type session struct {
	Terminal
	*client
	json bool
}

// answer writes what the API said, as it is or for people.
func (s *session) answer(raw json.RawMessage, people func() error) error {
	if !s.json {
		return people()
	}
	return s.document(raw)
}

func (s *session) document(raw json.RawMessage) error {
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(raw), "", "  "); err != nil {
		return failed(Failure, "cli.answer", "The answer is no JSON: %v", err)
	}
	out.WriteByte('\n')
	_, err := s.Out.Write(out.Bytes())
	return err
}

// composed writes a document made of several answers.
func (s *session) composed(value any, people func() error) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	return s.answer(out.Bytes(), people)
}

func (s *session) say(format string, args ...any) {
	fmt.Fprintln(s.Out, printable(fmt.Sprintf(format, args...)))
}

// note is for whoever watches, not for what reads the output.
func (s *session) note(format string, args ...any) {
	fmt.Fprintln(s.Err, "taskurotta: "+printable(fmt.Sprintf(format, args...)))
}

// listing is a list as the API answers it, of one page or of many.
type listing struct {
	Items []json.RawMessage `json:"items"`
	Next  string            `json:"next_cursor,omitempty"`
}

// list reads as many pages as the flags ask for; most is what the API gives in one.
func (s *session) list(ctx context.Context, path string, query url.Values, page config.Page, most int) (listing, error) {
	all := listing{Items: []json.RawMessage{}}
	if page.Limit < 1 && !page.All {
		return all, usage("--limit must be at least 1.")
	}
	for {
		size := most
		if !page.All {
			size = min(most, page.Limit-len(all.Items))
		}
		query.Set("limit", strconv.Itoa(size))
		if all.Next != "" {
			query.Set("cursor", all.Next)
		}
		raw, err := s.get(ctx, path, query)
		if err != nil {
			return all, err
		}
		part, err := decoded[listing](raw)
		if err != nil {
			return all, err
		}
		all.Items, all.Next = append(all.Items, part.Items...), part.Next
		if part.Next == "" || len(part.Items) == 0 || !page.All && len(all.Items) >= page.Limit {
			return all, nil
		}
	}
}

// rows decodes a list's items.
func rows[T any](l listing) ([]T, error) {
	all := make([]T, 0, len(l.Items))
	for _, raw := range l.Items {
		row, err := decoded[T](raw)
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

// showList writes a list: head names the columns, row makes a line of an item.
func showList[T any](s *session, l listing, head []string, row func(T) []cell) error {
	return s.composed(l, func() error {
		items, err := rows[T](l)
		if err != nil {
			return err
		}
		t := table{head: head}
		for _, item := range items {
			t.add(row(item)...)
		}
		if l.Next != "" {
			s.note("there are more: see --limit and --all")
		}
		return t.write(s)
	})
}

func decoded[T any](raw json.RawMessage) (T, error) {
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, failed(Failure, "cli.answer", "The server's answer is not understood: %v. Are both of one version?", err)
	}
	return value, nil
}
