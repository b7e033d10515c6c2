package cmd

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"

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
	// Name is the program's name as typed.
	Name            string
	Version, Commit string
	// Now is the present; nil shows no ages.
	Now func() time.Time
	// Pace is how waits pass; the zero value is in real time.
	Pace wire.Pace
}

// System returns the real things. version and commit say what was built.
func System(version, commit string) Deps {
	home, _ := os.UserHomeDir()
	return Deps{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Getenv: os.Getenv, Home: home, Now: time.Now,
		Columns: columns(int(os.Stdout.Fd())),
		Name:    os.Args[0], Version: version, Commit: commit,
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
