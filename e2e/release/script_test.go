//go:build e2e

// Package release has the tests of goreleaser.yaml and of docs/install.sh that need
// no release. `make release-test` makes one and runs the rest.
package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// releases serves the files of one release, 9.9.9, at the paths of GitHub.
type releases struct {
	url   string
	files map[string][]byte

	mu    sync.Mutex
	paths []string
}

// publish serves a release with an archive for one system.
func publish(t *testing.T, system string) *releases {
	t.Helper()
	name := "manifest-tool-9.9.9-" + system + ".tar.gz"
	files := map[string][]byte{name: archiveOf(t, "#!/bin/sh\necho manifest-tool version 9.9.9\n")}
	// Names that must not be taken for the archive.
	for _, other := range []string{name + ".spdx.json", "binaries-manifest-tool-9.9.9.tar.gz", "manifest-tool-" + system} {
		files[other] = []byte(other)
	}
	r := serveFiles(t, nil)
	r.files = files
	r.list()
	return r
}

// list writes checksums.txt.
func (r *releases) list() {
	delete(r.files, "checksums.txt")
	var list strings.Builder
	for name, content := range r.files {
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(content), name)
	}
	r.files["checksums.txt"] = []byte(list.String())
}

// serveFiles serves the files of a handler, or r.files, at the paths of a release.
func serveFiles(t *testing.T, handler http.Handler) *releases {
	t.Helper()
	r := &releases{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.paths = append(r.paths, req.URL.Path)
		name := path.Base(req.URL.Path)
		content, found := r.files[name]
		dir := strings.TrimSuffix(req.URL.Path, name)
		switch {
		case dir != "/latest/download/" && dir != "/download/v9.9.9/":
			http.NotFound(w, req)
		case handler != nil:
			req.URL.Path = "/" + name
			handler.ServeHTTP(w, req)
		case !found:
			http.NotFound(w, req)
		default:
			_, _ = w.Write(content)
		}
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// requests returns the paths requested so far.
func (r *releases) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.paths)
}

// archiveOf returns an archive as goreleaser makes it, with a script as the program.
func archiveOf(t *testing.T, program string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, content := range map[string]string{
		"manifest-tool":                  program,
		"LICENSE":                        "license",
		"man/manifest-tool.1":            ".TH",
		"man/manifest-tool-push.1":       ".TH",
		"completions/manifest-tool.bash": "bash",
		"completions/manifest-tool.zsh":  "zsh",
		"completions/manifest-tool.fish": "fish",
		"completions/manifest-tool.ps1":  "powershell",
	} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A script is a run of install.sh. Empty fields are those of this machine.
type script struct {
	releases string // RELEASES; "none" leaves it unset
	client   string // the only one of curl and wget in PATH
	system   string // what uname -s and -m print
	text     string // instead of docs/install.sh
	shell    string // instead of sh, with its options
}

// or returns the script with the empty fields taken from another one.
func (s script) or(other script) script {
	if s.releases == "" {
		s.releases = other.releases
	}
	if s.client == "" {
		s.client = other.client
	}
	if s.system == "" {
		s.system = other.system
	}
	return s
}

// result is what a run left.
type result struct {
	code           int
	stdout, stderr string
}

// commands are all that the script may use, apart from curl and wget.
var commands = []string{
	"cat", "chmod", "cp", "cut", "dirname", "grep", "gzip", "mkdir", "mktemp", "mv", "od", "rm", "sha256sum", "sh", "tar", "tr", "uname",
}

func (s script) run(t *testing.T, args ...string) (r result) {
	t.Helper()
	bin := t.TempDir()
	for _, name := range append(slices.Clone(commands), s.client) {
		if at, err := exec.LookPath(name); err == nil {
			if err := os.Symlink(at, filepath.Join(bin, name)); err != nil {
				t.Fatal(err)
			}
		} else if name != "none" {
			t.Fatalf("%s is not installed", name)
		}
	}
	if kernel, machine, fake := strings.Cut(s.system, " "); fake {
		uname := fmt.Sprintf("#!/bin/sh\ncase $1 in -s) echo %s;; -m) echo %s;; esac\n", kernel, machine)
		_ = os.Remove(filepath.Join(bin, "uname"))
		if err := os.WriteFile(filepath.Join(bin, "uname"), []byte(uname), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	shell := []string{filepath.Join(bin, "sh")}
	if s.shell != "" {
		shell = strings.Fields(s.shell)
	}
	words := slices.Concat(shell[1:], []string{"../../docs/install.sh"}, args)
	if s.text != "" {
		words = slices.Concat(shell[1:], []string{"-s", "--"}, args)
	}
	cmd := exec.CommandContext(t.Context(), shell[0], words...)
	if s.text != "" {
		cmd.Stdin = strings.NewReader(s.text)
	}
	cmd.Env = []string{"PATH=" + bin, "HOME=" + bin, "LC_ALL=C"}
	if s.releases != "none" {
		cmd.Env = append(cmd.Env, "RELEASES="+s.releases)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var ended *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return result{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
}

// filesBelow returns the paths of all files below a directory, sorted.
func filesBelow(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
