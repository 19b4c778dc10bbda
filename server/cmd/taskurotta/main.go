// Command taskurotta is the whole product: `taskurotta --help` lists what it does.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
)

// version is set by the build.
var version = "dev"

func main() {
	documentinspect.RunChild()
	tuneMemory()
	var flags config.CLI
	parser := kong.Must(&flags, kong.Name("taskurotta"), kong.Description("A visual workflow platform in one binary."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	chosen, err := parser.Parse(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "taskurotta: %v; see %s --help\n", err, pathOf(err))
		os.Exit(int(cli.Usage))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err = run(ctx, chosen, &flags)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "taskurotta:", err)
		os.Exit(int(cli.ExitOf(err)))
	}
}

// pathOf is the command that could not be parsed, as far as it is known.
func pathOf(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		return wrong.Context.Selected().FullPath()
	}
	return "taskurotta"
}

func run(ctx context.Context, chosen *kong.Context, flags *config.CLI) error {
	command := chosen.Command()
	if cli.Known(command) {
		return cli.Run(ctx, command, flags, cli.Console())
	}
	switch command {
	case "dev":
		return runDev(ctx, flags.Dev)
	case "serve":
		return runServe(ctx, flags.Serve)
	case "worker run":
		return runWorker(ctx, flags.Worker.Run)
	case "migrate up":
		return migrateUp(ctx, flags.Migrate.Up, os.Stdout)
	case "migrate down":
		return migrateDown(ctx, flags.Migrate.Down)
	case "user add <login>":
		return addUser(ctx, flags.User.Add, os.Stdin, os.Stdout)
	case "token create <login> <name>":
		return createToken(ctx, flags.Token.Create, os.Stdout)
	case "demo bus":
		return runDemoBus(ctx, flags.Demo.Bus, os.Stdout)
	case "demo data":
		return writeDemoData(flags.Demo.Data, os.Stdout)
	case "bench":
		return runBench(ctx, flags.Bench)
	case "completion <shell>":
		return cli.Completion(os.Stdout, flags.Completion.Shell, chosen.Model)
	default:
		fmt.Println(version)
		return nil
	}
}
