package app

import (
	"github.com/taskurotta/taskurotta-go/workers/node/demostep"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/node/mailsend"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// Nodes are the built-in nodes.
func Nodes(mail mailsend.Config) []sdk.Node {
	return []sdk.Node{documentinspect.Node, mailsend.Node(mail), demostep.Step, demostep.Noop}
}
