package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A flag whose variable was not set must not switch a guard off, or widen what
// is looked at.
func TestAnEmptyValueIsRefused(t *testing.T) {
	for _, args := range [][]string{
		{"push", "from-args", "--expect=", "--platforms", "linux/amd64", "--template", layouts + "OS-ARCH:1.0", "--target", "oci-layout://" + filepath.Join(t.TempDir(), "new") + ":1"},
		{"inspect", "--platform=", layouts + "linux-amd64:1.0"},
		{"verify", "--platform=", layouts + "linux-amd64:1.0"},
	} {
		got := run(t, args...)
		if got.code != exitUsage || got.out != "" || !strings.Contains(got.errOut, "its value is empty") {
			t.Errorf("%q: code %d, stdout %q, stderr %q", args, got.code, got.out, got.errOut)
		}
	}
}

func TestALayoutThatDoesNotExistIsAbsent(t *testing.T) {
	target := "oci-layout://" + filepath.Join(t.TempDir(), "new") + ":1"
	push := []string{"push", "from-args", "--expect", "absent", "--platforms", "linux/amd64", "--template", layouts + "OS-ARCH:1.0", "--target", target}
	if got := run(t, push...); got.code != exitOK {
		t.Errorf("the first push: code %d, %s", got.code, got.errOut)
	}
	if got := run(t, push...); got.code != exitNegative {
		t.Errorf("the second push: code %d, %s", got.code, got.errOut)
	}
}

// Code 2 promises that nothing was written, so a result that cannot be shown is
// something else, and partly done where more was to follow.
func TestAResultThatCannotBeShownWasWritten(t *testing.T) {
	dir := t.TempDir()
	document := "image: oci-layout://" + dir + "/LAYOUT:1\nmanifests: [{image: '" + layouts + "linux-amd64:1.0'}]\n"
	for _, c := range []struct {
		name, spec string
		code       int
	}{
		{"one", strings.ReplaceAll(document, "LAYOUT", "a"), exitFailed},
		{"two", strings.ReplaceAll(document, "LAYOUT", "b") + "---\n" + strings.ReplaceAll(document, "LAYOUT", "c"), exitPartial},
	} {
		file := filepath.Join(dir, c.name+".yaml")
		if err := os.WriteFile(file, []byte(c.spec), 0o600); err != nil {
			t.Fatal(err)
		}
		got := run(t, "push", "from-spec", "--fail-fast", file, "-o", "template={{index .Tags 9}}")
		if got.code != c.code || !strings.Contains(got.errOut, "was written") {
			t.Errorf("%s: code %d, want %d, stderr %q", c.name, got.code, c.code, got.errOut)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "c")); err == nil {
		t.Error("the document after the one that could not be shown was pushed")
	}
}

func TestTwoDocumentsDoNotSetOneTag(t *testing.T) {
	dir := t.TempDir()
	document := "image: oci-layout://" + dir + "/a:TAG\nmanifests: [{image: '" + layouts + "linux-amd64:1.0'}]\n"
	spec := strings.ReplaceAll(document, "TAG", "1") + "---\ntags: [1]\n" + strings.ReplaceAll(document, "TAG", "2")
	file := filepath.Join(dir, "spec.yaml")
	if err := os.WriteFile(file, []byte(spec), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, "push", "from-spec", file)
	if _, err := os.Stat(filepath.Join(dir, "a")); got.code != exitUsage || err == nil {
		t.Errorf("code %d, stderr %q, written: %v", got.code, got.errOut, err == nil)
	}
}

// What registries need not take, and this program does not read, is not pushed.
func TestAnIndexThatIsTooLargeIsNotPushed(t *testing.T) {
	target := filepath.Join(t.TempDir(), "new")
	got := run(t, "push", "from-args", "--platforms", "linux/amd64", "--template", layouts+"OS-ARCH:1.0",
		"--target", "oci-layout://"+target+":1", "--annotation", "a="+strings.Repeat("<", 1<<20))
	if _, err := os.Stat(target); got.code != exitUsage || err == nil {
		t.Errorf("code %d, stderr %.200q, written: %v", got.code, got.errOut, err == nil)
	}
}

func TestReportsOfVerifyAreForVerifyAlone(t *testing.T) {
	env := map[string]string{"MANIFEST_TOOL_OUTPUT": "sarif"}
	if got := runWith(t, env, "tags", "oci-layout://../testdata/layouts/linux-amd64"); got.code != exitOK || got.out != "1.0\n" {
		t.Errorf("tags: code %d, stdout %q, stderr %q", got.code, got.out, got.errOut)
	}
	if got := runWith(t, env, "verify", layouts+"linux-amd64:1.0"); !strings.Contains(got.out, `"version": "2.1.0"`) {
		t.Errorf("verify: code %d, stdout %q, stderr %q", got.code, got.out, got.errOut)
	}
	if got := run(t, "tags", "-o", "sarif", "oci-layout://../testdata/layouts/linux-amd64"); got.code != exitUsage {
		t.Errorf("tags, told by flag: code %d", got.code)
	}
}

func TestAUserNameNeedsAPassword(t *testing.T) {
	got := run(t, "auth", "explain", "-u", "alice", "registry.example.com/team/app")
	if got.code != exitUsage || got.out != "" || !strings.Contains(got.errOut, "without a password") {
		t.Errorf("code %d, stdout %q, stderr %q", got.code, got.out, got.errOut)
	}
}

func TestARegistryAloneCanBeExplained(t *testing.T) {
	for name, want := range map[string]string{
		"localhost:5000": "localhost:5000\n", "registry.example.com": "registry.example.com\n", "busybox:1": "index.docker.io\n", "team/app": "index.docker.io\n",
	} {
		if got := run(t, "auth", "explain", name); got.code != exitNegative || !strings.HasPrefix(got.out, "Registry:   "+want) {
			t.Errorf("%s: code %d, stdout %q, stderr %q", name, got.code, got.out, got.errOut)
		}
	}
}
