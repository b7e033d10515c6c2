//go:build e2e

package docs

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

const (
	// pageLimit bounds the time of all examples of a page.
	pageLimit = 5 * time.Minute
	// serviceAddress is where `serve` listens in the examples.
	serviceAddress = "127.0.0.1:8080"
	storageFile    = ".config/containers/storage.conf"
	endOfCommand   = "@@end-of-command "
)

// exampleHosts are the registries of the examples. Each page has its own ones.
var exampleHosts = []string{"registry.example.com", "new.example.com"}

// shell is bash as a reader of one page uses it. Names of the page stand for
// what exists only during the test: registries, the user's home, a service.
type shell struct {
	commands io.Writer
	output   *bufio.Reader
	dir      string   // for the files of this test
	names    []string // of the page and real: pairs
	code     int      // of the last command
}

// startShell starts bash with the binary in PATH, in a copy of the part of
// testdata that is for examples, whose specs have the real names of registries.
func startShell(t *testing.T, page string) *shell {
	t.Helper()
	bin, home, work := t.TempDir(), t.TempDir(), t.TempDir()
	s := &shell{dir: t.TempDir(), names: []string{"/home/me/demo", work, "/home/me", home}}
	for _, host := range exampleHosts {
		if strings.Contains(page, host) {
			s.names = append(s.names, host, registrytest.StartOpen(t).Host)
		}
	}
	if host := s.real(exampleHosts[0]); host != exampleHosts[0] {
		pushImages(t, page, host)
	}
	clitest.Must(t, os.Symlink(clitest.Binary(), filepath.Join(bin, "manifest-tool")))
	for _, name := range []string{"demo", "layouts"} {
		clitest.Must(t, os.CopyFS(filepath.Join(work, name), os.DirFS(clitest.RepoPath("testdata", name))))
	}
	s.replaceInFiles(t, filepath.Join(work, "demo", "*.yaml"))
	s.configureClients(t, home)

	ctx, cancel := context.WithTimeout(context.Background(), pageLimit)
	path := "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")
	storage := "CONTAINERS_STORAGE_CONF=" + filepath.Join(home, storageFile)
	session := clitest.Session{Home: home, Dir: work, Env: []string{path, storage}}
	s.start(t, session.Command(ctx, t, clitest.FindTool(t, "bash"), "--norc"), cancel)
	return s
}

// start starts the shell in a process group, which ends with the test.
func (s *shell) start(t *testing.T, bash *exec.Cmd, cancel func()) {
	t.Helper()
	bash.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	bash.Cancel = func() error { return syscall.Kill(-bash.Process.Pid, syscall.SIGKILL) }
	bash.Stdin = nil
	in, err := bash.StdinPipe()
	clitest.Must(t, err)
	out, err := bash.StdoutPipe()
	clitest.Must(t, err)
	clitest.Must(t, bash.Start())
	t.Cleanup(func() {
		cancel()
		_ = bash.Wait() // it was killed
	})
	s.commands, s.output = in, bufio.NewReader(out)
	s.send(t, "exec 2>&1")
}

func (s *shell) send(t *testing.T, line string) {
	t.Helper()
	_, err := fmt.Fprintln(s.commands, line)
	clitest.Must(t, err)
}

// run runs a command of the page and returns its output, with the names of the
// page, and its exit code. A command that ends in & is a service, of which it waits
// for the address.
func (s *shell) run(t *testing.T, command string) (output string, code int) {
	t.Helper()
	script, log := filepath.Join(s.dir, "command"), filepath.Join(s.dir, "log")
	background := strings.HasSuffix(command, " &")
	redirect := ""
	if background {
		command = strings.ReplaceAll(command, serviceAddress, "127.0.0.1:0")
		command = "MANIFEST_TOOL_SERVE_LISTEN=127.0.0.1:0 " + command
		redirect = ">" + log + " 2>&1"
	}
	clitest.Must(t, os.WriteFile(script, []byte(s.real(command)+"\n"), 0o600))
	s.send(t, fmt.Sprintf(`(exit %d); . %s </dev/null %s`, s.code, script, redirect))
	s.send(t, `printf '\n`+endOfCommand+`%d\n' $?`)
	output, s.code = s.read(t)
	if background {
		s.waitForService(t, log)
	}
	return s.shown(output), s.code
}

// read reads the output of a command up to its end.
func (s *shell) read(t *testing.T) (output string, code int) {
	t.Helper()
	var text strings.Builder
	for {
		line, err := s.output.ReadString('\n')
		if err != nil {
			t.Fatalf("the shell has ended: %v\n%s%s", err, text.String(), line)
		}
		if number, ok := strings.CutPrefix(line, endOfCommand); ok {
			code, err = strconv.Atoi(strings.TrimSpace(number))
			clitest.Must(t, err)
			return strings.TrimSuffix(text.String(), "\n"), code
		}
		text.WriteString(line)
	}
}

// waitForService waits until the log of a service has its address, which
// serviceAddress stands for from then on.
func (s *shell) waitForService(t *testing.T, log string) {
	t.Helper()
	listening := regexp.MustCompile(`"url":"http://([^"]+)"`)
	clitest.WaitFor(t, "the service", func() bool {
		text, err := os.ReadFile(log)
		clitest.Must(t, err)
		found := listening.FindSubmatch(text)
		if found != nil {
			s.names = append(s.names, serviceAddress, string(found[1]))
		}
		return found != nil
	})
}

// real returns a text of the page with the names that exist.
func (s *shell) real(text string) string { return strings.NewReplacer(s.names...).Replace(text) }

// shown returns an output with the names of the page.
func (s *shell) shown(text string) string {
	var swapped []string
	for i := 0; i < len(s.names); i += 2 {
		swapped = append(swapped, s.names[i+1], s.names[i])
	}
	return strings.NewReplacer(swapped...).Replace(text)
}

// replaceInFiles gives files the names that exist.
func (s *shell) replaceInFiles(t *testing.T, pattern string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	clitest.Must(t, err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		clitest.Must(t, err)
		clitest.Must(t, os.WriteFile(path, []byte(s.real(string(text))), 0o600))
	}
}

// configureClients writes settings by which other clients use http for the
// registries of the page, and store nothing outside of the user's home.
func (s *shell) configureClients(t *testing.T, home string) {
	t.Helper()
	var containers, regctl strings.Builder
	for _, name := range exampleHosts {
		host := s.real(name)
		fmt.Fprintf(&containers, "[[registry]]\nlocation = %q\ninsecure = true\n", host)
		fmt.Fprintf(&regctl, "%q: {\"tls\": \"disabled\"},\n", host)
	}
	hosts := strings.TrimSuffix(regctl.String(), ",\n")
	for path, text := range map[string]string{
		".config/containers/registries.conf": containers.String(),
		storageFile:                          fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n", home+"/storage", home+"/run"),
		".regctl/config.json":                `{"hosts": {` + hosts + `}}`,
	} {
		clitest.Must(t, os.MkdirAll(filepath.Join(home, filepath.Dir(path)), 0o700))
		clitest.Must(t, os.WriteFile(filepath.Join(home, path), []byte(text), 0o600))
	}
}
