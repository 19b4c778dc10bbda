package validate

import (
	"slices"

	"github.com/taskurotta/taskurotta-go/designer/sound"
	"github.com/taskurotta/taskurotta-go/fault"
)

var soundCodes = map[sound.Code]Code{
	sound.Never: SoundNever, sound.Stuck: SoundStuck, sound.Unbounded: SoundUnbounded, sound.Endless: SoundEndless, sound.Unproven: SoundUnproven,
}

// soundness explores the control flow, once it hangs together.
func (c *checker) soundness() {
	if slices.ContainsFunc(c.issues, func(issue fault.Issue) bool { return issue.Severity == string(Error) }) {
		return
	}
	for _, p := range sound.Check(c.doc) {
		at := place{path: "/nodes"}
		if i, known := c.net.index[p.Node]; known && p.Node != "" {
			at = c.nodePlace(i)
		}
		code := soundCodes[p.Code]
		path := p.Path
		if path == nil {
			path = []string{}
		}
		c.add(code, at, ruleOf[code].Doc, "path", path)
	}
}
