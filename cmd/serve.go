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

	"manifest-tool/internal/server"
	"manifest-tool/internal/server/cache"
)

type serveOptions struct {
	*session

	listen string
}

func newServe(s *session) *cobra.Command {
	o := &serveOptions{session: s}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer over HTTP which platforms images have",
		Long: `Answer over HTTP which platforms images have.

The service reads from registries, anonymously, and remembers what it read. It runs
until it is interrupted.`,
		Example: `  manifest-tool serve
  manifest-tool serve --listen :8080`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	c.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` to listen at, HOST:PORT")
	return c
}

// drainLimit is how long requests in progress may take after the end.
const drainLimit = 10 * time.Second

func (o *serveOptions) run(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listening at %s: %w", o.listen, err)
	}
	handler, err := o.handler()
	if err != nil {
		return err
	}
	s := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: time.Minute}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainLimit)
		defer cancel()
		stopped <- s.Shutdown(ending)
	})
	o.notices.Note("note", "listening at http://"+listener.Addr().String())
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func (o *serveOptions) handler() (http.Handler, error) {
	opened, err := o.openStore(nil)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewJSONHandler(o.Err, nil))
	return server.New(server.Options{
		Cache: cache.New(cache.Options{Upstream: opened, Storage: cache.NewMemory(128<<20, o.Now), Now: o.Now}),
		Log:   log, Now: o.Now, Timeout: 45 * time.Second,
	}), nil
}
