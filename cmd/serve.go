package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"manifest-tool/internal/config"
	"manifest-tool/internal/server"
)

type serveOptions struct{ *session }

func newServe(s *session) *cobra.Command {
	o := &serveOptions{s}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer over HTTP which platforms images have",
		Long: `Answer over HTTP which platforms images have.

The service reads from registries, anonymously unless a repository is listed with
--repository, and remembers what it read. It connects to public addresses only;
--allow-registry names registries inside of a network. /openapi.json describes
its addresses, among them /v1/images/REF, /badge/REF.svg and /mquery?image=REF.

Each request is a line of JSON on standard error. --timeout is the time for one
request. SIGTERM and SIGINT end the service once the requests in progress are
answered.`,
		Example: `  manifest-tool serve
  manifest-tool serve --listen :8080`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	addServeFlags(c.Flags())
	return c
}

// addServeFlags adds the flags that are settings of serve.
func addServeFlags(flags *pflag.FlagSet) {
	flags.Var(&settingValue{"127.0.0.1:8080", config.Setting{Kind: config.Address}}, "listen", "`address` to listen at, HOST:PORT or :PORT")
	flags.StringArray("host", nil, "`name` by which clients may call the service, repeatable (default: those of this machine if it listens at a loopback address, else all)")
	flags.StringArray("allow-registry", nil, "`registry` that may have an address that is not public, HOST or HOST:PORT, repeatable")
	flags.StringArray("repository", nil, "`repository`, with all below it, or registry that is read with the stored logins, repeatable; all others are read anonymously")
	flags.StringArray("trusted-proxy", nil, "`address` or CIDR block of a proxy whose X-Forwarded-For is believed, repeatable")
	flags.Var(&settingValue{"10", config.Setting{Kind: config.KindInt}}, "rate", "requests of one client in a second, on average over ten seconds; 0 means no limit")
	flags.Var(&settingValue{"2000", config.Setting{Kind: config.KindInt}}, "max-requests", "requests that are answered at the same time; 0 means no limit")
	addCacheFlags(flags)
}

// drainLimit is how long requests in progress may take after the end.
const drainLimit = 10 * time.Second

// maxConnections limits the connections of clients: half of the descriptors that a
// process commonly may have.
const maxConnections = 8192

func (o *serveOptions) run(ctx context.Context) error {
	handler, err := o.handler(ctx)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.settings.Serve.Listen)
	if err != nil {
		return fmt.Errorf("listening at %s: %w", o.settings.Serve.Listen, err)
	}
	s := &http.Server{
		Handler: handler, ErrorLog: slog.NewLogLogger(handler.Log.Handler(), slog.LevelWarn), MaxHeaderBytes: 16 << 10,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: handler.Timeout + 15*time.Second, IdleTimeout: time.Minute,
	}
	server.LimitConnections(s, maxConnections)
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		handler.Drain()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
		defer cancel()
		stopped <- s.Shutdown(ending)
	})
	handler.Log.Info("listening", "url", "http://"+listener.Addr().String())
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	if err := <-stopped; err != nil {
		handler.Log.Warn("requests were not finished", "error", err.Error())
		return s.Close()
	}
	return nil
}
