//go:build e2e

package page

import (
	"strings"
	"testing"

	"manifest-tool/e2e/internal/browser"
	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// TestKeyboard does everything without a mouse.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	registry := registrytest.StartOpen(t)
	name, images := putApp(t, registry)
	service := startService(t, registry.Host)
	b := browser.Start(t)
	focused := func() string {
		var what string
		b.Run(t, `const e = document.activeElement; return e.id || e.getAttribute("aria-label") || e.innerText`, &what)
		return what
	}
	b.Open(t, service+"/")
	if focused() != "image" {
		t.Errorf("the focus is at %q", focused())
	}
	b.Press(t, name+string(browser.Enter))
	waitForTitle(t, b, "6 platforms")
	if focused() != "image" {
		t.Errorf("the focus moved to %q", focused())
	}
	b.Press(t, string(browser.Tab))
	if focused() != "platform" {
		t.Errorf("next is %q", focused())
	}
	b.Press(t, "linux/arm64")
	b.Press(t, string(browser.Tab)+string(browser.Enter))
	clitest.WaitFor(t, "the selected machine is answered for", func() bool {
		return b.Text(t, ".answer .digest") == images["linux/arm64/v8"].Digest().String()
	})
	var order []string
	for range 40 {
		b.Press(t, string(browser.Tab))
		if order = append(order, focused()); strings.HasPrefix(focused(), "linux/riscv64") {
			break
		}
	}
	b.Press(t, string(browser.Enter))
	clitest.WaitFor(t, "the link of a platform works", func() bool {
		return b.Text(t, ".answer .digest") == images["linux/riscv64"].Digest().String()
	})
	if len(order) < 5 || !strings.HasPrefix(order[0], "Copy digest sha256:") {
		t.Errorf("the order of the focus is %q", order)
	}
	b.WantQuiet(t, service)
}
