package app

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/taskurotta/taskurotta-go/designer"
	"github.com/taskurotta/taskurotta-go/designer/catalog"
	"github.com/taskurotta/taskurotta-go/designer/expr"
	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/engine"
	"github.com/taskurotta/taskurotta-go/engine/flow"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// versions gives the engine what the designer published.
type versions struct{ designer *designer.Service }

var _ engine.VersionSource = versions{}

func (v versions) Latest(ctx context.Context, key string) (int, error) {
	return v.designer.Latest(ctx, key)
}

func (v versions) Version(ctx context.Context, key string, number int) (engine.Version, error) {
	if number < 0 {
		test, err := v.designer.Tested(ctx, key, number)
		if err != nil {
			return engine.Version{}, err
		}
		return engine.Version{Key: key, Number: number, Title: test.Title, Document: test.Graph, Types: test.NodeTypes, Mocks: test.Mocks}, nil
	}
	version, err := v.designer.Version(ctx, key, number)
	if err != nil {
		return engine.Version{}, err
	}
	return engine.Version{Key: key, Number: version.Number, Title: version.Title, Document: version.Graph, Types: version.NodeTypes}, nil
}

// designerAPI shows the designer to the API. What runs on which version comes from the engine.
type designerAPI struct {
	designer *designer.Service
	catalog  *catalog.Catalog
	engine   *engine.Engine
	saved    func(definition string) // told of every change of a draft or of what is published
}

var (
	_ httpapi.Designer    = designerAPI{}
	_ httpapi.Catalog     = designerAPI{}
	_ httpapi.Expressions = designerAPI{}
)

// load is what runs: processes that have not ended and open incidents.
type load struct{ running, incidents int64 }

// loads sums the engine's counts by definition, and by definition and version.
func (a designerAPI) loads(ctx context.Context) (definitions map[string]load, ofVersions map[string]map[int]load, err error) {
	counts, err := a.engine.Counts(ctx)
	if err != nil {
		return nil, nil, err
	}
	definitions, ofVersions = map[string]load{}, map[string]map[int]load{}
	for _, c := range counts {
		d := definitions[c.Definition]
		definitions[c.Definition] = load{d.running + c.Live, d.incidents + c.Incidents}
		if ofVersions[c.Definition] == nil {
			ofVersions[c.Definition] = map[int]load{}
		}
		ofVersions[c.Definition][c.Version] = load{c.Live, c.Incidents}
	}
	return definitions, ofVersions, nil
}

func apiDefinition(d designer.Definition, l load) httpapi.DefinitionSummary {
	return httpapi.DefinitionSummary{
		Key: d.Key, Title: d.Title, Latest: d.Latest, DraftRevision: d.DraftRevision, Unpublished: d.Unpublished(),
		Running: int(l.running), Incidents: int(l.incidents), UpdatedAt: d.UpdatedAt, UpdatedBy: d.UpdatedBy,
	}
}

func (a designerAPI) Definitions(ctx context.Context, query, cursor string, limit int) (httpapi.Page[httpapi.DefinitionSummary], error) {
	found, next, err := a.designer.List(ctx, query, cursor, limit)
	if err != nil {
		return httpapi.Page[httpapi.DefinitionSummary]{}, err
	}
	loads, _, err := a.loads(ctx)
	return httpapi.Page[httpapi.DefinitionSummary]{Items: mapped(found, func(d designer.Definition) httpapi.DefinitionSummary {
		return apiDefinition(d, loads[d.Key])
	}), NextCursor: next}, err
}

func (a designerAPI) full(ctx context.Context, d designer.Definition, err error) (httpapi.Definition, error) {
	if err != nil {
		return httpapi.Definition{}, err
	}
	loads, _, err := a.loads(ctx)
	return httpapi.Definition{DefinitionSummary: apiDefinition(d, loads[d.Key]), VersionsCount: d.Versions}, err
}

func (a designerAPI) CreateDefinition(ctx context.Context, c httpapi.CreateDefinition) (httpapi.Definition, error) {
	d, err := a.designer.Create(ctx, c.Actor, c.Key, c.Title, c.Document)
	return a.full(ctx, d, err)
}

func (a designerAPI) Definition(ctx context.Context, key string) (httpapi.Definition, error) {
	d, err := a.designer.Get(ctx, key)
	return a.full(ctx, d, err)
}

func (a designerAPI) RenameDefinition(ctx context.Context, _, key, title string) (httpapi.Definition, error) {
	d, err := a.designer.Rename(ctx, key, title)
	return a.full(ctx, d, err)
}

func (a designerAPI) SetLatest(ctx context.Context, _, key string, number int) (httpapi.Definition, error) {
	d, err := a.designer.SetLatest(ctx, key, number)
	a.saved(key)
	return a.full(ctx, d, err)
}

func apiIssues(issues []fault.Issue) []httpapi.Issue {
	return mapped(issues, func(i fault.Issue) httpapi.Issue {
		severity := i.Severity
		if severity == "" {
			severity = "error"
		}
		return httpapi.Issue{Path: i.Path, Code: i.Code, Message: i.Message, Severity: severity, Node: i.Node, Edge: i.Edge, Params: i.Params}
	})
}

func (a designerAPI) Draft(ctx context.Context, key string) (httpapi.Draft, error) {
	draft, issues, err := a.designer.Draft(ctx, key)
	if err != nil {
		return httpapi.Draft{}, err
	}
	return httpapi.Draft{
		Document: httpapi.Document(draft.Document), Revision: draft.Revision, UpdatedAt: draft.UpdatedAt, UpdatedBy: draft.UpdatedBy, Issues: apiIssues(issues),
	}, nil
}

func (a designerAPI) SaveDraft(ctx context.Context, c httpapi.SaveDraft) (httpapi.SavedDraft, error) {
	draft, issues, err := a.designer.SaveDraft(ctx, c.Actor, c.Key, c.Revision, c.Document)
	a.saved(c.Key)
	if err != nil {
		return httpapi.SavedDraft{}, err
	}
	return httpapi.SavedDraft{Revision: draft.Revision, UpdatedAt: draft.UpdatedAt, Issues: apiIssues(issues)}, nil
}

func (a designerAPI) Validate(ctx context.Context, key string, document []byte) ([]httpapi.Issue, error) {
	issues, err := a.designer.Validate(ctx, key, document)
	return apiIssues(issues), err
}

func apiVersion(v designer.Version, l load) httpapi.Version {
	return httpapi.Version{
		Number: v.Number, Note: v.Note, Checksum: v.Checksum, PublishedAt: v.PublishedAt, PublishedBy: v.PublishedBy,
		Running: int(l.running), Incidents: int(l.incidents), Latest: v.Latest,
	}
}

func (a designerAPI) Publish(ctx context.Context, c httpapi.Publish) (httpapi.Version, error) {
	v, err := a.designer.Publish(ctx, c.Actor, c.Key, c.Revision, c.Note)
	a.saved(c.Key)
	return apiVersion(v, load{}), err
}

func (a designerAPI) Versions(ctx context.Context, key, cursor string, limit int) (httpapi.Page[httpapi.Version], error) {
	below := 0
	if cursor != "" {
		var err error
		if below, err = strconv.Atoi(cursor); err != nil || below < 1 {
			return httpapi.Page[httpapi.Version]{}, fault.New(fault.Invalid, "cursor.malformed", "The cursor is not one of this list.")
		}
	}
	found, err := a.designer.Versions(ctx, key, below, limit+1)
	if err != nil {
		return httpapi.Page[httpapi.Version]{}, err
	}
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = strconv.Itoa(found[limit-1].Number)
	}
	_, loads, err := a.loads(ctx)
	return httpapi.Page[httpapi.Version]{Items: mapped(found, func(v designer.Version) httpapi.Version {
		return apiVersion(v, loads[key][v.Number])
	}), NextCursor: next}, err
}

func (a designerAPI) Version(ctx context.Context, key string, number int) (httpapi.VersionDetail, error) {
	if number < 0 {
		return a.tested(ctx, key, number)
	}
	v, err := a.designer.Version(ctx, key, number)
	if err != nil {
		return httpapi.VersionDetail{}, err
	}
	definition, err := a.designer.Get(ctx, key)
	if err != nil {
		return httpapi.VersionDetail{}, err
	}
	v.Latest = v.Number == definition.Latest
	_, loads, err := a.loads(ctx)
	if err != nil {
		return httpapi.VersionDetail{}, err
	}
	return a.detail(ctx, v, loads[key][v.Number])
}

// detail shows a version with its graph.
func (a designerAPI) detail(ctx context.Context, v designer.Version, l load) (httpapi.VersionDetail, error) {
	types := make([]httpapi.NodeType, 0, len(v.NodeTypes))
	for _, name := range sortedKeys(v.NodeTypes) {
		pool, err := a.catalog.Pool(ctx, name)
		if err != nil {
			return httpapi.VersionDetail{}, err
		}
		types = append(types, apiNodeType(v.NodeTypes[name], pool, false, nil))
	}
	return httpapi.VersionDetail{Version: apiVersion(v, l), Document: httpapi.Document(v.Document), NodeTypes: types}, nil
}

// NodeTypes lists the catalog, with what the pools' live workers say of each type.
func (a designerAPI) NodeTypes(ctx context.Context) ([]httpapi.NodeType, error) {
	entries, err := a.catalog.List(ctx)
	if err != nil {
		return nil, err
	}
	pools, err := a.engine.Pools(ctx)
	if err != nil {
		return nil, err
	}
	live, refusals := map[string]bool{}, map[string][]wire.Refusal{}
	for _, pool := range pools {
		for _, worker := range pool.Workers {
			for _, refusal := range worker.Refusals {
				refusals[refusal.Type] = append(refusals[refusal.Type], refusal)
			}
		}
		if len(pool.Workers) > 0 {
			for _, served := range pool.Types {
				live[served.Type] = true
			}
		}
	}
	return mapped(entries, func(e catalog.Entry) httpapi.NodeType {
		return apiNodeType(e.Descriptor, e.Pool, live[e.Type()], refusals[e.Type()])
	}), nil
}

// Preview evaluates a field's value on sample data.
func (a designerAPI) Preview(_ context.Context, value json.RawMessage, data httpapi.ExpressionContext) (json.RawMessage, *httpapi.ExpressionError) {
	result, err := designer.Preview(value, designer.PreviewData(data), time.Now().UTC())
	var broken *expr.Error
	if errors.As(err, &broken) {
		return nil, &httpapi.ExpressionError{Code: string(broken.Code), Message: broken.Message, Position: broken.Pos}
	}
	return result, nil
}

// TryDecision asks a decision table on sample data.
func (a designerAPI) TryDecision(_ context.Context, decision json.RawMessage, inputs []json.RawMessage, data httpapi.ExpressionContext) (httpapi.TriedDecision, error) {
	var table graph.DecisionTask
	if err := json.Unmarshal(decision, &table); err != nil {
		return httpapi.TriedDecision{}, fault.New(fault.Invalid, "decision.shape", "This is no decision table.")
	}
	sample := designer.PreviewData(data)
	context, err := sample.Context(time.Now().UTC())
	var tried flow.Tried
	if err == nil {
		tried, err = flow.TryDecision(&table, inputs, context)
	}
	out := httpapi.TriedDecision{Hits: tried.Hits, Output: tried.Output}
	if err != nil { // what is wrong with the table is the answer
		out.Error = err.Error()
	}
	return out, nil
}
