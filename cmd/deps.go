package cmd

import (
	"io"
	"os"

	"golang.org/x/term"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/store/wire"
)

// Deps is everything a command takes from outside, so that a test can stand
// in for all of it.
type Deps struct {
	In       io.Reader
	Out, Err io.Writer
	// Getenv reads the environment.
	Getenv func(string) string
	// Home is the user's home folder, "" when there is none.
	Home string
	// Columns is the width of the terminal that Out is; 0 when it is none.
	Columns int
	// InTerminal says that In is one, where nothing comes from by itself.
	InTerminal bool
	// Host is the platform of this machine's containers.
	Host func() platform.Platform
	// Name is the program's name as typed.
	Name            string
	Version, Commit string
	// Pace is how waits pass; the zero value is in real time.
	Pace wire.Pace
}

// System returns the real things. version and commit say what was built.
func System(version, commit string) Deps {
	home, _ := os.UserHomeDir()
	return Deps{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Getenv: os.Getenv, Home: home,
		Columns: columns(int(os.Stdout.Fd())), InTerminal: term.IsTerminal(int(os.Stdin.Fd())),
		Host: platform.Host,
		Name: os.Args[0], Version: version, Commit: commit,
	}
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
