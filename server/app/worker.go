package app

import (
	"fmt"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/workers/node/bussend"
	"github.com/taskurotta/taskurotta-go/workers/node/demoplan"
	"github.com/taskurotta/taskurotta-go/workers/node/demostep"
	"github.com/taskurotta/taskurotta-go/workers/node/documentcompose"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/node/documentvalidate"
	"github.com/taskurotta/taskurotta-go/workers/node/httprequest"
	"github.com/taskurotta/taskurotta-go/workers/node/mailsend"
	"github.com/taskurotta/taskurotta-go/workers/node/signatureverify"
	"github.com/taskurotta/taskurotta-go/workers/outbound"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// NodeConfig is what the built-in nodes need of their worker.
type NodeConfig struct {
	Mail  mailsend.Config
	HTTP  httprequest.Config
	Bus   bussend.Config
	Trust string // folder with trust stores; empty: none
}

// Set takes what flags and environment say.
func (n *NodeConfig) Set(c config.Nodes) {
	n.Trust = c.Trust
	n.Bus.Buses, n.Bus.ReplyTo = c.Buses, c.BusReplyTo
	n.HTTP.Policy = outbound.Policy{Hosts: c.HTTPHosts, Private: c.HTTPPrivate}
}

// Nodes are the built-in nodes.
func Nodes(config NodeConfig) ([]sdk.Node, error) {
	request, err := httprequest.Node(config.HTTP)
	if err != nil {
		return nil, fmt.Errorf("what http.request may call: %w", err)
	}
	send, err := bussend.Node(config.Bus)
	if err != nil {
		return nil, fmt.Errorf("the buses of bus.send: %w", err)
	}
	nodes := []sdk.Node{documentinspect.Node, documentvalidate.Node, documentcompose.Node, mailsend.Node(config.Mail), request, send, demostep.Step, demostep.Noop, demoplan.Node}
	return append(nodes, signatureverify.Nodes(signatureverify.Config{Trust: config.Trust})...), nil
}
