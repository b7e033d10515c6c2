//go:build e2e

package release

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// installed are the files that the script installs from an archive of archiveOf.
var installed = []string{
	"bin/manifest-tool",
	"share/bash-completion/completions/manifest-tool",
	"share/fish/vendor_completions.d/manifest-tool.fish",
	"share/man/man1/manifest-tool-push.1",
	"share/man/man1/manifest-tool.1",
	"share/zsh/site-functions/_manifest-tool",
}

func TestInstall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, client string
		args         []string
		from         string
		shell        string
	}{
		{name: "with bash", client: "curl", from: "/latest/download/", shell: "bash"},
		{name: "with zsh as sh", client: "curl", from: "/latest/download/", shell: "zsh --emulate sh"},
		{name: "latest with curl", client: "curl", from: "/latest/download/"},
		{name: "latest with wget", client: "wget", from: "/latest/download/"},
		{name: "version", client: "curl", args: []string{"--version", "9.9.9"}, from: "/download/v9.9.9/"},
		{name: "version as a tag", client: "curl", args: []string{"--version=v9.9.9"}, from: "/download/v9.9.9/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := publish(t, "linux-amd64")
			s := script{releases: r.url, client: test.client, system: "Linux x86_64", shell: test.shell}
			prefix := filepath.Join(t.TempDir(), "new prefix", "$(id)")
			got := s.run(t, append(test.args, "--prefix", prefix)...)
			want := result{
				stdout: "installed manifest-tool version 9.9.9 as " + prefix + "/bin/manifest-tool\n",
				stderr: "install.sh: " + prefix + "/bin is not in PATH\n",
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(installed, filesBelow(t, prefix)); diff != "" {
				t.Errorf("installed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{test.from + "checksums.txt", test.from + "manifest-tool-9.9.9-linux-amd64.tar.gz"}, r.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInstallWithoutRights(t *testing.T) {
	t.Parallel()
	r := publish(t, "linux-amd64")
	inTheWay := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got := script{releases: r.url, client: "curl", system: "Linux x86_64"}.run(t, "--prefix", inTheWay)
	if got.code != 1 || !strings.HasSuffix(got.stderr, "install.sh: copying to "+inTheWay+"/bin/manifest-tool failed: use --prefix, or run as root\n") {
		t.Errorf("got %+v", got)
	}
}

// TestInstallOfABrokenProgram has a program that does not start, as of another libc or on a
// file system that does not allow it.
func TestInstallOfABrokenProgram(t *testing.T) {
	t.Parallel()
	r := publish(t, "linux-amd64")
	r.files["manifest-tool-9.9.9-linux-amd64.tar.gz"] = archiveOf(t, "#!/no/such/loader\n")
	r.list()
	prefix := t.TempDir()
	got := script{releases: r.url, client: "curl", system: "Linux x86_64"}.run(t, "--prefix", prefix)
	if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "install.sh: "+prefix+"/bin/manifest-tool was installed, and does not start on this machine\n") {
		t.Errorf("got %+v", got)
	}
}

func TestInstallHelp(t *testing.T) {
	t.Parallel()
	got := script{releases: "none", client: "none"}.run(t, "--help")
	if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, "usage: install.sh ") {
		t.Errorf("got %+v", got)
	}
}

// TestInstallFails checks that nothing is installed if something is wrong.
func TestInstallFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		script script
		spoil  func(r *releases)
		args   []string
		want   string
		code   int
	}{
		{
			name: "wrong checksum", spoil: func(r *releases) { r.files["manifest-tool-9.9.9-linux-amd64.tar.gz"] = []byte("other") },
			want: "has SHA-256 d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa, and checksums.txt has",
		},
		{
			name: "archive is missing", spoil: func(r *releases) { delete(r.files, "manifest-tool-9.9.9-linux-amd64.tar.gz") },
			want: "/latest/download/manifest-tool-9.9.9-linux-amd64.tar.gz failed",
		},
		{name: "no such version", args: []string{"--version", "1.0"}, want: "downloading URL/download/v1.0/checksums.txt failed"},
		{
			name: "checksums are a page", spoil: func(r *releases) { r.files["checksums.txt"] = []byte("<html>") },
			want: "the release at URL/latest/download has no program for linux-amd64",
		},
		{name: "not in the release", script: script{system: "Linux s390x"}, want: "the release at URL/latest/download has no program for linux-s390x"},
		{name: "unknown architecture", script: script{system: "Linux sparc64"}, want: "no release has a program for sparc64"},
		{name: "unknown system", script: script{system: "MINGW64_NT-10.0 x86_64"}, want: "there is no installation for MINGW64_NT-10.0 with this script: download an archive from URL"},
		{name: "no client", script: script{client: "none"}, want: "curl or wget is needed"},
		{name: "no address", script: script{releases: "none"}, want: "set RELEASES to the address of the releases"},
		{name: "unknown option", args: []string{"--frefix", "/opt"}, want: "unknown option --frefix\nusage: install.sh", code: 2},
		{name: "option without value", args: []string{"--version"}, want: "--version has no value\nusage: install.sh", code: 2},
		{name: "version of an unset variable", args: []string{"--version", ""}, want: "--version has no value\nusage: install.sh", code: 2},
		{name: "prefix of an unset variable", args: []string{"--prefix="}, want: "--prefix has no value\nusage: install.sh", code: 2},
		{
			name: "not an archive", spoil: func(r *releases) { r.files["manifest-tool-9.9.9-linux-amd64.tar.gz"] = []byte("other"); r.list() },
			want: "unpacking manifest-tool-9.9.9-linux-amd64.tar.gz failed: tar and gzip are needed",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := publish(t, "linux-amd64")
			if test.spoil != nil {
				test.spoil(r)
			}
			s := test.script.or(script{releases: r.url, client: "curl", system: "Linux x86_64"})
			prefix := filepath.Join(t.TempDir(), "prefix")
			got := s.run(t, append([]string{"--prefix", prefix}, test.args...)...)
			if want := strings.ReplaceAll(test.want, "URL", r.url); !strings.Contains(got.stderr, want) || got.code != max(test.code, 1) || got.stdout != "" {
				t.Errorf("got %+v, want code %d and %q", got, max(test.code, 1), want)
			}
			if _, err := os.Stat(prefix); err == nil {
				t.Errorf("there is %v", filesBelow(t, prefix))
			}
		})
	}
}

// TestInstallOfAPart runs beginnings of the script, as a shell does that reads it
// from a download that breaks off. The release has no archive: a script that runs
// without its options would install into the system.
func TestInstallOfAPart(t *testing.T) {
	t.Parallel()
	r := publish(t, "linux-amd64")
	delete(r.files, "manifest-tool-9.9.9-linux-amd64.tar.gz")
	text, err := os.ReadFile("../../docs/install.sh")
	if err != nil {
		t.Fatal(err)
	}
	complete := len(text)
	lengths := []int{100, complete / 4, complete / 2, complete * 3 / 4}
	for length := complete - len("{\n\tmain \"$@\"\n}\n"); length < complete-len("}\n"); length++ {
		lengths = append(lengths, length)
	}
	for _, length := range lengths {
		got := script{releases: r.url, client: "curl", system: "Linux x86_64", text: string(text[:length])}.run(t)
		if requests := r.requests(); len(requests) > 0 || got.stdout != "" {
			t.Fatalf("%d of %d bytes: %+v, requests %v", length, complete, got, requests)
		}
	}
	got := script{releases: r.url, client: "curl", system: "Linux x86_64", text: string(text)}.run(t)
	if len(r.requests()) != 2 || got.code != 1 {
		t.Errorf("the complete script: %+v, requests %v", got, r.requests())
	}
}

// TestInstallSelectsTheArchive checks the archive that is downloaded for each
// system and machine that uname reports.
func TestInstallSelectsTheArchive(t *testing.T) {
	t.Parallel()
	for system, want := range map[string]string{
		"Linux x86_64": "linux-amd64", "Linux aarch64": "linux-arm64", "Linux armv5tel": "linux-armv5",
		"Linux armv6l": "linux-armv6", "Linux armv7l": "linux-armv7", "Linux armv8l": "linux-armv7",
		"Linux i686": "linux-386", "Linux loongarch64": "linux-loong64", "Linux mips64": "linux-mips64le",
		"Linux ppc64le": "linux-ppc64le", "Linux riscv64": "linux-riscv64", "Linux s390x": "linux-s390x",
		"Darwin arm64": "darwin-arm64", "Darwin x86_64": "darwin-amd64", "FreeBSD amd64": "freebsd-amd64",
		"OpenBSD arm64": "openbsd-arm64", "NetBSD amd64": "netbsd-amd64", "NetBSD evbarm": "netbsd-arm64",
	} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			r := publish(t, want)
			got := script{releases: r.url, client: "curl", system: system}.run(t, "--prefix", t.TempDir())
			if got.code != 0 {
				t.Errorf("got %+v, requests %v", got, r.requests())
			}
		})
	}
}

// TestInstallOfARelease installs the release in the directory $RELEASE_FILES on
// this machine. `make release-test` sets it.
func TestInstallOfARelease(t *testing.T) {
	dir := os.Getenv("RELEASE_FILES")
	if dir == "" {
		t.Skip("RELEASE_FILES is not set")
	}
	r := serveFiles(t, http.FileServer(http.Dir(dir)))
	prefix := t.TempDir()
	text, err := os.ReadFile(filepath.Join(dir, "install.sh"))
	if err != nil {
		t.Fatal(err)
	}
	got := script{releases: r.url, client: "curl", text: string(text)}.run(t, "--prefix", prefix)
	if got.code != 0 || !strings.HasPrefix(got.stdout, "installed manifest-tool version "+os.Getenv("RELEASE_VERSION")+" ") {
		t.Errorf("got %+v", got)
	}
	if n := len(filesBelow(t, prefix)); n < 20 {
		t.Errorf("%d files: %v", n, filesBelow(t, prefix))
	}
}
