//go:build e2e

package verify

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
)

// verifyFiles verifies an image of layers, and returns its findings as severity, code
// and subject.
func verifyFiles(t *testing.T, config ocispec.Image, layers ...fixture.Files) (findings []string, found clitest.Verification) {
	t.Helper()
	layout := fixture.WriteLayout(t, map[string]fixture.Object{"1": fixture.NewRunnableImage(t, config, layers...)})
	done := clitest.Run(t, "verify", "--severity", "info", "-o", "json", "oci-layout://"+string(layout)+":1")
	exit := 0
	if strings.Contains(done.Stdout, `"code"`) {
		exit = 3
	}
	found = clitest.Session{}.Verify(t, exit, "--severity", "info", "oci-layout://"+string(layout)+":1")
	for _, f := range found.Images[0].Findings {
		findings = append(findings, strings.TrimSpace(f.Severity+" "+f.Code+" "+f.Subject))
	}
	return findings, found
}

// system is a base image with a shell, and with a link for each wrapper.
func system(t *testing.T, platform string) fixture.Files {
	program := string(fixture.CompileProgram(t, platform))
	f := fixture.Files{"bin/sh": program, "usr/bin/env": program, "usr/bin/python3": program}
	for _, name := range []string{"tini", "dumb-init", "gosu", "su-exec", "setpriv"} {
		f["usr/bin/"+name] = program
	}
	return f
}

// TestEntrypointFormat has files that the kernel does not execute, and others that
// only look like it.
func TestEntrypointFormat(t *testing.T) {
	t.Parallel()
	program := string(fixture.CompileProgram(t, "linux/amd64"))
	object := program[:16] + "\x01\x00" + program[18:]
	core := program[:16] + "\x04\x00" + program[18:]
	bare := program[:56] + "\x00\x00" + program[58:]
	for name, tt := range map[string]struct {
		body     string
		severity string // "" for no finding
		says     string
	}{
		"text":               {"echo hi\n", "error", `text without a #! line; its first bytes are "echo hi\n"`},
		"byte order mark":    {"\ufeff#!/bin/sh\n", "error", "a byte order mark before its #!"},
		"blank":              {" #!/bin/sh\n", "error", "a blank before its #!"},
		"line":               {"\n#!/bin/sh\n", "error", "a blank before its #!"},
		"UTF-16":             {"\xff\xfe#\x00!\x00", "error", "UTF-16"},
		"empty":              {"", "error", "an empty file"},
		"cut off":            {program[:40], "error", "an ELF header of 40 bytes"},
		"cut off later":      {program[:5000], "error", "beyond its end"},
		"object file":        {object, "error", "an object file"},
		"core dump":          {core, "error", "a core dump"},
		"no program headers": {bare, "error", "no ELF program headers"},
		"archive":            {"!<arch>\n", "error", "an ar archive"},
		"data":               {"\x00\x01\x02\x03", "error", "data of no known format"},
		"no interpreter":     {"#!\n", "error", "names no interpreter"},
		"long line":          {"#!/" + strings.Repeat("x", 300), "error", "longer than Linux reads"},
		"jar":                {"PK\x03\x04" + strings.Repeat("x", 40), "warning", "a zip archive"},
		"class":              {"\xca\xfe\xba\xbe\x00\x00\x00\x34\x00\x05\x0a" + strings.Repeat("x", 40), "warning", "class"},
		"interpreter":        {"#!/opt/data\n", "error", "text without a #! line"},
		"program":            {program, "", ""},
		"script":             {"#!/bin/sh\n", "", ""},
		"script of env":      {"#!/usr/bin/env -S python3 -u\n", "", ""},
		"blanks in #!":       {"#! /usr/bin/env python3 \n", "", ""},
	} {
		findings, found := verifyFiles(t, fixture.NewConfig("linux/amd64", "/app"), system(t, "linux/amd64"), fixture.Files{"app": tt.body, "opt/data": "data\n"})
		subject := "/app"
		if name == "interpreter" {
			subject = "/opt/data"
		}
		var want []string
		if tt.severity != "" {
			want = []string{tt.severity + " entrypoint-format " + subject}
		}
		if diff := cmp.Diff(want, findings); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
			continue
		}
		if want != nil && (!strings.Contains(found.Images[0].Findings[0].Message, tt.says) || found.Images[0].Findings[0].Expected == "") {
			t.Errorf("%s: %q", name, found.Images[0].Findings[0].Message)
		}
	}
}

// TestEntrypointFormatOfWrappers has a file without #!, which some programs start with
// a shell. A broken program is started by none.
func TestEntrypointFormatOfWrappers(t *testing.T) {
	t.Parallel()
	program := string(fixture.CompileProgram(t, "linux/amd64"))
	files := fixture.Files{"app": "echo hi\n", "broken": program[:40], "by-env": "#!/usr/bin/env /app\n"}
	for command, want := range map[string]string{
		"/app":                     "error entrypoint-format /app",
		"gosu nobody /app":         "error entrypoint-format /app",
		"su-exec nobody /app":      "warning entrypoint-format /app",
		"env A=1 /app":             "warning entrypoint-format /app",
		"setpriv --nnp /app":       "warning entrypoint-format /app",
		"/by-env":                  "warning entrypoint-format /app",
		"tini -- gosu nobody /app": "error entrypoint-format /app",
		"tini -- /app":             "info binary-unknown /app",
		"dumb-init /app":           "info binary-unknown /app",
		"/bin/sh -c /app":          "info binary-unknown /app",
		"/bin/sh /app":             "",
		"python3 /app":             "",
		"tini -- /broken":          "error entrypoint-format /broken",
		"env /broken":              "error entrypoint-format /broken",
		"/bin/sh -c /broken":       "error entrypoint-format /broken",
	} {
		findings, _ := verifyFiles(t, fixture.NewConfig("linux/amd64", strings.Fields(command)...), system(t, "linux/amd64"), files)
		if got := strings.Join(findings, ", "); got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
	// Windows and WebAssembly runtimes have other rules.
	for _, platform := range []string{"windows/amd64", "wasip1/wasm", "freebsd/amd64"} {
		findings, _ := verifyFiles(t, fixture.NewConfig(platform, "/app"), fixture.Files{"Files/app": "text", "app": "text"})
		if strings.Contains(strings.Join(findings, ", "), "entrypoint-format") {
			t.Errorf("%s: %q", platform, findings)
		}
	}
}

// TestCommandOfScript has shell scripts as Entrypoint, which start what Cmd names.
func TestCommandOfScript(t *testing.T) {
	t.Parallel()
	arm, amd := string(fixture.CompileProgram(t, "linux/arm64")), string(fixture.CompileProgram(t, "linux/amd64"))
	files := fixture.Files{
		"usr/bin/server": amd, "usr/bin/right": arm, "srv/server": amd, "usr/bin/other": "#!/usr/bin/server\n",
		"entry.sh": "#!/bin/sh -e\nexec \"$@\"\n", "entry-env.sh": "#!/usr/bin/env bash\nexec \"$@\"\n", "entry.py": "#!/usr/bin/python3\n", "bin/bash": "-> sh",
	}
	const found = "error command-platform /usr/bin/server"
	for command, want := range map[string]string{
		"/entry.sh | server -x":          found,
		"/entry-env.sh | server":         found,
		"tini -- /entry.sh | server":     found,
		"/entry.sh | gosu nobody server": found,
		"/entry.sh | /bin/sh -c server":  found,
		"/bin/sh /entry.sh | server":     found,
		"/entry.sh | ./server":           "error command-platform /srv/server",
		"/entry.sh | right":              "",
		"/entry.sh | other":              "",
		"/entry.sh | missing":            "",
		"/entry.sh | --server server":    "",
		"/entry.sh":                      "",
		"/entry.py | server":             "",
	} {
		entrypoint, cmd, _ := strings.Cut(command, " | ")
		config := fixture.NewConfigIn("/srv", "linux/arm64", strings.Fields(entrypoint)...)
		config.Config.Cmd = strings.Fields(cmd)
		findings, _ := verifyFiles(t, config, system(t, "linux/arm64"), files)
		if got := strings.Join(findings, ", "); got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
}

// TestNoCommand has images that declare neither Entrypoint nor Cmd.
func TestNoCommand(t *testing.T) {
	t.Parallel()
	arm, amd := string(fixture.CompileProgram(t, "linux/arm64")), string(fixture.CompileProgram(t, "linux/amd64"))
	data := fixture.Files{"etc/passwd": "root", "usr/share/zoneinfo/UTC": "TZif", "app.txt": "echo\n"}
	for name, tt := range map[string]struct {
		layers  []fixture.Files
		want    string
		program string
	}{
		"base":              {[]fixture.Files{system(t, "linux/arm64")}, "", "/bin/sh is checked instead"},
		"wrong base":        {[]fixture.Files{system(t, "linux/amd64")}, "error binary-platform /bin/sh", "/bin/sh is checked instead"},
		"base of a link":    {[]fixture.Files{{"bin/sh": "-> busybox", "bin/busybox": amd}}, "error binary-platform /bin/busybox", "/bin/busybox is checked instead"},
		"scratch":           {[]fixture.Files{{"app": arm}}, "", "/app is checked instead"},
		"wrong scratch":     {[]fixture.Files{{"app": amd}}, "error binary-platform /app", "/app is checked instead"},
		"library":           {[]fixture.Files{{"usr/lib/libc.so.6": amd}}, "error binary-platform /usr/lib/libc.so.6", "/usr/lib/libc.so.6 is checked instead"},
		"multiarch library": {[]fixture.Files{{"lib/x86_64-linux-gnu/libc.so.6": amd}}, "error binary-platform /lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6 is checked instead"},
		"lowest layer":      {[]fixture.Files{data, {"usr/bin/a": arm}, {"usr/bin/b": amd}}, "", "/usr/bin/a is checked instead"},
		"several platforms": {[]fixture.Files{{"dist/app-amd64": amd, "dist/app-arm64": arm}}, "", "/dist/app-arm64 is checked instead"},
		"replaced":          {[]fixture.Files{{"app": amd}, {"app": arm}}, "", "/app is checked instead"},
		"data":              {[]fixture.Files{data}, "", "no program is checked instead"},
		"firmware":          {[]fixture.Files{{"usr/lib/firmware/dsp.elf": amd}}, "", "no program is checked instead"},
		"emulator":          {[]fixture.Files{{"usr/bin/qemu-aarch64-static": amd}}, "", "no program is checked instead"},
		"broken shell":      {[]fixture.Files{{"bin/sh": "echo\n", "usr/bin/a": arm}}, "", "/usr/bin/a is checked instead"},
	} {
		findings, found := verifyFiles(t, fixture.NewConfig("linux/arm64"), tt.layers...)
		want := "info entrypoint-undeclared"
		if tt.want != "" {
			want += ", " + tt.want
		}
		if got := strings.Join(findings, ", "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
			continue
		}
		if got := found.Images[0].Findings[0].Actual; got != tt.program {
			t.Errorf("%s: %q, want %q", name, got, tt.program)
		}
		verdict := map[bool]string{true: "unknown", false: "ok"}[strings.HasPrefix(tt.program, "no ")]
		if tt.want != "" {
			verdict = "failed"
		}
		layout := fixture.WriteLayout(t, map[string]fixture.Object{"1": fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64"), tt.layers...)})
		done := clitest.Run(t, "verify", "oci-layout://"+string(layout)+":1")
		if !bytes.Contains([]byte(done.Stdout), []byte(" "+verdict+" ")) {
			t.Errorf("%s: no verdict %s:\n%s", name, verdict, done.Stdout)
		}
	}
}
