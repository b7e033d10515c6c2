//go:build e2e

package cli

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// wantCompleted asks for completions as the shells' scripts do, with and
// without descriptions. A completion gives up a registry after two seconds,
// which may pass on a busy machine: where some are wanted and none come, it is
// asked again.
func wantCompleted(t *testing.T, s clitest.Session, want []string, words ...string) {
	t.Helper()
	for _, request := range []string{"__complete", "__completeNoDesc"} {
		got := completed(t, s, request, words)
		for begin := time.Now(); len(got) == 0 && len(want) > 0 && time.Since(begin) < clitest.WaitLimit; {
			got = completed(t, s, request, words)
		}
		if !slices.Equal(want, got) {
			t.Errorf("%s %q: %q, want %q", request, words, got, want)
		}
	}
}

// completed returns what the words are completed to. Nothing may come on
// standard error, which the shell would show in the line that is typed.
func completed(t *testing.T, s clitest.Session, request string, words []string) (choices []string) {
	t.Helper()
	done := s.Run(t, append([]string{request}, words...)...)
	done.WantCode(t, 0)
	clitest.WantText(t, "stderr", "", done.Stderr)
	lines := strings.Split(strings.TrimSpace(done.Stdout), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, ":") {
		t.Errorf("the last line is %q", last)
	}
	for _, line := range lines[:len(lines)-1] {
		choice, _, _ := strings.Cut(line, "\t")
		choices = append(choices, choice)
	}
	return choices
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.PutImages(t, "team/app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	host, app := g.Host, g.Host+"/team/app"
	layout := "oci-layout://" + clitest.RepoPath("testdata", "layouts", "linux-amd64")
	for _, test := range []struct {
		words string // separated by blanks; the last may be empty
		want  []string
	}{
		{"inspect " + app + ":", []string{app + ":amd64", app + ":arm64", app + ":armv7"}},
		{"inspect --raw " + app + ":arm", []string{app + ":arm64", app + ":armv7"}},
		{"inspect " + app + ":x", nil},
		{"inspect " + app + ":amd64 " + app + ":", nil},
		{"inspect " + app, nil},
		{"inspect " + host + "/none:", nil},
		{"inspect " + host, nil},
		{"inspect localhost:", nil},
		{"inspect " + app + "@sha256:", nil},
		{"inspect A/b:", nil},
		{"inspect " + layout + ":", []string{layout + ":1.0"}},
		{"--password-stdin --username u inspect " + layout + ":", []string{layout + ":1.0"}},
		{"--ca-file=no-such-file inspect " + app + ":", nil},
		{"push from-args --target " + app + ":a", []string{app + ":amd64", app + ":arm64", app + ":armv7"}},
		{"push from-args --template " + app + ":am", []string{app + ":amd64"}},
		{"push from-digests " + app + ":am", []string{app + ":amd64"}},
		{"push from-digests " + app + ":1 ", nil}, // the shell completes files
		{"push from-digests --target " + app + ":am", []string{app + ":amd64"}},
		{"push from-images " + app + ":1 " + app + ":am", []string{app + ":amd64"}},
		{"push --type ", []string{"auto", "docker", "oci"}},
		{"push from-spec --type o", []string{"oci"}},
		{"push --verify ", []string{"config", "binaries", "none"}},
		{"push --attestations ", []string{"keep", "drop"}},
		{"query " + app + ":amd64 " + app + ":am", []string{app + ":amd64"}},
		{"resolve " + app + ":am", []string{app + ":amd64"}},
		{"resolve " + app + ":amd64 " + app + ":", nil},
		{"resolve --rule ", []string{"containerd", "windows", "podman", "exact", "first"}},
		{"diff " + app + ":amd64 " + app + ":arm6", []string{app + ":arm64"}},
		{"verify " + app + ":amd64 " + app + ":armv", []string{app + ":armv7"}},
		{"verify --binaries ", []string{"entrypoint", "all", "none"}},
		{"verify --severity ", []string{"error", "warning", "info"}},
		{"verify -o ", []string{"text", "json", "yaml", "sarif", "junit", "template="}},
		{"verify --ignore layer-c", []string{"layer-compression"}},
		{"push from-spec ", []string{"yaml", "yml"}},
		{"inspect --platform linux/arm", []string{"linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"}},
		{"verify --platform windows/a", []string{"windows/amd64", "windows/arm64"}},
		{"inspect --platform linux/amd64,linux/s", nil}, // it takes one
		{"resolve --platform linux/amd64,linux/s", []string{"linux/amd64,linux/s390x"}},
		{"diff --platform linux/arm6", []string{"linux/arm64"}},
		{"query --has linux/arm64,linux/arm", []string{"linux/arm64,linux/arm/v7", "linux/arm64,linux/arm/v6", "linux/arm64,linux/arm/v5"}},
		{"push from-args --platforms linux/3", []string{"linux/386"}},
		{"push --require linux/l", []string{"linux/loong64"}},
		{"push --floating major,", []string{"major,minor", "major,latest"}},
		{"verify --ignore layer-compression,platform-u", []string{"layer-compression,platform-undeclared"}},
		{"test-registry --only mounts,ind", []string{"mounts,indexes"}},
		{"push -o ", []string{"text", "json", "yaml", "template="}},
		{"inspect --output ", []string{"text", "json", "yaml", "template="}},
		{"tags --output t", []string{"text", "template="}},
		{"--color ", []string{"auto", "always", "never"}},
	} {
		wantCompleted(t, clitest.Session{}, test.want, strings.Split(test.words, " ")...)
	}
}

// TestCompletionOfPaths completes what is on disk, up to the tags of it.
func TestCompletionOfPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	layout := fixture.WriteLayout(t, images.ByTag())
	clitest.Must(t, os.Rename(layout.Pack(t), filepath.Join(dir, "images.tar")))
	clitest.Must(t, os.MkdirAll(filepath.Join(dir, "builds"), 0o700))
	clitest.Must(t, os.Rename(string(layout), filepath.Join(dir, "builds", "layout")))
	for _, name := range []string{".hidden", "in$(id)", "notes.txt"} {
		clitest.Must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	for word, want := range map[string][]string{
		"oci":                            {"oci-layout://", "oci-archive://"},
		"docker-":                        {"docker-archive://"},
		"oci-archive://":                 {"oci-archive://builds/", "oci-archive://images.tar", "oci-archive://notes.txt"},
		"docker-archive://" + dir + "/i": {"docker-archive://" + dir + "/images.tar"},
		"oci-archive://images.tar:":      {"oci-archive://images.tar:amd64", "oci-archive://images.tar:arm64", "oci-archive://images.tar:armv7"},
		"oci-archive://notes.txt:":       nil,
		"oci-layout://":                  {"oci-layout://builds/"},
		"oci-layout://builds/":           {"oci-layout://builds/layout"},
		"oci-layout://none/":             nil,
	} {
		wantCompleted(t, clitest.Session{Dir: dir}, want, "inspect", word)
	}
}

// TestCompletionTimeout has a registry that stays silent, and one that lists
// what is no tag.
func TestCompletionTimeout(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	silent, _ := open.BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-r.Context().Done():
		case <-done:
		}
		return true
	})
	start := time.Now()
	wantCompleted(t, clitest.Session{}, nil, "inspect", silent.Host+"/app:")
	if took := time.Since(start); took > 2*2*time.Second+clitest.WaitLimit { // asked twice
		t.Errorf("it took %v", took)
	}
	evil, _ := open.BehindProxy(t, func(w http.ResponseWriter, _ *http.Request) bool {
		fmt.Fprint(w, `{"tags":["good","$(reboot)","a\nb","\u001b[2J","-rf",";x"]}`)
		return true
	})
	wantCompleted(t, clitest.Session{}, []string{evil.Host + "/app:good"}, "inspect", evil.Host+"/app:")
}
