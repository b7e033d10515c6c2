package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ciRun is a directory, and the environment of a step of GitHub Actions in it.
func ciRun(t *testing.T) (dir string, env map[string]string) {
	t.Helper()
	dir = t.TempDir()
	env = map[string]string{"GITHUB_OUTPUT": filepath.Join(dir, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(dir, "summary")}
	for _, path := range env {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, env
}

func pushTo(target string, flags ...string) []string {
	return append([]string{"push", "from-args", "--platforms", "linux/amd64", "--template", layouts + "OS-ARCH:1.0", "--target", target}, flags...)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestPushFiles(t *testing.T) {
	t.Parallel()
	dir, env := ciRun(t)
	digestFile, target := filepath.Join(dir, "digest"), "oci-layout://"+dir+"/app:1"
	got := runWith(t, env, pushTo(target, "--github", "--tags", "latest", "--digest-file", digestFile, "--metadata-file", filepath.Join(dir, "m.json"))...)
	digest := readFile(t, digestFile)
	if got.code != exitOK || got.errOut != "" || !strings.HasPrefix(got.out, "Digest: "+digest+" ") {
		t.Fatalf("code %d, stdout %q, stderr %q, digest %q", got.code, got.out, got.errOut, digest)
	}
	for path, text := range map[string]string{
		env["GITHUB_OUTPUT"]: "\ndigest=" + digest + "\n", env["GITHUB_STEP_SUMMARY"]: "| `" + digest + "` | `1`, `latest` |",
		filepath.Join(dir, "m.json"): `"image.name": "` + target + ",oci-layout://" + dir + `/app:latest"`,
	} {
		if data := readFile(t, path); !strings.Contains(data, text) {
			t.Errorf("%s has no %q:\n%s", path, text, data)
		}
	}
}

// TestPushFilesOfAFailure holds that a run of which a part was done writes about that
// part, and one that did nothing writes nothing.
func TestPushFilesOfAFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, first string
		code        int
		digests     int
	}{{"partial", "a", exitPartial, 1}, {"nothing", "full", exitFailed, 0}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, env := ciRun(t)
			for _, name := range []string{"full", "other"} { // no blob can be written there
				if err := errors.Join(os.Mkdir(filepath.Join(dir, name), 0o700), os.WriteFile(filepath.Join(dir, name, "blobs"), nil, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			document := "image: oci-layout://" + dir + "/LAYOUT:1\nmanifests: [{image: '" + layouts + "linux-amd64:1.0'}]\n"
			spec := filepath.Join(dir, "spec.yaml")
			text := strings.ReplaceAll(document, "LAYOUT", c.first) + "---\n" + strings.ReplaceAll(document, "LAYOUT", "other")
			if err := os.WriteFile(spec, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			digestFile := filepath.Join(dir, "digest")
			got := runWith(t, env, "push", "from-spec", spec, "--github", "--digest-file", digestFile)
			data, _ := os.ReadFile(digestFile)
			if got.code != c.code || strings.Count(string(data), "sha256:") != c.digests || strings.Count(readFile(t, env["GITHUB_OUTPUT"]), "\ndigest=") != c.digests {
				t.Errorf("code %d, want %d, digests %q, stderr %q", got.code, c.code, data, got.errOut)
			}
			if !strings.HasPrefix(got.errOut, "::error title=manifest-tool::manifest-tool failed with error: ") || strings.Count(got.errOut, "\n") != 1 {
				t.Errorf("stderr %q", got.errOut)
			}
		})
	}
}

func TestFilesThatCannotBeWrittenStopThePush(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{
		{"--digest-file", "NONE/x"}, {"--metadata-file", "DIR"}, {"--digest-file="}, {"--digest-file", "DIR/x", "--metadata-file", "DIR/x"}, {"--github"},
	} {
		dir := t.TempDir()
		target := filepath.Join(dir, "app")
		for i := range flags {
			flags[i] = strings.NewReplacer("DIR", dir, "NONE", dir+"/none").Replace(flags[i])
		}
		got := run(t, pushTo("oci-layout://"+target+":1", flags...)...)
		if entries, err := os.ReadDir(dir); got.code != exitUsage || got.out != "" || err != nil || len(entries) > 0 {
			t.Errorf("%q: code %d, stdout %q, stderr %q, wrote %v, %v", flags, got.code, got.out, got.errOut, entries, err)
		}
	}
}
