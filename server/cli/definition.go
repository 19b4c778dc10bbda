package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func (s *session) definitions(ctx context.Context, c config.DefinitionList) error {
	query := url.Values{}
	set(query, "q", c.Query)
	found, err := s.list(ctx, "/definitions", query, c.Page, 200)
	if err != nil {
		return err
	}
	return showList(s, found, []string{"KEY", "TITLE", "LATEST", "DRAFT", "RUNNING", "INCIDENTS", "UPDATED", "BY"}, func(d httpapi.DefinitionSummary) []cell {
		latest, draft, updated := "", "", d.UpdatedAt
		if d.Latest > 0 {
			latest = "v" + strconv.Itoa(d.Latest)
		}
		if d.Unpublished {
			draft = "unpublished"
		}
		incidents := plain(strconv.Itoa(d.Incidents))
		if d.Incidents > 0 {
			incidents.tone = tones["incident"]
		}
		return []cell{plain(d.Key), plain(d.Title), plain(latest), plain(draft), plain(strconv.Itoa(d.Running)), incidents, plain(s.when(&updated)), plain(d.UpdatedBy)}
	})
}

func definitionPath(key string) string { return "/definitions/" + url.PathEscape(key) }

// export prints a document with its keys in order: what two installations print can be compared line by line.
func (s *session) export(ctx context.Context, c config.DefinitionExport) error {
	raw, err := s.stored(ctx, c)
	if err != nil {
		return err
	}
	ordered, err := inOrder(raw)
	if err != nil {
		return err
	}
	return s.document(ordered)
}

// stored reads the document of a version or of the draft.
func (s *session) stored(ctx context.Context, c config.DefinitionExport) (json.RawMessage, error) {
	path, number := definitionPath(c.Key)+"/draft", c.Version
	if !c.Draft {
		if number == 0 {
			raw, err := s.get(ctx, definitionPath(c.Key), nil)
			if err != nil {
				return nil, err
			}
			definition, err := decoded[httpapi.Definition](raw)
			if err != nil {
				return nil, err
			}
			if number = definition.Latest; number == 0 {
				return nil, failed(Conflict, "cli.not_published", "The definition %s has no version; see its draft.", c.Key)
			}
		}
		path = definitionPath(c.Key) + "/versions/" + strconv.Itoa(number)
	}
	raw, err := s.get(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := decoded[struct{ Document json.RawMessage }](raw)
	return answer.Document, err
}

// inOrder sorts the keys of all objects; numbers keep their digits.
func inOrder(raw json.RawMessage) (json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, failed(Failure, "cli.answer", "The document is no JSON: %v", err)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return out.Bytes(), err
}

type imported struct {
	Key      string          `json:"key"`
	Created  bool            `json:"created"`
	Revision int64           `json:"revision"`
	Issues   []httpapi.Issue `json:"issues"`
}

func (s *session) importDraft(ctx context.Context, c config.DefinitionImport) error {
	document, err := s.readFile(c.File)
	if err != nil {
		return err
	}
	done := imported{Key: c.Key}
	raw, err := s.get(ctx, definitionPath(c.Key)+"/draft", nil)
	switch {
	case err == nil:
		err = s.replaceDraft(ctx, c, raw, document, &done)
	case ExitOf(err) == NotFound:
		err = s.createDefinition(ctx, c, document, &done)
	}
	if err != nil {
		return err
	}
	return s.composed(done, func() error {
		word := "replaced the draft of"
		if done.Created {
			word = "created"
		}
		s.say("%s %s, revision %d", word, done.Key, done.Revision)
		for _, issue := range done.Issues {
			severity := issue.Severity
			if severity == "" {
				severity = "error"
			}
			s.say("%s: %s%s %s (%s)", severity, issue.Node, issue.Edge, issue.Message, issue.Code)
		}
		return nil
	})
}

// replaceDraft saves over the revision that was just read: who saves in between makes it a conflict.
func (s *session) replaceDraft(ctx context.Context, c config.DefinitionImport, present json.RawMessage, document []byte, done *imported) error {
	draft, err := decoded[httpapi.Draft](present)
	if err != nil {
		return err
	}
	raw, err := s.call(ctx, request{
		method: http.MethodPut, path: definitionPath(c.Key) + "/draft", header: revision(draft.Revision),
		body: bytes.NewReader(document), length: int64(len(document)),
	})
	if err != nil {
		return err
	}
	saved, err := decoded[httpapi.SavedDraft](raw)
	if err != nil {
		return err
	}
	done.Revision, done.Issues = saved.Revision, saved.Issues
	if c.Title != "" {
		_, err = s.send(ctx, http.MethodPatch, definitionPath(c.Key), map[string]string{"title": c.Title}, nil)
	}
	return err
}

func (s *session) createDefinition(ctx context.Context, c config.DefinitionImport, document []byte, done *imported) error {
	title := c.Title
	if title == "" {
		title = c.Key
	}
	_, err := s.send(ctx, http.MethodPost, "/definitions", map[string]any{"key": c.Key, "title": title, "document": json.RawMessage(document)}, nil)
	if err != nil {
		return err
	}
	raw, err := s.get(ctx, definitionPath(c.Key)+"/draft", nil)
	if err != nil {
		return err
	}
	draft, err := decoded[httpapi.Draft](raw)
	done.Created, done.Revision, done.Issues = true, draft.Revision, draft.Issues
	return err
}

func revision(number int64) map[string]string {
	return map[string]string{"If-Match": strconv.Quote(strconv.FormatInt(number, 10))}
}

func (s *session) publish(ctx context.Context, c config.DefinitionPublish) error {
	raw, err := s.get(ctx, definitionPath(c.Key)+"/draft", nil)
	if err != nil {
		return err
	}
	draft, err := decoded[httpapi.Draft](raw)
	if err != nil {
		return err
	}
	raw, err = s.send(ctx, http.MethodPost, definitionPath(c.Key)+"/publish", map[string]string{"note": c.Note}, revision(draft.Revision))
	if err != nil {
		return err
	}
	version, err := decoded[httpapi.Version](raw)
	if err != nil {
		return err
	}
	return s.answer(raw, func() error {
		s.say("published %s v%d", c.Key, version.Number)
		return nil
	})
}
