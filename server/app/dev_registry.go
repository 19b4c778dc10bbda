package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/taskurotta/taskurotta-go/server/auth"
	"github.com/taskurotta/taskurotta-go/server/demo"
	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/server/demo/registry"
)

// registryBus is the bus that the examples send to.
const registryBus = "registry"

// makeRegistry makes the registry of the examples and tells the worker of it, unless it knows one already.
func (d *Dev) makeRegistry(ctx context.Context, databaseURL, server string, nodes *NodeConfig) error {
	text, err := kept(filepath.Join(d.folder, demo.SeedFile), func() string { return strconv.FormatUint(uint64(rand.Uint32()), 10) })
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return fmt.Errorf("the seed in %s is no number: %w", demo.SeedFile, err)
	}
	d.Paper = paper.New(seed)
	if nodes.Bus.Buses[registryBus] != "" {
		return nil
	}
	bus := "http://" + server + "/api/v1/bus"
	made := registry.Config{DatabaseURL: databaseURL, Listen: net.JoinHostPort("127.0.0.1", strconv.Itoa(d.config.DemoPort)), Server: bus, Paper: d.Paper, Log: d.log}
	made.Russian = demo.Language(d.config.DemoLanguage) == demo.Russian
	d.Registry, err = registry.New(ctx, made)
	if errors.Is(err, syscall.EADDRINUSE) {
		made.Listen = "127.0.0.1:0"
		d.Registry, err = registry.New(ctx, made)
	}
	if err != nil {
		return err
	}
	buses := map[string]string{registryBus: d.Registry.BusURL()}
	for name, address := range nodes.Bus.Buses {
		buses[name] = address
	}
	nodes.Bus.Buses = buses
	if nodes.Bus.ReplyTo == "" {
		nodes.Bus.ReplyTo = bus
	}
	return nil
}

// StartRegistry starts the registry of the examples with a token of its own, and lets the worker trust its papers in a store named demo.
func (d *Dev) StartRegistry(ctx context.Context) error {
	if d.config.Trust == "" {
		if err := d.Paper.WriteTrust(filepath.Join(d.folder, "trust", "demo")); err != nil {
			return fmt.Errorf("write the trust store of the examples: %w", err)
		}
	}
	if d.Registry == nil {
		return nil
	}
	token, err := d.registryToken(ctx)
	if err != nil {
		return err
	}
	d.Registry.SetToken(token)
	if err := d.Registry.Start(ctx); err != nil {
		return err
	}
	d.log.InfoContext(ctx, "the registry of the examples answers", "page", d.Registry.URL())
	return nil
}

// registryToken returns the kept token when it still holds, else a new one.
func (d *Dev) registryToken(ctx context.Context) (string, error) {
	var failed error
	fresh := func() string {
		account, err := d.Server.Auth.EnsureAccount(ctx, "registry", "Registry of the examples", []auth.Role{auth.Support})
		if err != nil {
			failed = err
			return ""
		}
		owner := auth.Identity{UserID: account.ID, Login: account.Login, Roles: account.Roles, Permissions: auth.PermissionsOf(account.Roles)}
		_, secret, err := d.Server.Auth.CreateToken(ctx, auth.NewToken{Owner: owner, Name: "bus"})
		failed = err
		return secret
	}
	file := filepath.Join(d.folder, demo.TokenFile)
	token, err := kept(file, fresh)
	if err == nil && failed == nil {
		if _, known := d.Server.Auth.TokenIdentity(ctx, token); known == nil {
			return token, nil
		}
		token, err = replaced(file, fresh())
	}
	if failed != nil {
		err = failed
	}
	if err != nil {
		return "", fmt.Errorf("make a token for the registry: %w", err)
	}
	return token, nil
}
