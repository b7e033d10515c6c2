//go:build e2e

package probe

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

var update = flag.Bool("update", false, "write testdata/registries and docs/registries.md again")

const (
	// maxRequests is how many requests a report may need (issue 13).
	maxRequests = 200
	results     = "testdata/registries"
)

// testedRegistry is a registry that the tests start, with what docs/registries.md says
// about it.
type testedRegistry struct {
	// file is where its results are, in testdata/registries; column heads them in the
	// table, and title names it.
	file, column, title string
	// version is that of docker-registry, 0 for the embedded registry.
	version int
	login   bool
	start   func(*testing.T) *registrytest.Registry
}

// testedRegistries returns the registries in the order of docs/registries.md. Those of
// version 3 run with make test-v3.
func testedRegistries() []testedRegistry {
	withTokens := func(t *testing.T) *registrytest.Registry {
		g, _ := registrytest.StartToken(t)
		return g
	}
	withSparse := func(t *testing.T) *registrytest.Registry {
		return &registrytest.Registry{Host: registrytest.Launch(t, "", sparseConfig)}
	}
	return []testedRegistry{
		{"ggcr", "ggcr", "the registry of go-containerregistry, which `test-registry` without an argument starts", 0, false, nil},
		{"v2", "2.8", "distribution 2.8, Debian's `docker-registry`", 2, false, registrytest.StartOpen},
		{"v2-no-delete", "2.8 no delete", "distribution 2.8 without `storage.delete.enabled`", 2, false, registrytest.StartWithoutDelete},
		{"v2-tls", "2.8 TLS", "distribution 2.8 with TLS and `auth.htpasswd`", 2, true, registrytest.StartBasicTLS},
		{"v2-token", "2.8 token", "distribution 2.8 with `auth.token`", 2, true, withTokens},
		{"v3", "3", "distribution 3.1", 3, false, registrytest.StartOpen},
		{"v3-sparse", "3 sparse", "distribution 3.1 with `validation.manifests.indexes.platforms: none`", 3, false, withSparse},
		{"v3-tls", "3 TLS", "distribution 3.1 with TLS and `auth.htpasswd`", 3, true, registrytest.StartBasicTLS},
		{"v3-token", "3 token", "distribution 3.1 with `auth.token`", 3, true, withTokens},
	}
}

// path is the file with the results of a registry.
func (r testedRegistry) path() string { return filepath.Join(results, r.file+".txt") }

// report tests a registry completely.
func (r testedRegistry) report(t *testing.T) fullReport {
	t.Helper()
	if r.start == nil {
		return testRegistry(t, clitest.Session{})
	}
	g := r.start(t)
	s, args := clitest.Session{Env: g.TrustEnv()}, []string{g.Host + "/team/scratch"}
	if r.login {
		s.Stdin = registrytest.UserPassword + "\n"
		args = append(args, "--username", registrytest.UserName, "--password-stdin")
	}
	return testRegistry(t, s, args...)
}

// fullReport is what the tests of all sections read of a report.
type fullReport struct {
	loginReport
	Verdict  struct{ Works string }
	Settings string
	code     int
	stderr   string
}

// testRegistry runs test-registry and decodes its report.
func testRegistry(t *testing.T, s clitest.Session, args ...string) fullReport {
	t.Helper()
	done := s.Run(t, append([]string{"test-registry", "-o", "json"}, args...)...)
	r := fullReport{code: done.Code, stderr: done.Stderr}
	if err := json.Unmarshal([]byte(done.Stdout), &r); err != nil {
		t.Fatalf("%v: %s%s", err, done.Stdout, done.Stderr)
	}
	return r
}

// lines returns the results in the form of testdata/registries: a line for each check,
// with what the registry did in place of passing it.
func (r fullReport) lines() string {
	changing := regexp.MustCompile(`127\.0\.0\.1:\d+|sha256:[0-9a-f]{64}|manifest-tool-test-[0-9a-f]{12}`)
	var b strings.Builder
	for _, one := range r.Results {
		fmt.Fprintf(&b, "%s %s", one.Status, one.Name)
		if one.Status != "pass" {
			b.WriteString(": " + changing.ReplaceAllStringFunc(one.Detail, func(s string) string {
				return map[byte]string{'1': "HOST", 's': "DIGEST", 'm': "TAG"}[s[0]]
			}))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestRegistries compares the results of each registry that can be started with those
// in testdata/registries, from which docs/registries.md is generated.
func TestRegistries(t *testing.T) {
	version := 2
	if registrytest.IsVersion3(t) {
		version = 3
	}
	t.Run("results", func(t *testing.T) {
		for _, one := range testedRegistries() {
			if one.version == 0 || one.version == version {
				t.Run(one.file, func(t *testing.T) {
					t.Parallel()
					wantResults(t, one)
				})
			}
		}
	})
	wantFile(t, clitest.RepoPath("docs", "registries.md"), registriesPage(t))
}

func wantResults(t *testing.T, one testedRegistry) {
	t.Helper()
	r := one.report(t)
	wantFile(t, one.path(), r.lines())
	if r.Requests > maxRequests {
		t.Errorf("%d requests, more than %d", r.Requests, maxRequests)
	}
	if r.Verdict.Works != "yes" || r.code != 0 {
		t.Errorf("works: %s, exit code %d: %s", r.Verdict.Works, r.code, r.stderr)
	}
	if strings.Contains(r.stderr, "Digest mismatch") {
		t.Errorf("the log of the embedded registry is shown: %s", r.stderr)
	}
	if (len(r.Left) > 0) != (one.file == "v2-no-delete") {
		t.Errorf("left: %q", r.Left)
	}
}

// wantFile compares a text with a file, or writes it with -update.
func wantFile(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		clitest.Must(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	clitest.Must(t, err)
	clitest.WantText(t, path+" (make registries writes it)", string(want), text)
}
