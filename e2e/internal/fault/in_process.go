//go:build e2e

package fault

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
	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
	"manifest-tool/internal/store/transport"
)

// RunLimit is how long a run within this process may take. Waits between
// attempts take no time there.
const RunLimit = time.Minute

// InProcess is a run of the product within this process, in which waits between
// attempts take no time. It gets all its inputs as values, like the binary
// does.
type InProcess struct {
	Args   []string
	Home   string
	Timing transport.Timing
	// OnWait is called before each wait. It may be nil.
	OnWait func()
}

// InProcessResult is the result of a run within this process.
type InProcessResult struct {
	clitest.Result
	Took time.Duration
	// LongestWait is the longest wait that the product requested.
	LongestWait time.Duration
}

// Run runs the command line and returns its output, exit code and times.
func (i InProcess) Run() InProcessResult {
	var stdout, stderr bytes.Buffer
	var longest atomic.Int64
	i.Timing.Wait = func(ctx context.Context, d time.Duration) error {
		longest.Store(max(longest.Load(), int64(d)))
		if i.OnWait != nil {
			i.OnWait()
		}
		return context.Cause(ctx)
	}
	start := time.Now()
	code := cmd.Main(i.Args, cmd.Deps{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr,
		Getenv: func(string) string { return "" }, Home: i.Home,
		ProgramName: "manifest-tool", Version: clitest.BuiltVersion, Commit: clitest.BuiltCommit, Timing: i.Timing,
	})
	return InProcessResult{
		Result:      clitest.Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: code},
		Took:        time.Since(start),
		LongestWait: time.Duration(longest.Load()),
	}
}

// HomeWithLogin returns a new home directory whose Docker config has the
// password for the hosts.
func HomeWithLogin(t *testing.T, hosts ...string) string {
	t.Helper()
	entry := map[string]string{"auth": base64.StdEncoding.EncodeToString([]byte(registrytest.UserName + ":" + canaryPassword))}
	auths := map[string]map[string]string{}
	for _, host := range hosts {
		auths[host] = entry
	}
	raw, err := json.Marshal(map[string]any{"auths": auths})
	clitest.Must(t, err)
	home := t.TempDir()
	clitest.Must(t, os.Mkdir(filepath.Join(home, ".docker"), 0o700))
	clitest.Must(t, os.WriteFile(filepath.Join(home, ".docker", "config.json"), raw, 0o600))
	return home
}

// Violations returns what the run did that no run may do, whatever the fault:
// show a secret, connect to a host not among hosts, wait too long.
func Violations(r InProcessResult, hosts ...string) []string {
	var violations []string
	for _, secret := range []string{canaryPassword, canaryToken, base64.StdEncoding.EncodeToString([]byte(registrytest.UserName + ":" + canaryPassword))} {
		if strings.Contains(r.Stdout+r.Stderr, secret) {
			violations = append(violations, "it shows the secret "+secret)
		}
	}
	for _, found := range regexp.MustCompile(`url="?https?://([^/"\s]+)`).FindAllStringSubmatch(r.Stderr, -1) {
		if !strings.Contains(strings.Join(hosts, " "), found[1]) {
			violations = append(violations, "it connected to "+found[1])
		}
	}
	if r.Took > RunLimit {
		violations = append(violations, "it took "+r.Took.String())
	}
	if r.LongestWait > time.Minute {
		violations = append(violations, "it requested a wait of "+r.LongestWait.String())
	}
	return violations
}
