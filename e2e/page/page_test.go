//go:build e2e

package page

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"manifest-tool/e2e/internal/browser"
	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// waitForTitle waits until the page has a title that contains a text.
func waitForTitle(t *testing.T, b *browser.Browser, text string) {
	t.Helper()
	clitest.WaitFor(t, "the title contains "+text, func() bool {
		var title string
		b.Run(t, "return document.title", &title)
		return strings.Contains(title, text)
	})
}

// TestSearch searches, selects another machine, copies a digest, and returns.
func TestSearch(t *testing.T) {
	t.Parallel()
	registry := registrytest.StartOpen(t)
	name, images := putApp(t, registry)
	service := startService(t, registry.Host)
	b := browser.Start(t)

	b.Open(t, service+"/")
	b.Fill(t, "#image", name)
	b.Click(t, "button[type=submit]")
	waitForTitle(t, b, name+": 6 platforms")
	if status := b.Text(t, "#status"); !strings.Contains(status, "6 platforms") {
		t.Errorf("screen readers are not informed: %q", status)
	}
	if got := b.Text(t, ".answer .digest"); got != images["linux/amd64"].Digest().String() {
		t.Errorf("this machine pulls %s", got)
	}
	if got := b.Text(t, ".card.chosen"); !strings.Contains(got, "linux/amd64") || !strings.Contains(got, "1.0 MB") {
		t.Errorf("the chosen platform is %q", got)
	}
	if u := b.URL(t); u != service+"/?image="+url.QueryEscape(name) {
		t.Errorf("the address is %s", u)
	}

	b.Click(t, "summary")
	clitest.WaitFor(t, "the badges are shown", func() bool {
		var shown bool
		b.Run(t, `return [...document.querySelectorAll(".badge img")].every(badge => badge.complete && badge.naturalWidth > 50)`, &shown)
		return shown
	})

	b.Run(t, `document.getElementById("platform").value = "linux/arm/v7"`, nil)
	b.Click(t, "button[type=submit]")
	clitest.WaitFor(t, "the other machine is answered for", func() bool {
		return b.Text(t, ".answer .digest") == images["linux/arm/v7"].Digest().String()
	})
	b.Click(t, ".answer .digest + .copy")
	clitest.WaitFor(t, "the digest is copied", func() bool { return strings.HasPrefix(b.Text(t, "#status"), "Copied sha256:") })
	b.Fill(t, "#image", "")
	b.Click(t, "#image")
	b.Hold(t, browser.Control, 'v')
	var pasted string
	b.Run(t, `return document.getElementById("image").value`, &pasted)
	if pasted != images["linux/arm/v7"].Digest().String() {
		t.Errorf("the clipboard has %q", pasted)
	}

	b.Back(t)
	clitest.WaitFor(t, "the first answer is shown again", func() bool {
		return b.Text(t, ".answer .digest") == images["linux/amd64"].Digest().String()
	})
	b.Back(t)
	waitForTitle(t, b, "Image platforms")
	b.WantQuiet(t, service)
}

// TestDeepLink opens addresses of results, with and without JavaScript.
func TestDeepLink(t *testing.T) {
	t.Parallel()
	registry := registrytest.StartOpen(t)
	name, images := putApp(t, registry)
	service := startService(t, registry.Host)
	b := browser.Start(t)
	for _, disabled := range []bool{false, true} {
		b.DevTools(t, "Emulation.setScriptExecutionDisabled", map[string]any{"value": disabled})
		for platform, want := range map[string]string{
			"linux/arm64":              images["linux/arm64/v8"].Digest().String(),
			"linux/arm/v6":             "",
			"linux/riscv64":            images["linux/riscv64"].Digest().String(),
			"windows/amd64:10.0.20348": images["windows/amd64:10.0.20348.2582"].Digest().String(),
		} {
			b.Open(t, service+"/?image="+name+"&platform="+platform)
			if got := b.Text(t, ".answer .digest"); got != want {
				t.Errorf("%s pulls %q, want %q", platform, got, want)
			}
			if text := b.Text(t, ".answer"); want == "" && !strings.Contains(text, "no image fits linux/arm/v6") {
				t.Errorf("%s: %s", platform, text)
			}
		}
	}
	b.Click(t, ".grid .card:nth-child(3) a")
	if got := b.Text(t, ".answer .digest"); got != images["linux/arm/v7"].Digest().String() {
		t.Errorf("the link of a platform leads to %s", got)
	}
	b.Fill(t, "#image", name+"@"+"sha256:1")
	b.Click(t, "button[type=submit]")
	if text := b.Text(t, ".problem"); !strings.Contains(text, "sha256") {
		t.Errorf("%q", text)
	}
}

// TestErrors shows what fails, in place and as an address.
func TestErrors(t *testing.T) {
	t.Parallel()
	var isDown atomic.Bool
	registry, _ := registrytest.StartOpen(t).BehindProxy(t, func(w http.ResponseWriter, r *http.Request) bool {
		return isDown.Load() && registrytest.Refuse(http.StatusTooManyRequests, "Retry-After", "120")(w, r)
	})
	service := startService(t, registry.Host)
	b := browser.Start(t)
	for _, tt := range []struct{ image, title, message string }{
		{registry.Host + "/team/none:1", "not found", "team/none:1"},
		{registry.Host + "/../etc", "not a valid question", "etc"},
		{"<b onclick=alert(1)>", "not a valid question", "onclick"},
		{"127.0.0.1:1/team/app", "no answer at the moment", "127.0.0.1:1"},
	} {
		b.Open(t, service+"/")
		b.Fill(t, "#image", tt.image)
		b.Click(t, "button[type=submit]")
		waitForTitle(t, b, tt.title)
		if got := b.Text(t, "[role=alert]"); !strings.Contains(got, tt.message) {
			t.Errorf("%s: %q", tt.image, got)
		}
		b.Open(t, b.URL(t))
		if got := b.Text(t, "[role=alert]"); !strings.Contains(got, tt.message) {
			t.Errorf("%s as an address: %q", tt.image, got)
		}
	}
	isDown.Store(true)
	b.Open(t, service+"/?image="+registry.Host+"/team/app:2")
	if got := b.Text(t, "[role=alert]"); !strings.Contains(got, "seconds") {
		t.Errorf("the time to wait is not shown: %q", got)
	}
	b.WantQuiet(t, service, service+"/?image=")
}

// exhaust takes all that a service grants to clients on this machine, until the test ends.
func exhaust(t *testing.T, service string) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for t.Context().Err() == nil {
			if resp, err := http.Get(service + "/v1/images/NO%20IMAGE"); err == nil { //nolint:noctx // it is answered at once
				_ = resp.Body.Close()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	t.Cleanup(func() { <-done })
}

// TestTooManyRequests searches until the service refuses to answer, which it does unless
// the page gets the one request of a second.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	service := clitest.Session{}.Serve(t, "--rate", "1").URL
	b := browser.Start(t)
	b.Open(t, service+"/")
	exhaust(t, service)
	clitest.WaitFor(t, "the page reports too many requests", func() bool {
		b.Fill(t, "#image", "NO IMAGE")
		b.Click(t, "button[type=submit]")
		clitest.WaitFor(t, "an answer", func() bool { return !strings.Contains(b.Text(t, "#status"), "Asking") })
		return strings.Contains(b.Text(t, "#status"), "too many requests")
	})
	if text := b.Text(t, "#result"); text != "" {
		t.Errorf("another answer is still shown: %s", text)
	}
	b.WantQuiet(t, service, service+"/?image=")
}

// TestGuess has a browser on an ARM machine, whose user agent does not say so.
func TestGuess(t *testing.T) {
	t.Parallel()
	registry := registrytest.StartOpen(t)
	name, images := putApp(t, registry)
	service := startService(t, registry.Host)
	b := browser.Start(t)
	b.DevTools(t, "Emulation.setUserAgentOverride", map[string]any{
		"userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
		"userAgentMetadata": map[string]any{
			"platform": "Linux", "platformVersion": "6.1", "architecture": "arm", "bitness": "64", "model": "", "mobile": false,
		},
	})
	b.Open(t, service+"/?image="+name)
	if got := b.Text(t, ".answer .digest"); got != images["linux/arm64/v8"].Digest().String() {
		t.Errorf("the first answer is for %q: %s", b.Text(t, "#platform option"), got)
	}
	b.WantQuiet(t, service)
}
