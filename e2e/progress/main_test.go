//go:build e2e

// Package progress has tests of what push and verify show while they copy and read
// blobs, on terminals and in pipes.
package progress

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

func TestMain(m *testing.M) { clitest.Main(m) }

// The image has three layers of layerSize bytes, and its registry sends rate bytes of
// each in a second, or heldRate bytes.
const (
	layerSize = 600_000 // half of it compressed
	rate      = 300_000
	heldRate  = 15_000
)

// slowImage puts an image into a registry and returns its name at a slow proxy: a copy
// takes a second or two.
func slowImage(t *testing.T) string {
	t.Helper()
	return imageAt(t, rate, nil)
}

// heldImage is a slowImage that takes twenty seconds, or until release is called.
func heldImage(t *testing.T) (name string, release func()) {
	t.Helper()
	released := make(chan struct{})
	return imageAt(t, heldRate, released), func() { close(released) }
}

// imageAt puts an image into a registry and returns its name at a proxy that sends so many
// bytes of each layer in a second until it is released.
func imageAt(t *testing.T, perSecond int, released <-chan struct{}) string {
	t.Helper()
	open := registrytest.StartOpen(t)
	layer := func(path string) fixture.Files {
		content := make([]byte, layerSize/2)
		_, _ = rand.Read(content) // it never fails
		return fixture.Files{path + fixture.NotExecutable: hex.EncodeToString(content)}
	}
	open.Put(t, "team/app", "1.0", fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/missing"), layer("a"), layer("b"), layer("c")))
	proxy := (&registrytest.RecordingProxy{Backend: open, Rewrite: func(resp *http.Response) {
		if resp.ContentLength > layerSize/4 {
			resp.Body = slowBody{resp.Body, perSecond, released}
		}
	}}).Open(t)
	return proxy.Host + "/team/app:1.0"
}

// slowBody limits the rate of a response until it is released.
type slowBody struct {
	io.ReadCloser
	perSecond int
	released  <-chan struct{}
}

func (b slowBody) Read(p []byte) (int, error) {
	const interval = 20 * time.Millisecond
	select {
	case <-b.released:
		return b.ReadCloser.Read(p)
	case <-time.After(interval):
		return b.ReadCloser.Read(p[:min(len(p), b.perSecond*int(interval)/int(time.Second))])
	}
}

// specOf writes a spec that pushes an image to a new registry.
func specOf(t *testing.T, image string) string {
	t.Helper()
	return clitest.WriteSpec(t, registrytest.StartOpen(t).Host, "image: REGISTRY/app:1.0\nmanifests: [{image: '"+image+"'}]\n")
}

// wantNone fails the test if a text has bars or control sequences.
func wantNone(t *testing.T, text string) {
	t.Helper()
	if strings.ContainsAny(text, "█░\x1b") {
		t.Errorf("it shows bars, or control sequences: %q", text)
	}
}
