//go:build e2e

package browser

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// ScreenshotsEnv is the environment variable with the directory into which
// screenshots are written; without it there are none.
const ScreenshotsEnv = "MANIFEST_TOOL_E2E_SCREENSHOTS"

// Screen is what a page is shown on.
type Screen struct {
	Name  string
	Width int
	Dark  bool
}

// Screens are a phone and a desktop, light and dark.
func Screens() []Screen {
	return []Screen{{"phone-light", 360, false}, {"phone-dark", 360, true}, {"desktop-light", 1280, false}, {"desktop-dark", 1280, true}}
}

// Show shows the page on a screen.
func (b *Browser) Show(t *testing.T, s Screen) {
	t.Helper()
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	b.DevTools(t, "Emulation.setDeviceMetricsOverride", map[string]any{"width": s.Width, "height": 900, "deviceScaleFactor": 1, "mobile": s.Width < 500})
	b.DevTools(t, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
}

// Screenshot writes the whole page as NAME.png if ScreenshotsEnv is set.
func (b *Browser) Screenshot(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv(ScreenshotsEnv)
	if dir == "" {
		return
	}
	var picture struct {
		Data string `json:"data"`
	}
	b.send(t, http.MethodPost, "/goog/cdp/execute", map[string]any{"cmd": "Page.captureScreenshot", "params": map[string]any{"captureBeyondViewport": true}}, &picture)
	raw, err := base64.StdEncoding.DecodeString(picture.Data)
	clitest.Must(t, err)
	clitest.Must(t, os.WriteFile(filepath.Join(dir, name+".png"), raw, 0o600))
}
