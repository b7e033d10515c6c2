package cmd

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/store/transport"
)

const errorsPage = "../docs/errors.md"

// errorCase is a row of docs/errors.md: a condition, and a run that meets it with real
// servers and files. Message, hint and exit code in the page are those of the run.
type errorCase struct {
	id, condition string
	run           func(t *testing.T, m *machine) outcome
	// test is the test, FILE TestName, that provokes it if this package cannot.
	test string
	// warning is set for a warning with a hint: the run succeeds.
	warning bool
}

type errorSection struct {
	title string
	cases []errorCase
}

func errorSections() []errorSection {
	return []errorSection{
		{"The registry cannot be reached", connectionCases()},
		{"Query service", serviceCases()},
		{"Addresses that a registry gives", referredCases()},
		{"Logins", loginCases()},
		{"Responses", responseCases()},
		{"The registry refuses a push", refusalCases()},
		{"Names of images", referenceCases()},
		{"Specs and platforms", specCases()},
		{"What builders leave", digestCases()},
		{"Step of Drone or Woodpecker", pluginCases()},
		{"Flags and settings", settingCases()},
		{"Files of this machine", fileCases()},
		{"Archives", archiveCases()},
	}
}

// TestErrors provokes every error that has a hint, and holds docs/errors.md to what is
// printed: make docs writes it.
func TestErrors(t *testing.T) {
	sections := errorSections()
	rows := make([][]string, len(sections))
	t.Run("case", func(t *testing.T) {
		for i, s := range sections {
			rows[i] = make([]string, len(s.cases))
			for j, c := range s.cases {
				t.Run(c.id, func(t *testing.T) {
					t.Parallel()
					rows[i][j] = errorRow(t, c)
				})
			}
		}
	})
	if t.Failed() || runtime.GOOS != "linux" { // the messages of the system differ
		return
	}
	page := errorsIntro
	for i, s := range sections {
		page += "\n## " + s.title + "\n\n| condition | message | what to do | exit | test |\n| --- | --- | --- | --- | --- |\n" + strings.Join(rows[i], "")
	}
	if *update {
		if err := os.WriteFile(errorsPage, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(errorsPage)
	if diff := cmp.Diff(page, string(committed)); err != nil || diff != "" {
		t.Errorf("docs/errors.md is stale, run make docs (-fresh +committed): %v\n%s", err, diff)
	}
}

const errorsIntro = `# Errors

<!-- Written by make docs from the tests named in the last column. -->

What manifest-tool prints when something goes wrong, and what to do. The message of an error begins
with ` + "`manifest-tool failed with error:`" + `, the second column has the rest of it; a warning, with exit
code 0 below, begins with ` + "`warning:`" + `. The third column is the line ` + "`hint:`" + ` after it; "(no hint)" means
that none is printed, since the message says what to do. ` + "`--quiet`" + ` leaves the hint out. The exit codes
are described in [exit-codes.md](exit-codes.md), the findings of verify in [verify.md](verify.md).

` + "`failed to push image:`" + ` (push from-spec) and ` + "`pushing image failed:`" + ` (push from-args) mean the same.

Names in upper case are placeholders: REGISTRY, OTHER, PROXY and TOKENSERVER for hosts, IMAGE and
OTHER-IMAGE for references, DIR for a directory, DURATION for a time such as 30s, sha256:DIGEST for
any digest, sha256:CURRENT for the one that a tag points to, sha256:EXPECTED for the one it should.

Each row is the output of a run against a real server or real files. The last column names the
test: those without a file are ` + "`go test ./cmd -run TestErrors/case/NAME`" + `.
`

// errorRow runs a case and returns its row.
func errorRow(t *testing.T, c errorCase) string {
	t.Helper()
	m := &machine{dir: t.TempDir(), names: map[string]string{}, env: map[string]string{}}
	got := c.run(t, m)
	message, hint := m.lines(got.errOut)
	if hint == "" && wayOut().MatchString(message) {
		hint = "(no hint)"
	}
	if (got.code == 0) != c.warning || message == "" || hint == "" {
		t.Errorf("exit code %d, message %q, hint %q; stdout %s, stderr %s", got.code, message, hint, got.out, got.errOut)
	}
	if strings.Contains(got.out+got.errOut, canary) {
		t.Errorf("it shows the password: %s%s", got.out, got.errOut)
	}
	test := c.id
	if c.test != "" {
		test = c.test
		wantTest(t, test)
	}
	return fmt.Sprintf("| %s | `%s` | %s | %d | %s |\n", c.condition, strings.ReplaceAll(message, "|", `\|`), cell(hint), got.code, test)
}

// wayOut matches the messages that say themselves what to do.
func wayOut() *regexp.Regexp {
	return regexp.MustCompile(`[:;] (use|add|leave out) [a-z ]*--[a-z]`)
}

// wantTest checks that a test exists in a file.
func wantTest(t *testing.T, test string) {
	t.Helper()
	file, name, _ := strings.Cut(test, " ")
	source, err := os.ReadFile(filepath.Join("..", file))
	if err != nil || !bytes.Contains(source, []byte("func "+name+"(t *testing.T)")) {
		t.Errorf("there is no test %s in %s: %v", name, file, err)
	}
}

// cell escapes what has a meaning in a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", `\<`, "*", `\*`).Replace(s)
}

// machine is what a case may use: a home directory, an environment, and servers.
type machine struct {
	dir    string
	env    map[string]string
	stdin  string
	timing transport.Timing
	// names are the placeholders for addresses in the output.
	names map[string]string
}

// main runs a command line in this process.
func (m *machine) main(args ...string) outcome {
	var out, errOut bytes.Buffer
	code := Main(args, Deps{
		In: strings.NewReader(m.stdin), Out: &out, Err: &errOut, Home: m.dir, ProgramName: "manifest-tool",
		Getenv: func(name string) string { return m.env[name] }, Environ: m.environ, Timing: m.timing,
		Host: func() platform.Platform { return platform.Platform{OS: "linux", Architecture: "amd64"} },
	})
	return outcome{code, out.String(), errOut.String()}
}

// environ lists the environment.
func (m *machine) environ() (all []string) {
	for name, value := range m.env {
		all = append(all, name+"="+value)
	}
	return all
}

// asProgram is the variable that makes the test binary run as the program: net/http
// reads the variables of proxies once in a process.
const asProgram = "MANIFEST_TOOL_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(os.Args[1:], SystemDeps("test", "test", "")))
	}
	os.Exit(m.Run())
}

// process runs a command line in a process of its own.
func (m *machine) process(t *testing.T, args ...string) outcome {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Env = []string{asProgram + "=1", "HOME=" + m.dir, "PATH=" + os.Getenv("PATH")}
	for name, value := range m.env {
		c.Env = append(c.Env, name+"="+value)
	}
	var out, errOut bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(m.stdin), &out, &errOut
	_ = c.Run()
	return outcome{c.ProcessState.ExitCode(), out.String(), errOut.String()}
}

// file writes a file into the home directory and returns its path.
func (m *machine) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(m.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// name gives an address a placeholder and returns it.
func (m *machine) name(placeholder, address string) string {
	m.names[address] = placeholder
	return address
}

// lines returns the message and the hint of what was printed, with placeholders.
func (m *machine) lines(errOut string) (message, hint string) {
	for line := range strings.Lines(errOut) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "manifest-tool failed with error: "); ok {
			message = m.normalize(rest)
		}
		if rest, ok := strings.CutPrefix(line, "hint: "); ok {
			hint = m.normalize(rest)
		}
	}
	return message, hint
}

func (m *machine) normalize(s string) string {
	for address, placeholder := range m.names {
		s = strings.ReplaceAll(s, address, placeholder)
	}
	s = strings.ReplaceAll(s, m.dir+"/.config/", "~/.config/")
	s = strings.ReplaceAll(s, m.dir, "DIR")
	for _, r := range [][2]string{
		{`(sha256:|sha256%3A)[0-9a-f]{64}`, "${1}DIGEST"},
		{`points to sha256:DIGEST(, not to the expected| instead of) sha256:DIGEST`, "points to sha256:CURRENT$1 sha256:EXPECTED"},
		{`oci-layout://\.\./testdata/layouts/linux-arm64:1\.0`, "OTHER-IMAGE"},
		{`oci-layout://\.\./testdata/layouts/[a-z0-9-]+:1\.0`, "IMAGE"},
		{`\.\./testdata/layouts/[a-z0-9-]+`, "DIR"},
		{`\b(50|100)ms\b`, "DURATION"},
		// The alert of a server may arrive after it closed the connection.
		{`the server requested a client certificate and closed the connection: .*`, "remote error: tls: certificate required"},
		// net/http's prefix if the connection ends before the request is sent.
		{`readLoopPeekFailLocked: `, ""},
		{`lookup (\S+?)( on \S+)?: .*`, "lookup $1: no such host"},
		{`current time \S+ is after \S+`, "current time NOW is after THEN"},
		{`127\.0\.0\.1:\d+(->127\.0\.0\.1:\d+)?`, "ADDRESS"},
	} {
		s = regexp.MustCompile(r[0]).ReplaceAllString(s, r[1])
	}
	return s
}
