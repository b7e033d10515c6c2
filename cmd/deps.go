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

// Deps is everything a command takes from outside, so that a test can stand
// in for all of it.
type Deps struct {
	In       io.Reader
	Out, Err io.Writer
	// Prompter reads from the person at the terminal that In is, if it is one.
	Prompter prompter
	// Getenv reads the environment.
	Getenv func(string) string
	// Home is the user's home folder, "" when there is none.
	Home string
	// PodmanRuntimeDir is where Podman keeps a login without XDG_RUNTIME_DIR, "" when it
	// keeps none there.
	PodmanRuntimeDir string
	// CertDirs are the certs.d folders of docker and of podman, the first one
	// that has a host decides.
	CertDirs []string
	// TermWidth is the width of the terminal that Out is; 0 when it is none.
	TermWidth int
	// StdinIsTerminal says that In is one, where nothing comes from by itself.
	StdinIsTerminal bool
	// Host is the platform of this machine's containers.
	Host func() platform.Platform
	// ProgramName is the program's name as typed.
	ProgramName     string
	Version, Commit string
	// Now is the present; nil shows no ages.
	Now func() time.Time
	// Timing is how waits pass; the zero value is in real time.
	Timing transport.Timing
}

// SystemDeps returns the real things. version and commit say what was built.
func SystemDeps(version, commit string) Deps {
	home, _ := os.UserHomeDir()
	return Deps{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Prompter: newTerminalPrompter(os.Stdin),
		Getenv: os.Getenv, Home: home, PodmanRuntimeDir: runDir(), CertDirs: certDirs(home, os.Getenv),
		TermWidth: columns(int(os.Stdout.Fd())), StdinIsTerminal: term.IsTerminal(int(os.Stdin.Fd())),
		Host: platform.Host, Now: time.Now,
		ProgramName: os.Args[0], Version: version, Commit: commit,
	}
}

// runDir is Podman's folder for this user. Source: containers-auth.json(5).
func runDir() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	return "/run/containers/" + strconv.Itoa(os.Getuid())
}

// certDirs are the folders that hold the certificates of registries: the
// user's before the machine's, podman's before docker's. docker reads the
// second one when it runs without root, Docker Desktop the third, the last one
// on Windows. Sources: containers-certs.d(5), docker's CertsDir.
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

// columns is the width of a terminal, 0 for what is none. A terminal that does
// not tell has 80, as ever.
func columns(fd int) int {
	if !term.IsTerminal(fd) {
		return 0
	}
	if width, _, err := term.GetSize(fd); err == nil && width > 0 {
		return width
	}
	return 80
}
