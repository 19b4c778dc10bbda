package validate

import (
	"maps"

	"github.com/taskurotta/taskurotta-go/designer/graph"
	"github.com/taskurotta/taskurotta-go/fault"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// DocumentOfAll is Document for an engine that runs everything.
func DocumentOfAll(doc *graph.Document, types map[string]wire.Descriptor) []fault.Issue {
	can := map[Feature]bool{FeatureMulti: true, FeaturePlan: true, FeatureCompensation: true}
	for _, kind := range graph.Kinds {
		can[Feature(kind)] = true
	}
	return document(doc, types, Known{}, can)
}

// DocumentWithoutPlans is Document for an engine that runs no plans.
func DocumentWithoutPlans(doc *graph.Document, types map[string]wire.Descriptor) []fault.Issue {
	can := maps.Clone(Runs)
	delete(can, FeaturePlan)
	return document(doc, types, Known{}, can)
}
