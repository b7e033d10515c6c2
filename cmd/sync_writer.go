package cmd

import (
	"io"
	"sync"
)

// syncWriter is a writer that many may write to at once: requests in flight tell
// of warnings, and of themselves with --debug, while others do.
type syncWriter struct {
	mu  sync.Mutex
	out io.Writer
}

func (o *syncWriter) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.out.Write(p)
}
