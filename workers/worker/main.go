package worker

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// Run is a whole worker program: it serves until SIGINT or SIGTERM, then drains; or until an
// operator has drained it, then ends with status 0. What config leaves empty is read from
// TASKUROTTA_REDIS_URL, TASKUROTTA_SERVER_URL, TASKUROTTA_WORKER_TOKEN and TASKUROTTA_INSTALLATION; the flag --debug pledges
// 30 minutes of silence. A failure to start ends the program with status 1.
func Run(config Config, nodes ...sdk.Node) {
	if err := serve(config, nodes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(config Config, nodes []sdk.Node) error {
	fill := func(field *string, variable string) {
		if *field == "" {
			*field = os.Getenv(variable)
		}
	}
	fill(&config.RedisURL, "TASKUROTTA_REDIS_URL")
	fill(&config.ServerURL, "TASKUROTTA_SERVER_URL")
	fill(&config.Token, "TASKUROTTA_WORKER_TOKEN")
	fill(&config.Installation, "TASKUROTTA_INSTALLATION")
	for _, argument := range os.Args[1:] {
		config.Debug = config.Debug || argument == "--debug"
	}
	w, err := New(config, nodes...)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := w.Start(ctx); err != nil {
		return err
	}
	w.log.Info("worker is serving", "worker_id", w.id, "slots", w.config.Slots)
	select {
	case <-ctx.Done():
	case <-w.Drained():
	}
	w.Stop()
	return nil
}
