//go:build e2e

package page

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"manifest-tool/e2e/internal/browser"
	"manifest-tool/e2e/internal/registrytest"
)

// TestLook checks the page for accessibility, and that it fits, in every state on
// every screen.
func TestLook(t *testing.T) {
	t.Parallel()
	var isDown atomic.Bool
	registry, _ := registrytest.StartOpen(t).BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		return isDown.Load() && registrytest.Refuse(http.StatusBadGateway)(w, r)
	})
	name, _ := putApp(t, registry)
	service := startService(t, registry.Host)
	b := browser.Start(t)
	look := func(state, address string) {
		t.Helper()
		for _, screen := range browser.Screens() {
			b.Show(t, screen)
			b.Open(t, service+address)
			b.Run(t, `for (const part of document.querySelectorAll("details")) part.open = true`, nil)
			wantFits(t, b)
			b.WantAccessible(t)
			b.Screenshot(t, state+"-"+screen.Name)
		}
	}
	result := "/?image=" + name
	look("start", "/")
	look("result", result)
	look("none", result+"&platform=linux/386")
	look("error", "/?image="+registry.Host+"/none")
	b.WantQuiet(t, service, service+"/?image="+registry.Host+"/none")

	isDown.Store(true)
	for deadline := time.Now().Add(untilStale); b.Text(t, ".stale") == "" && time.Now().Before(deadline); time.Sleep(time.Second) {
		b.Open(t, service+result)
	}
	if got := b.Text(t, ".stale"); !strings.Contains(got, "502") {
		t.Errorf("the page does not report that the registry is down: %q", got)
	}
	look("stale", result)
	b.WantQuiet(t, service)
}

// untilStale is longer than serve uses what it read of a tag.
const untilStale = 90 * time.Second

// wantFits fails the test if a page is wider than its screen.
func wantFits(t *testing.T, b *browser.Browser) {
	t.Helper()
	var wide []string
	b.Run(t, `const width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= width) return [];
		return [...document.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > width).map(e => e.outerHTML.slice(0, 100))`, &wide)
	for _, e := range wide {
		t.Errorf("wider than the screen: %s", e)
	}
}
