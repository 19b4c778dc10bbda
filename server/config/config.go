// Package config is the only place that knows flags and environment variables: the structs here are what each command is
// started with. docs/configuration.md is generated from them.
package config

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
)

// CLI is the whole command line.
type CLI struct {
	Dev        Dev        `cmd:"" help:"Start everything on this machine: PostgreSQL, Redis, server and workers."`
	Serve      Serve      `cmd:"" help:"Start a server over a PostgreSQL and a Redis of yours."`
	Worker     Workers    `cmd:"" help:"Start a worker with the built-in nodes; list those of a running server."`
	Process    Process    `cmd:"" help:"Start, find, watch and mend processes of a running server."`
	Task       Task       `cmd:"" help:"Do the tasks of people on a running server."`
	Message    Message    `cmd:"" help:"Send messages to processes of a running server."`
	Schedule   Schedule   `cmd:"" help:"Manage the schedules of a running server."`
	Secret     Secret     `cmd:"" help:"Manage the secrets of a running server."`
	Bulk       Bulk       `cmd:"" help:"Run one operation on many processes of a running server."`
	Incident   Incident   `cmd:"" help:"Look at the incidents of a running server, and mend them by the group."`
	Retention  Retention  `cmd:"" help:"For how long a running server keeps ended processes."`
	Definition Definition `cmd:"" help:"List, export, import, publish and compare definitions of a running server."`
	Migrate    Migrate    `cmd:"" help:"Bring the database to the newest schema, or take it back."`
	User       User       `cmd:"" help:"Manage local accounts."`
	Token      Token      `cmd:"" help:"Manage API tokens."`
	Demo       Demo       `cmd:"" help:"Simulate the world around the examples, and start applications."`
	Bench      Bench      `cmd:"" help:"Measure throughput and latency against plain asynq, on servers of its own."`
	Completion Completion `cmd:"" help:"Print a script that completes this command line in a shell."`
	Version    struct{}   `cmd:"" help:"Print the version."`
}

// Log says what is logged and how.
type Log struct {
	LogLevel  string `env:"TASKUROTTA_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"Least level that is logged: debug, info, warn or error."`
	LogFormat string `env:"TASKUROTTA_LOG_FORMAT" enum:"text,json" default:"text" help:"text for people, json for machines."`
}

// Logger writes to w as configured.
func (l Log) Logger(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(l.LogLevel))); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if l.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// Nodes is what the built-in nodes of a worker need.
type Nodes struct {
	HTTPHosts   []string `env:"TASKUROTTA_HTTP_HOSTS" help:"The only hosts that http.request may call: names, *.names, name:port, addresses, networks. Default: any." placeholder:"HOST"`
	HTTPPrivate []string `env:"TASKUROTTA_HTTP_PRIVATE" help:"Hosts and networks that http.request may call although their addresses are not public." placeholder:"HOST"`

	Buses      map[string]string `env:"TASKUROTTA_BUS" mapsep:"," help:"Buses that bus.send knows, by name; a node takes default unless told otherwise." placeholder:"NAME=URL"`
	BusReplyTo string            `env:"TASKUROTTA_BUS_REPLY_TO" help:"Where answers of buses go: a server's /api/v1/bus, as the bus reaches it." placeholder:"URL"`

	Trust string `env:"TASKUROTTA_TRUST" help:"Folder with trust stores for signatures: NAME/roots, NAME/intermediates, NAME/authorities, NAME/crls. Default: none; of dev, trust in its data." placeholder:"FOLDER"`
}

// Dev starts everything on one machine.
type Dev struct {
	Log
	Nodes
	Data         string `env:"TASKUROTTA_DATA" default:".taskurotta" help:"Folder that keeps all data."`
	Port         int    `env:"TASKUROTTA_PORT" default:"8420" help:"Port to listen on, on loopback; a free one is taken when it is in use. 0 means any free one."`
	Slots        int    `env:"TASKUROTTA_SLOTS" default:"0" help:"Tasks that the built-in worker runs at once; 0 means 512."`
	WebDev       string `help:"Origin of a Vite server that shows the web app during its development." placeholder:"URL"`
	DatabaseURL  string `env:"DATABASE_URL" help:"Use this PostgreSQL instead of an own one." placeholder:"URL"`
	RedisURL     string `env:"REDIS_URL" help:"Use this Redis instead of an own one." placeholder:"URL"`
	DemoPort     int    `env:"TASKUROTTA_DEMO_PORT" default:"8421" help:"Port of the registry that answers the examples, on loopback; a free one is taken when it is in use. 0 means any free one."`
	DemoLanguage string `env:"TASKUROTTA_DEMO_LANGUAGE" enum:"auto,en,ru" default:"auto" help:"Language in which the first start publishes the examples: en, ru, or auto: that of the system's locale."`
	NoWorker     bool   `env:"TASKUROTTA_NO_WORKER" help:"Start no worker: tasks wait until one comes."`
	Alerts
}

// AfterApply resolves the language of the examples.
func (d *Dev) AfterApply() error {
	if d.DemoLanguage != "auto" {
		return nil
	}
	d.DemoLanguage = "en"
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} { // the first that is set counts (POSIX.1-2017, 8.2)
		if locale := os.Getenv(name); locale != "" {
			if strings.HasPrefix(locale, "ru") {
				d.DemoLanguage = "ru"
			}
			break
		}
	}
	return nil
}

// Stores names the two stores that every server needs.
type Stores struct {
	DatabaseURL  string `env:"DATABASE_URL" required:"" help:"PostgreSQL 15 or newer, e.g. postgres://user:secret@host:5432/taskurotta." placeholder:"URL"`
	RedisURL     string `env:"REDIS_URL" required:"" help:"Redis 7 or Valkey, e.g. redis://:secret@host:6379/0." placeholder:"URL"`
	Installation string `env:"TASKUROTTA_INSTALLATION" default:"main" help:"Id that keeps this installation's keys in Redis apart from others."`
}

// Serve starts one server; any number may run side by side.
type Serve struct {
	Log
	Stores
	Listen       string        `env:"TASKUROTTA_LISTEN" default:"127.0.0.1:8420" help:"Address to listen on."`
	Hosts        []string      `env:"TASKUROTTA_HOSTS" help:"Names that requests may call this server, separated by commas; loopback names are always among them." placeholder:"NAME"`
	Proxies      []string      `env:"TASKUROTTA_PROXIES" help:"Addresses and networks of the proxies in front of the server: theirs is not the address of who asks, X-Forwarded-For tells it." placeholder:"NETWORK"`
	Origins      []string      `env:"TASKUROTTA_ORIGINS" help:"Origins besides the server's own that may send unsafe requests." placeholder:"ORIGIN"`
	Files        string        `env:"TASKUROTTA_FILES" default:"file:///var/lib/taskurotta/files" help:"Blob store: file:///folder or s3://bucket?region=…; shared by all servers." placeholder:"URL"`
	WorkerToken  string        `env:"TASKUROTTA_WORKER_TOKEN" help:"Secret that workers call the server with; empty: none may." placeholder:"SECRET"`
	SecretKey    string        `env:"TASKUROTTA_SECRET_KEY" help:"Keys that encrypt secrets, 32 bytes in base64 each, separated by commas: the first one encrypts, each decrypts what it did. Empty: no secret can be kept." placeholder:"SECRET"`
	MetricsToken string        `env:"TASKUROTTA_METRICS_TOKEN" help:"Lets others than loopback read /metrics." placeholder:"SECRET"`
	SecureCookie bool          `env:"TASKUROTTA_SECURE_COOKIE" help:"Send the session cookie over TLS only. Set it behind TLS."`
	FilesGrace   time.Duration `env:"TASKUROTTA_FILES_GRACE" default:"24h" help:"How long files are kept that no process has: uploads never used, what deleted processes had."`
	UploadLimit  int64         `env:"TASKUROTTA_UPLOAD_LIMIT" default:"104857600" help:"Bytes of one file."`
	Drain        time.Duration `env:"TASKUROTTA_DRAIN" default:"10s" help:"How long a stop waits for work under way."`
	Mail
	Alerts
}

// Alerts says how notices reach people and lead them back.
type Alerts struct {
	PublicURL       string `env:"TASKUROTTA_PUBLIC_URL" help:"Where people reach the product; links in notices begin with it. Default: the address it listens on." placeholder:"URL"`
	WebhooksPrivate bool   `env:"TASKUROTTA_WEBHOOKS_PRIVATE" help:"Let webhooks of alerts call loopback, private and link-local addresses."`
}

// Mail is the SMTP server that the node mail.send of a worker and the alerts of a server use.
type Mail struct {
	SMTPAddress  string `env:"TASKUROTTA_SMTP_ADDRESS" help:"Mail server, host:port; empty: nothing is mailed, mail.send fails." placeholder:"HOST:PORT"`
	SMTPUsername string `env:"TASKUROTTA_SMTP_USERNAME" help:"User of the mail server; empty: none." placeholder:"NAME"`
	SMTPPassword string `env:"TASKUROTTA_SMTP_PASSWORD" help:"Password of the mail server." placeholder:"SECRET"`
	SMTPFrom     string `env:"TASKUROTTA_SMTP_FROM" default:"taskurotta@localhost" help:"Sender of mails."`
	SMTPTLS      bool   `env:"TASKUROTTA_SMTP_TLS" negatable:"" default:"true" help:"Require STARTTLS."`
}

// Workers starts a worker, and looks at those of a running server.
type Workers struct {
	Run     Worker        `cmd:"" default:"withargs" help:"Start a worker with the built-in nodes; run may be left out."`
	Pause   WorkerPause   `cmd:"" help:"Let nothing of a node type, a pool or a definition start."`
	Resume  WorkerPause   `cmd:"" help:"End a pause."`
	Pauses  WorkerPauses  `cmd:"" help:"List what is paused."`
	Drain   WorkerDrain   `cmd:"" help:"Let a worker, or all of a pool or a host, take no more tasks, finish and end."`
	Undrain WorkerUndrain `cmd:"" help:"Let drained workers that have not left, or that stay, take tasks again."`
	Limit   WorkerLimit   `cmd:"" help:"Limit how many tasks of a node type run at once or start in a time."`
	Unlimit WorkerUnlimit `cmd:"" help:"Remove the limit of a node type."`
	Limits  WorkerLimits  `cmd:"" help:"List the limits."`
	List    WorkerList    `cmd:"" help:"List pools with their queues, and the workers of each."`
}

// Worker starts a worker with the built-in nodes.
type Worker struct {
	Log
	Mail
	Nodes
	RedisURL     string        `env:"REDIS_URL" required:"" help:"The installation's Redis." placeholder:"URL"`
	Installation string        `env:"TASKUROTTA_INSTALLATION" default:"main" help:"Id of the installation, as its servers have it."`
	ServerURL    string        `env:"TASKUROTTA_SERVER_URL" help:"A server, for files and large inputs." placeholder:"URL"`
	WorkerToken  string        `env:"TASKUROTTA_WORKER_TOKEN" help:"The servers' worker token." placeholder:"SECRET"`
	Pool         string        `env:"TASKUROTTA_POOL" default:"default" help:"Queue group to serve."`
	Slots        int           `env:"TASKUROTTA_SLOTS" default:"0" help:"Tasks at once; 0 means 512."`
	Drain        time.Duration `env:"TASKUROTTA_DRAIN" default:"10s" help:"How long a stop waits for running tasks."`
	Debug        bool          `help:"Pledge 30 minutes of silence, for breakpoints."`
}

// Migrate changes the schema.
type Migrate struct {
	Up   MigrateUp   `cmd:"" help:"Bring the database to the newest schema."`
	Down MigrateDown `cmd:"" help:"Take every migration back. All data is lost."`
}

// MigrateUp brings the database to the newest schema.
type MigrateUp struct {
	DatabaseURL string `env:"DATABASE_URL" required:"" help:"The database." placeholder:"URL"`
}

// MigrateDown empties the database.
type MigrateDown struct {
	DatabaseURL string `env:"DATABASE_URL" required:"" help:"The database." placeholder:"URL"`
	Yes         bool   `required:"" help:"Say that all data may be lost."`
}

// User manages local accounts.
type User struct {
	Add UserAdd `cmd:"" help:"Add an account; its password is read from the standard input."`
}

// UserAdd adds an account.
type UserAdd struct {
	DatabaseURL string   `env:"DATABASE_URL" required:"" help:"The database." placeholder:"URL"`
	Login       string   `arg:"" help:"Login."`
	Name        string   `help:"Name to show."`
	Roles       []string `default:"admin" help:"Roles: viewer, participant, support, analyst, developer, admin."`
}

// Token manages API tokens.
type Token struct {
	Create TokenCreate `cmd:"" help:"Make a token that acts for an account, and print its secret, which is not stored."`
}

// TokenCreate makes a token.
type TokenCreate struct {
	DatabaseURL string        `env:"DATABASE_URL" required:"" help:"The database." placeholder:"URL"`
	Login       string        `arg:"" help:"Login of the account."`
	Name        string        `arg:"" help:"What the token is for."`
	Roles       []string      `help:"Some of the account's roles; default: all of them. worker is for accounts that manage users." placeholder:"ROLE"`
	Pools       []string      `help:"Of the role worker: the pools that it is for; default: all." placeholder:"POOL"`
	ValidFor    time.Duration `help:"How long it is good for, e.g. 720h; default: until it is revoked." placeholder:"DURATION"`
}

// Bench measures the product.
type Bench struct {
	JSON    bool     `help:"Print one line of JSON only."`
	Rounds  int      `default:"3" help:"Interleaved rounds; medians are reported."`
	Only    []string `help:"Measure only these: asynq, chain10, fan20, latency, idle." enum:"asynq,chain10,fan20,latency,idle" placeholder:"PART"`
	Stored  int      `help:"Then write so many ended processes, and measure chain10 and searches among them." placeholder:"N"`
	Items   int      `help:"Measure lists of up to so many entries instead, and what they leave behind when they are stopped." placeholder:"N"`
	Profile string   `help:"Write a CPU profile of everything but PostgreSQL and Redis to this file." placeholder:"FILE"`
	Data    string   `help:"Folder for the servers' data; default: a temporary one that is removed." placeholder:"FOLDER"`
}

// BaseURL is the address that a local client uses for an address to listen on.
func BaseURL(address string) string {
	host, port, found := strings.Cut(address, ":")
	if !found || host == "" || host == "0.0.0.0" {
		host = "127.0.0.1"
	}
	return fmt.Sprintf("http://%s:%s", host, port)
}
