package cmd

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/term"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/store/transport"
)

// Deps is everything a command takes from its environment, so that a test can
// replace all of it.
type Deps struct {
	In       io.Reader
	Out, Err io.Writer
	// Prompter reads from the user if In is a terminal.
	Prompter prompter
	// Getenv reads the environment, and Environ lists it.
	Getenv  func(string) string
	Environ func() []string
	// Home is the user's home directory, "" if there is none.
	Home string
	// PodmanRuntimeDir is where Podman stores a login without XDG_RUNTIME_DIR, "" if
	// it stores none there.
	PodmanRuntimeDir string
	// CertDirs are the certs.d directories of docker and of podman. The first one
	// that has a host is used.
	CertDirs []string
	// TermWidth is the width of the terminal that Out is; 0 if it is not one.
	TermWidth int
	// StdinIsTerminal reports whether In is a terminal.
	StdinIsTerminal bool
	// StderrIsTerminal reports whether Err is a terminal: scripts take a line there
	// for a failure.
	StderrIsTerminal bool
	// StderrSize returns the size of the terminal that Err is; it is nil if that is
	// not one, or has no control sequences.
	StderrSize func() (columns, rows int)
	// Host returns the platform of this machine's containers.
	Host func() platform.Platform
	// ProgramName is the program's name as typed.
	ProgramName     string
	Version, Commit string
	// Date is that of the commit, RFC 3339, "" if it is unknown.
	Date string
	// Now returns the current time; with nil no ages are shown.
	Now func() time.Time
	// Timing controls waits; the zero value is real time.
	Timing transport.Timing
}

// SystemDeps returns the streams, environment and clock of this process. version,
// commit and date are those of the build.
func SystemDeps(version, commit, date string) Deps {
	home, _ := os.UserHomeDir()
	return Deps{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Prompter: newTerminalPrompter(os.Stdin),
		Getenv: os.Getenv, Environ: os.Environ, Home: home, PodmanRuntimeDir: runDir(), CertDirs: certDirs(home, os.Getenv),
		TermWidth: columns(int(os.Stdout.Fd())), StdinIsTerminal: term.IsTerminal(int(os.Stdin.Fd())),
		StderrIsTerminal: term.IsTerminal(int(os.Stderr.Fd())), StderrSize: stderrSize(),
		Host: platform.Host, Now: time.Now,
		ProgramName: os.Args[0], Version: version, Commit: commit, Date: date,
	}
}

// runDir returns Podman's directory for this user. Source: containers-auth.json(5).
func runDir() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	return "/run/containers/" + strconv.Itoa(os.Getuid())
}

// certDirs returns the directories with the certificates of registries: the
// user's before the machine's, podman's before docker's. docker reads the
// second one when it runs without root, Docker Desktop the third one, docker on
// Windows the last one. Sources: containers-certs.d(5), docker's CertsDir.
func certDirs(home string, getenv func(string) string) []string {
	own := getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(own) && home != "" {
		own = filepath.Join(home, ".config")
	}
	var dirs []string
	if filepath.IsAbs(own) {
		dirs = append(dirs, filepath.Join(own, "containers", "certs.d"), filepath.Join(own, "docker", "certs.d"))
	}
	if home != "" {
		dirs = append(dirs, filepath.Join(home, ".docker", "certs.d"))
	}
	dirs = append(dirs, "/etc/containers/certs.d", "/etc/docker/certs.d")
	if data := getenv("PROGRAMDATA"); data != "" {
		dirs = append(dirs, filepath.Join(data, "docker", "certs.d"))
	}
	return dirs
}

// stderrSize returns what Deps.StderrSize is.
func stderrSize() func() (columns, rows int) {
	fd := int(os.Stderr.Fd())
	if !term.IsTerminal(fd) || !enableControlSequences(fd) {
		return nil
	}
	return func() (int, int) {
		if columns, rows, err := term.GetSize(fd); err == nil && columns > 0 && rows > 0 {
			return columns, rows
		}
		return 80, 24
	}
}

// columns returns the width of a terminal, 0 for anything else, and 80 for a
// terminal that does not report its width.
func columns(fd int) int {
	if !term.IsTerminal(fd) {
		return 0
	}
	if width, _, err := term.GetSize(fd); err == nil && width > 0 {
		return width
	}
	return 80
}
