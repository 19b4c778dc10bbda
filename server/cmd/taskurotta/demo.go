package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/server/demo/registry"
)

func runDemoBus(ctx context.Context, c config.DemoBus, out io.Writer) error {
	var faults *registry.Faults
	if len(c.Faults) > 0 {
		faults = new(registry.DefaultFaults())
		for _, name := range slices.Sorted(maps.Keys(c.Faults)) {
			if err := faults.Set(name, c.Faults[name]); err != nil {
				return err
			}
		}
	}
	r, err := registry.New(ctx, registry.Config{
		DatabaseURL: c.DatabaseURL, Schema: c.Schema, Listen: c.Listen, Server: strings.TrimRight(c.Server, "/") + "/api/v1/bus", Token: c.Token,
		Faults: faults, Paper: paper.New(c.Seed), Log: c.Logger(os.Stderr),
	})
	if err != nil {
		return err
	}
	defer r.Stop()
	if err := r.Start(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, r.URL()); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func writeDemoData(c config.DemoData, out io.Writer) error {
	if c.Count < 0 || c.Count > 100_000 {
		return fmt.Errorf("--count is from 0 to 100000")
	}
	if err := paper.New(c.Seed).WriteAll(c.Out, c.Count); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d applications written to %s\n", c.Count, c.Out)
	return err
}
