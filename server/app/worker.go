package app

import (
	"github.com/taskurotta/taskurotta-go/workers/node/demostep"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/node/documentvalidate"
	"github.com/taskurotta/taskurotta-go/workers/node/mailsend"
	"github.com/taskurotta/taskurotta-go/workers/node/signatureverify"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// NodeConfig is what the built-in nodes need of their worker.
type NodeConfig struct {
	Mail  mailsend.Config
	Trust string // folder with trust stores; empty: none
}

// Nodes are the built-in nodes.
func Nodes(config NodeConfig) []sdk.Node {
	nodes := []sdk.Node{documentinspect.Node, documentvalidate.Node, mailsend.Node(config.Mail), demostep.Step, demostep.Noop}
	return append(nodes, signatureverify.Nodes(signatureverify.Config{Trust: config.Trust})...)
}
