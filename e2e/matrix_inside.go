//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"manifest-tool/cmd"
	"manifest-tool/internal/store/transport"
)

// insideLimit is how long a run within this process may take. Waits between
// tries take no time there.
const insideLimit = time.Minute

// inside is a run of the product within this process, where the time between
// tries does not pass. It is told everything by value, as the binary is.
type inside struct {
	args []string
	home string
	pace transport.Timing
	// onWait is called for every wait; it may be nil.
	onWait func()
}

// insideResult is what such a run left.
type insideResult struct {
	result
	took time.Duration
	// longest is the longest wait that was asked for.
	longest time.Duration
}

// run runs the command line to its end.
func (i inside) run() insideResult {
	var stdout, stderr bytes.Buffer
	var longest atomic.Int64
	i.pace.Wait = func(ctx context.Context, d time.Duration) error {
		longest.Store(max(longest.Load(), int64(d)))
		if i.onWait != nil {
			i.onWait()
		}
		return context.Cause(ctx)
	}
	start := time.Now()
	code := cmd.Main(i.args, cmd.Deps{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr,
		Getenv: func(string) string { return "" }, Home: i.home,
		ProgramName: "manifest-tool", Version: builtVersion, Commit: builtCommit, Timing: i.pace,
	})
	return insideResult{
		result:  result{stdout: stdout.String(), stderr: stderr.String(), code: code},
		took:    time.Since(start),
		longest: time.Duration(longest.Load()),
	}
}

// homeWithSecrets is a home folder whose Docker config has the password for the
// hosts.
func homeWithSecrets(t *testing.T, hosts ...string) string {
	t.Helper()
	entry := map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(userName + ":" + canaryPassword))}
	auths := map[string]map[string]string{}
	for _, host := range hosts {
		auths[host] = entry
	}
	raw, err := json.Marshal(map[string]any{"auths": auths})
	must(t, err)
	home := t.TempDir()
	must(t, os.Mkdir(filepath.Join(home, ".docker"), 0o700))
	must(t, os.WriteFile(filepath.Join(home, ".docker", "config.json"), raw, 0o600))
	return home
}

// violations says what no run may do, whatever it met: show a secret, talk
// to a host that nobody named, wait without end.
func violations(r insideResult, hosts ...string) []string {
	var troubles []string
	for _, secret := range []string{canaryPassword, canaryToken, base64.StdEncoding.EncodeToString([]byte(userName + ":" + canaryPassword))} {
		if strings.Contains(r.stdout+r.stderr, secret) {
			troubles = append(troubles, "it shows the secret "+secret)
		}
	}
	for _, found := range regexp.MustCompile(`url="?https?://([^/"\s]+)`).FindAllStringSubmatch(r.stderr, -1) {
		if !strings.Contains(strings.Join(hosts, " "), found[1]) {
			troubles = append(troubles, "it talked to "+found[1])
		}
	}
	if r.took > insideLimit {
		troubles = append(troubles, "it took "+r.took.String())
	}
	if r.longest > time.Minute {
		troubles = append(troubles, "it wanted to wait "+r.longest.String())
	}
	return troubles
}
