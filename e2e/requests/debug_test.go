//go:build e2e

package requests

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// debugLine is a line of --debug: what happened, and its values by name.
type debugLine struct {
	event  string
	values map[string]string
}

// debugLines reads the lines that --debug wrote; other lines are left out.
func debugLines(t *testing.T, stderr string) []debugLine {
	t.Helper()
	field := regexp.MustCompile(`(\w+)=("(?:[^"\\]|\\.)*"|\S*)`)
	var lines []debugLine
	for _, text := range strings.Split(stderr, "\n") {
		if !strings.Contains(text, "level=DEBUG") {
			continue
		}
		line := debugLine{values: map[string]string{}}
		for _, found := range field.FindAllStringSubmatch(text, -1) {
			value := found[2]
			if plain, err := strconv.Unquote(value); err == nil {
				value = plain
			}
			line.values[found[1]] = value
		}
		line.event = line.values["msg"]
		lines = append(lines, line)
	}
	return lines
}

// number returns a value that must be a number of at least zero.
func (d debugLine) number(t *testing.T, name string) int {
	t.Helper()
	n, err := strconv.Atoi(d.values[name])
	if err != nil || n < 0 {
		t.Errorf("%s is %q in %v, want a number", name, d.values[name], d.values)
	}
	return n
}

// TestDebugLines compares the lines of --debug with what came to the registry,
// and their sum with the last line.
func TestDebugLines(t *testing.T) {
	t.Parallel()
	for _, kind := range registrytest.AuthModes() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.Start(t)
			g := golden{backend: backend, tokens: tokens, auth: kind.Name, images: fixture.NewLargeImageSet(t, 10)}
			backend.PutImagesApart(t, "src/app", g.images)
			source, target := g.front(t), g.front(t)
			s := g.session(t, source, target)
			spec := clitest.WriteSpec(t, target.Host, g.images.Spec("REGISTRY/app:all", source.Host+"/src/app-%s:1.0"))
			pushed := s.Run(t, "--debug", "push", "from-spec", spec)
			g.images.WantPushed(t, pushed, backend.Repository("app"))
			wantDebug(t, pushed, source, target)

			read := g.front(t)
			shown := g.session(t, read).Run(t, "--debug", "inspect", read.Host+"/app:all")
			shown.WantCode(t, 0)
			// The index, then all images; before them what a 401 and a token take.
			least := map[string]int{"open": 2, "basic": 3, "bearer": 4}[kind.Name]
			if chain := wantDebug(t, shown, read); chain < least || chain > least+len(g.images)-1 {
				t.Errorf("the chain is %d, want at least %d and no more than the requests", chain, least)
			}
		})
	}
}

// wantDebug fails the test unless the debug lines tell of the requests the
// fronts have seen and of nothing secret. It returns the length of the chain.
func wantDebug(t *testing.T, done clitest.Result, fronts ...*registrytest.RecordingProxy) int {
	t.Helper()
	lines := debugLines(t, done.Stderr)
	if len(lines) == 0 || lines[len(lines)-1].event != "total" || !strings.HasSuffix(done.Stderr, "\n") {
		t.Fatalf("the last line is no total:\n%s", done.Stderr)
	}
	told, bytes := registrytest.RequestSet{}, 0
	for _, line := range lines[:len(lines)-1] {
		at, err := url.Parse(line.values["url"])
		clitest.Must(t, err)
		told.Add("%s %s://%s%s %s", line.values["method"], at.Scheme, at.Host, at.Path, line.values["status"])
		line.number(t, "ms")
		if line.values["bytes"] != "-1" { // a length that the answer did not tell
			bytes += line.number(t, "bytes")
		}
	}
	seen := registrytest.RequestSet{}
	for _, f := range fronts {
		for _, r := range f.Seen.All() {
			seen.Add("%s %s://%s%s %d", r.Method, f.Scheme, f.Host, r.Path, r.Status)
		}
		wantNothingShown(t, done, f)
	}
	if diff := cmp.Diff(seen.Difference(told), told.Difference(seen)); diff != "" {
		t.Errorf("requests (-seen +told):\n%s", diff)
	}
	total := lines[len(lines)-1]
	if n := total.number(t, "requests"); n != len(lines)-1 {
		t.Errorf("the total is %d requests of %d", n, len(lines)-1)
	}
	if n := total.number(t, "bytes"); n != bytes {
		t.Errorf("the total is %d bytes, the lines have %d", n, bytes)
	}
	return total.number(t, "chain")
}

// wantNothingShown fails the test when the output has something of which a
// request's rights are made: headers, and the state of uploads.
func wantNothingShown(t *testing.T, done clitest.Result, f *registrytest.RecordingProxy) {
	t.Helper()
	registrytest.WantNoSecret(t, done, registrytest.UserPassword)
	for _, r := range f.Seen.All() {
		given := strings.TrimPrefix(strings.TrimPrefix(r.Header.Get("Authorization"), "Basic "), "Bearer ")
		for _, secret := range []string{given, r.Query.Get("_state")} {
			if secret != "" && strings.Contains(done.Stderr, secret) {
				t.Fatalf("the debug lines show a secret of %s %s", r.Method, r.Path)
			}
		}
	}
}
