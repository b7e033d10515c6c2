//go:build e2e

package browser

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
)

// maxStarts is how often a browser is started until it runs. Its driver ends if another
// process took its port meanwhile, and on a busy machine Chromium may end while it starts.
const maxStarts = 3

// Start starts a browser, which ends with the test.
func Start(t *testing.T) *Browser {
	t.Helper()
	chromium, driver := clitest.FindTool(t, "chromium"), clitest.FindTool(t, "chromedriver")
	for starts := 1; ; starts++ {
		b, err := start(t, chromium, driver)
		if err == nil {
			t.Cleanup(func() { b.send(t, http.MethodDelete, "", nil, nil) })
			return b
		}
		if starts == maxStarts {
			t.Fatal(err)
		}
		t.Log(err)
	}
}

// start starts a driver, and the browser with it. The error contains what the driver
// wrote.
func start(t *testing.T, chromium, driver string) (*Browser, error) {
	t.Helper()
	url, daemon, err := startDriver(t, driver)
	if err != nil {
		return nil, err
	}
	// The sandbox of Chromium does not run as root, as which CI runs in a container.
	options := map[string]any{"binary": chromium, "args": []string{"--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"}}
	var session struct {
		ID string `json:"sessionId"`
	}
	// The driver itself waits for Chromium for a minute, and says then what is wrong.
	err = (&Browser{url}).request(t, 2*clitest.StartLimit, http.MethodPost, "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"goog:chromeOptions": options, "goog:loggingPrefs": map[string]string{"browser": "ALL", "performance": "ALL"},
	}}}, &session)
	if err != nil {
		daemon.Kill()
		return nil, fmt.Errorf("%w\n%s", err, daemon.Output())
	}
	return &Browser{url + "/session/" + session.ID}, nil
}

// startDriver starts chromedriver and returns its URL. With --port=0 it would select a port
// that is free for IPv6 and end if it is not for IPv4.
func startDriver(t *testing.T, path string) (string, *clitest.Daemon, error) {
	t.Helper()
	port := clitest.FreePort(t)
	cmd := exec.Command(path, "--port="+port)
	// Chromium has sockets in its temporary directory, and their paths may have 108 bytes.
	dir, err := os.MkdirTemp("", "mt")
	clitest.Must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a browser that is ending may still write to it
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + dir}
	daemon, err := clitest.StartDaemon(t, cmd, func(output string) bool { return strings.Contains(output, "started successfully") })
	return "http://127.0.0.1:" + port, daemon, err
}
