//go:build e2e

package verify

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// layerGate holds the requests for layers until as many have come as are
// expected together.
type layerGate struct {
	mu sync.Mutex
	// groups are the layers that have to come together, in this order.
	groups [][]string
	free   chan struct{}
	late   []string
}

// pass returns when the group of a layer is complete, and notes the layer if that
// does not happen.
func (g *layerGate) pass(layer string) {
	g.mu.Lock()
	if len(g.groups) == 0 || !slices.Contains(g.groups[0], layer) {
		g.late = append(g.late, "out of turn: "+layer)
		g.mu.Unlock()
		return
	}
	g.groups[0] = slices.DeleteFunc(slices.Clone(g.groups[0]), func(s string) bool { return s == layer })
	free := g.free
	if len(g.groups[0]) == 0 {
		g.groups, g.free = g.groups[1:], make(chan struct{})
		close(free)
	}
	g.mu.Unlock()
	select {
	case <-free:
	case <-time.After(20 * time.Second):
		g.mu.Lock()
		g.late = append(g.late, "alone: "+layer)
		g.mu.Unlock()
	}
}

// TestVerifyReadsLayersConcurrently has an image whose program is in its lowest
// layer, and a registry that sends no layer before those have been requested
// that are read together.
func TestVerifyReadsLayersConcurrently(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	app := string(fixture.CompileProgram(t, "linux/amd64"))
	layers := []fixture.Files{{"opt/app": app, "usr/bin/app": app}, {"a": "1"}, {"b": "2"}, {"c": "3"}}
	for name, tt := range map[string]struct {
		command string
		flags   []string
		groups  [][]int
	}{
		"every layer":         {"/opt/app", []string{"--binaries", "all"}, [][]int{{0, 1, 2, 3}}},
		"every byte":          {"/opt/app", []string{"--deep"}, [][]int{{0, 1, 2, 3}}},
		"a name searched":     {"app", nil, [][]int{{3}, {0, 1, 2}}},
		"no more than needed": {"/opt/app", nil, [][]int{{3}, {2}, {1}, {0}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			image := fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", tt.command), layers...)
			repo := "app" + strings.ReplaceAll(name, " ", "")
			open.Put(t, repo, "1", image)
			gate := &layerGate{free: make(chan struct{})}
			for _, group := range tt.groups {
				var digests []string
				for _, i := range group {
					digests = append(digests, fixture.DescriptorOf("", image.Blobs[i]).Digest.String())
				}
				gate.groups = append(gate.groups, digests)
			}
			config := fixture.DescriptorOf("", image.Blobs[len(layers)]).Digest.String()
			g, _ := open.BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
				if _, layer, ok := strings.Cut(r.URL.Path, "/blobs/"); ok && layer != config && r.Method == http.MethodGet {
					gate.pass(layer)
				}
				return false
			})
			v := clitest.Session{}.Verify(t, 0, append(tt.flags, g.Host+"/"+repo+":1")...)
			if len(gate.late) > 0 || len(gate.groups) > 0 {
				t.Errorf("%s; left %v; %v", fmt.Sprint(gate.late), gate.groups, v.Codes())
			}
		})
	}
}
