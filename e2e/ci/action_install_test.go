//go:build e2e

package ci

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/internal/output/githubtest"
)

// program is the program of the test's releases.
const program = "#!/bin/sh\necho \"this is $0 $*\"\n"

// releases serves the releases of owner/tool, as GitHub has them, from files by their
// paths below releases/.
func releases(t *testing.T, files map[string]string) (url string, requested func() []string) {
	t.Helper()
	var paths []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, ok := strings.CutPrefix(r.URL.Path, "/owner/tool/releases/")
		paths = append(paths, path)
		if text, known := files[path]; ok && known {
			fmt.Fprint(w, text)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string { return paths }
}

// archive is an archive of a release.
func archive(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	packed := tar.NewWriter(compressed)
	for name, text := range map[string]string{"LICENSE": "text", "manifest-tool": program} {
		clitest.Must(t, packed.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text))}))
		_, err := packed.Write([]byte(text))
		clitest.Must(t, err)
	}
	clitest.Must(t, packed.Close())
	clitest.Must(t, compressed.Close())
	return out.String()
}

// toolPath is a directory with the programs that the action uses, without
// manifest-tool.
func toolPath(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"basename", "curl", "dirname", "grep", "gzip", "mkdir", "sha256sum", "sh", "tar"} {
		clitest.Must(t, os.Symlink(clitest.FindTool(t, name), filepath.Join(dir, name)))
	}
	return dir
}

// sums is the list of checksums of a release with one archive, between other files.
func sums(content, name string) string {
	return fmt.Sprintf("%064d  manifest-tool-linux-amd64\n%x  %s\n%064d  %s.spdx.json\n", 1, sha256.Sum256([]byte(content)), name, 2, name)
}

const archiveName = "manifest-tool-3.0.0-linux-amd64.tar.gz"

func TestActionDownloadsARelease(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, version, ref, from string
		env                      []string
	}{
		{name: "version", version: "3.0.0", from: "download/v3.0.0"},
		{name: "version with v", version: "v3.0.0", from: "download/v3.0.0"},
		{name: "tag of the action", ref: "v3.0.0", from: "download/v3.0.0"},
		{name: "major version of the action", ref: "v3", from: "latest/download"},
		{name: "commit of the action", ref: "0123456789abcdef", from: "latest/download"},
		{name: "latest", version: "latest", ref: "v2.0.0", from: "latest/download"},
		{name: "another architecture", version: "latest", from: "latest/download", env: []string{"RUNNER_ARCH=ARM64"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			content, name := archive(t), archiveName
			if c.env != nil {
				name = strings.Replace(name, "amd64", "arm64", 1)
			}
			url, requested := releases(t, map[string]string{c.from + "/checksums.txt": sums(content, name), c.from + "/" + name: content})
			got := actionRun{
				workspace: t.TempDir(), path: toolPath(t), env: append(c.env, "GITHUB_SERVER_URL="+url),
				inputs: map[string]string{"version": c.version, "spec": "index.yaml"},
				github: map[string]string{"action_repository": "owner/tool", "action_ref": c.ref},
			}.run(t)
			got.WantCode(t, 0)
			want := "this is " + got.outputs["binary"] + " push --github from-spec -- index.yaml\n"
			if got.Stdout != want || got.path != filepath.Dir(got.outputs["binary"])+"\n" {
				t.Errorf("stdout %q, want %q; path %q", got.Stdout, want, got.path)
			}
			if paths := requested(); len(paths) != 2 {
				t.Errorf("requests %q", paths)
			}
		})
	}
}

func TestActionRefusesARelease(t *testing.T) {
	t.Parallel()
	good := archive(t)
	for _, c := range []struct{ name, sums, content, version, want string }{
		{"another content", sums(good, archiveName), good + "x", "3.0.0", "does not have the checksum of checksums.txt"},
		{"no archive for the machine", sums(good, "manifest-tool-3.0.0-linux-arm64.tar.gz"), good, "3.0.0", "has no archive linux-amd64.tar.gz"},
		{"no archive", sums(good, archiveName), "", "3.0.0", "downloading"},
		{"no release", "", "", "3.0.0", "downloading"},
		{"no version", "", "", "../../evil", "version: ../../evil is not a version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"download/v3.0.0/checksums.txt": c.sums, "download/v3.0.0/" + archiveName: c.content}
			for path, text := range files {
				if text == "" {
					delete(files, path)
				}
			}
			url, _ := releases(t, files)
			got := actionRun{
				workspace: t.TempDir(), path: toolPath(t), env: []string{"GITHUB_SERVER_URL=" + url},
				inputs: map[string]string{"version": c.version, "repository": "owner/tool", "spec": "index.yaml"},
			}.run(t)
			at := slices.IndexFunc(got.commands, func(m githubtest.Command) bool { return m.Name == "error" && strings.Contains(m.Data, c.want) })
			if got.Code == 0 || at < 0 || got.path != "" || got.outputs["binary"] != "" {
				t.Errorf("exit code %d, path %q, outputs %q, commands %q\n%s", got.Code, got.path, got.outputs, got.commands, got.Stderr)
			}
		})
	}
}

func TestActionUsesTheProgramInPath(t *testing.T) {
	t.Parallel()
	dir := toolPath(t)
	clitest.WriteScript(t, filepath.Join(dir, "manifest-tool"), program)
	got := actionRun{workspace: t.TempDir(), path: dir, inputs: map[string]string{"spec": "index.yaml"}}.run(t)
	if got.WantCode(t, 0); got.outputs["binary"] != filepath.Join(dir, "manifest-tool") {
		t.Errorf("used %q", got.outputs["binary"])
	}
}
