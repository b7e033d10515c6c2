package cmd

import (
	"io"
	"sync"
)

// syncWriter is a writer for concurrent use: requests in flight write warnings and,
// with --debug, log lines.
type syncWriter struct {
	mu  sync.Mutex
	out io.Writer
}

func (o *syncWriter) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.out.Write(p)
}
