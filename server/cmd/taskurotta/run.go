package main

import (
	"context"
	"fmt"
	"os"

	"github.com/taskurotta/taskurotta-go/server/alert"
	"github.com/taskurotta/taskurotta-go/server/app"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/workers/node/mailsend"
	"github.com/taskurotta/taskurotta-go/workers/worker"
)

func runDev(ctx context.Context, c config.Dev) error {
	dev, err := app.NewDev(ctx, c, version, c.Logger(os.Stderr))
	if err != nil {
		return err
	}
	defer dev.Stop()
	if err := dev.Start(ctx); err != nil {
		return err
	}
	url, err := dev.SignInURL(ctx)
	if err != nil {
		return err
	}
	fmt.Println(url)
	<-ctx.Done()
	return nil
}

func runServe(ctx context.Context, c config.Serve) error {
	server, err := app.NewServer(ctx, app.ServerConfig{
		Mode: "serve", Version: version, DatabaseURL: c.DatabaseURL, RedisURL: c.RedisURL, Installation: c.Installation, Listen: c.Listen,
		Hosts: c.Hosts, Proxies: c.Proxies, Origins: c.Origins, Files: c.Files, FilesGrace: c.FilesGrace, WorkerToken: c.WorkerToken, SecretKey: c.SecretKey, MetricsToken: c.MetricsToken,
		SecureCookie: c.SecureCookie, UploadLimit: c.UploadLimit, Log: c.Logger(os.Stderr), PublicURL: c.PublicURL, PrivateHooks: c.WebhooksPrivate,
		SMTP: alert.Mail{Address: c.SMTPAddress, Username: c.SMTPUsername, Password: c.SMTPPassword, From: c.SMTPFrom, TLS: c.SMTPTLS},
	})
	if err != nil {
		return err
	}
	defer server.Stop()
	if err := server.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func runWorker(ctx context.Context, c config.Worker) error {
	nodes := app.NodeConfig{
		Mail: mailsend.Config{Address: c.SMTPAddress, Username: c.SMTPUsername, Password: c.SMTPPassword, From: c.SMTPFrom, TLS: c.SMTPTLS},
	}
	nodes.Set(c.Nodes)
	hosted, err := app.Nodes(nodes)
	if err != nil {
		return err
	}
	w, err := worker.New(worker.Config{
		Pool: c.Pool, RedisURL: c.RedisURL, Installation: c.Installation, ServerURL: c.ServerURL, Token: c.WorkerToken, Slots: c.Slots,
		Grace: c.Drain, Debug: c.Debug, Version: version, Log: c.Logger(os.Stderr),
	}, hosted...)
	if err != nil {
		return err
	}
	if err := w.Start(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-w.Drained():
	}
	w.Stop()
	return nil
}
