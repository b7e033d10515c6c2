package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// guard is one line of the list.
type guard struct {
	number          string // of the case, as in docs/faults.md
	file            string
	search, replace string
	pkg, test       string
}

// readGuards reads a list; only, when set, is the number of the case to keep.
// Empty lines and lines that begin with # are left out.
func readGuards(list, only string) ([]guard, error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	var all []guard
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		g, err := parseGuard(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", list, number, err)
		}
		if only == "" || g.number == only {
			all = append(all, g)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s names no guard of that case", list)
	}
	return all, nil
}

func parseGuard(line string) (guard, error) {
	f := strings.Split(line, " | ")
	if len(f) != 6 {
		return guard{}, fmt.Errorf("%d fields, want CASE | FILE | SEARCH | REPLACE | PACKAGE | TEST", len(f))
	}
	g := guard{number: f[0], file: f[1], search: f[2], replace: f[3], pkg: f[4], test: f[5]}
	if g.search == g.replace {
		return guard{}, fmt.Errorf("the guard of case %s stays as it is", g.number)
	}
	return g, nil
}

// off returns the text of the guard's file, below a directory, as it is and with
// the guard switched off.
func (g guard) off(where string) (before, after string, err error) {
	text, err := os.ReadFile(filepath.Join(where, g.file))
	if err != nil {
		return "", "", err
	}
	before = string(text)
	if n := strings.Count(before, g.search); n != 1 {
		return "", "", fmt.Errorf("%q occurs %d times in %s, want once", g.search, n, g.file)
	}
	return before, strings.Replace(before, g.search, g.replace, 1), nil
}

// check switches the guard off in the copy of the project, runs its test and
// switches it on again. The error says why the test cannot be relied on.
func (g guard) check(ctx context.Context, where string) error {
	before, after, err := g.off(where)
	if err != nil {
		return err
	}
	path := filepath.Join(where, g.file)
	if err := os.WriteFile(path, []byte(after), 0o600); err != nil {
		return err
	}
	out := goTest(ctx, where, g.pkg, "^"+g.test+"$")
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		return err
	}
	switch {
	case strings.Contains(out, "[build failed]"), strings.Contains(out, "[setup failed]"):
		return fmt.Errorf("it does not compile with the guard off:\n%s", out)
	case strings.Contains(out, "panic: test timed out"):
		return fmt.Errorf("with the guard off the test does not end within %s", testLimit)
	case strings.Contains(out, "--- FAIL: "+g.test+" "):
		return nil
	}
	return fmt.Errorf("the guard is off and its test does not notice:\n%s", out)
}
