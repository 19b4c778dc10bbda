// Command taskurotta is the whole product: `taskurotta --help` lists what it does.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
)

// version is set by the build.
var version = "dev"

func main() {
	documentinspect.RunChild()
	tuneMemory()
	var cli config.CLI
	command := kong.Parse(&cli, kong.Name("taskurotta"), kong.Description("A visual workflow platform in one binary."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, command.Command(), &cli)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "taskurotta:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, command string, cli *config.CLI) error {
	switch command {
	case "dev":
		return runDev(ctx, cli.Dev)
	case "serve":
		return runServe(ctx, cli.Serve)
	case "worker":
		return runWorker(ctx, cli.Worker)
	case "migrate up":
		return migrateUp(ctx, cli.Migrate.Up, os.Stdout)
	case "migrate down":
		return migrateDown(ctx, cli.Migrate.Down)
	case "user add <login>":
		return addUser(ctx, cli.User.Add, os.Stdin, os.Stdout)
	case "token create <login> <name>":
		return createToken(ctx, cli.Token.Create, os.Stdout)
	case "bench":
		return runBench(ctx, cli.Bench)
	default:
		fmt.Println(version)
		return nil
	}
}
