package validate

import "github.com/taskurotta/taskurotta-go/designer/graph"

// Feature is something that a document may hold and an engine may or may not run: a kind of node, or one of the names below.
type Feature string

// The features that are no kinds of node.
const (
	FeatureMulti        Feature = "multi"        // an activity for each entry of a list
	FeaturePlan         Feature = "plan"         // a worker that answers with a plan
	FeatureCompensation Feature = "compensation" // undone_by, compensating ends
)

// Runs lists what the engine of this release runs; all else can be drawn and saved, and is refused at publish.
var Runs = map[Feature]bool{
	Feature(graph.KindStartEvent):       true,
	Feature(graph.KindEndEvent):         true,
	Feature(graph.KindServiceTask):      true,
	Feature(graph.KindScriptTask):       true,
	Feature(graph.KindUserTask):         true,
	Feature(graph.KindDecisionTask):     true,
	Feature(graph.KindCallActivity):     true,
	Feature(graph.KindSubProcess):       true,
	Feature(graph.KindExclusiveGateway): true,
	Feature(graph.KindInclusiveGateway): true,
	Feature(graph.KindParallelGateway):  true,
	Feature(graph.KindEventGateway):     true,
	Feature(graph.KindTimerEvent):       true,
	Feature(graph.KindMessageEvent):     true,
	Feature(graph.KindBoundaryEvent):    true,
	FeatureMulti:                        true,
	FeaturePlan:                         true,

	Feature(graph.KindCompensationEvent): true,
	FeatureCompensation:                  true,
}

// runs refuses what the engine can't run yet.
func (c *checker) runs(n *graph.Node, at place) {
	need := func(feature Feature, at place) {
		if !c.can[feature] {
			c.add(NotRun, at, "this release can't run "+string(feature)+" yet", "feature", string(feature))
		}
	}
	need(Feature(n.Kind), at.at("kind"))
	if n.Multi != nil {
		need(FeatureMulti, at.at("multi"))
	}
	if n.UndoneBy != "" {
		need(FeatureCompensation, at.at("undone_by"))
	}
	if n.Service != nil && n.Service.Plan {
		need(FeaturePlan, at.at("service", "plan"))
	}
	if n.End != nil && n.End.Kind == graph.EndCompensate {
		need(FeatureCompensation, at.at("end", "kind"))
	}
}
