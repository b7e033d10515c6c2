// Package embedded is a registry on loopback, in memory, for test-registry without
// an argument: it shows what a report looks like.
package embedded

import (
	"context"
	"fmt"
	"io"
	"log" //nolint:depguard // ggcr reports wrong digests there only
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Start starts a registry on a free port of 127.0.0.1 and returns its host and port.
// It stops when ctx ends. The error is that of the listener.
func Start(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("starting the embedded registry: %w", err)
	}
	server := &http.Server{Handler: Handler(), ErrorLog: discard(), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }() // ends with ctx
	return listener.Addr().String(), nil
}

// Handler returns a new, empty registry that logs nothing. It silences the standard
// logger of the process, since that is where ggcr reports wrong digests.
func Handler() http.Handler {
	log.SetOutput(io.Discard)
	return registry.New(registry.Logger(discard()), registry.WithReferrersSupport(true))
}

func discard() *log.Logger { return slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) }
