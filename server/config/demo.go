package config

import "time"

// Demo is the world around the examples.
type Demo struct {
	Bus  DemoBus  `cmd:"" help:"Start a land registry behind a bus, which answers the examples; dev has one of its own."`
	Data DemoData `cmd:"" help:"Write applications, documents, certificates and signatures made from a seed."`
	Load DemoLoad `cmd:"" help:"Start applications of all kinds on a running server, at a rate."`
}

// DemoBus starts the registry.
type DemoBus struct {
	Log
	DatabaseURL string            `env:"DATABASE_URL" required:"" help:"A PostgreSQL, where it keeps a schema of its own." placeholder:"URL"`
	Schema      string            `default:"demo_registry" help:"Name of that schema."`
	Listen      string            `env:"TASKUROTTA_DEMO_LISTEN" default:"127.0.0.1:8421" help:"Address of its page, and of the bus at /bus. It asks nobody for a name: keep it on loopback."`
	Server      string            `env:"TASKUROTTA_URL" default:"http://127.0.0.1:8420" help:"The server that takes its answers." placeholder:"URL"`
	Token       string            `env:"TASKUROTTA_TOKEN" required:"" help:"API token of an account that may send messages. Others on this machine can see flags: prefer the variable." placeholder:"SECRET"`
	Faults      map[string]string `name:"fault" mapsep:"," help:"How badly it behaves, e.g. duplicate=0.1,delay_max=30s; the names are those of its page. Default: as in its last run, at first well." placeholder:"NAME=VALUE"`
	Seed        uint64            `default:"1" help:"Of the papers that it asks about."`
}

// DemoData writes papers.
type DemoData struct {
	Seed  uint64 `default:"1" help:"The same seed writes the same bytes."`
	Out   string `required:"" help:"Folder to write into, made when absent." placeholder:"FOLDER"`
	Count int    `default:"20" help:"Applications; every second one has a flaw."`
}

// DemoLoad starts applications.
type DemoLoad struct {
	Remote
	Rate     float64       `default:"1" help:"Applications a second."`
	For      time.Duration `name:"for" help:"End after this time; default: when it is interrupted." placeholder:"DURATION"`
	Count    int           `help:"End after so many applications; 0: no end."`
	Flaws    float64       `default:"0.1" help:"Share of applications with something wrong in their papers."`
	From     int           `help:"Number of the first application; default: after those of earlier runs." placeholder:"N"`
	Seed     uint64        `help:"Of the papers; the worker must trust its certificates. Default: that of dev with this --data." placeholder:"N"`
	Data     string        `env:"TASKUROTTA_DATA" default:".taskurotta" help:"Folder of dev, for its seed and, on this machine and without --token, its registry's token."`
	Registry string        `default:"http://127.0.0.1:8421" help:"Page of the registry, which is told to ask for checks of signatures; empty: none are." placeholder:"URL"`
}
