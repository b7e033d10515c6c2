package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// testLimit bounds one run of a test.
const testLimit = 2 * time.Minute

// copyTree copies the project to a new temporary directory, without its history.
func copyTree(from string) (to string, err error) {
	to, err = os.MkdirTemp("", "manifest-tool-mutate-")
	if err != nil {
		return "", err
	}
	err = filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || path == "dist"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, path), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		return copyFile(path, filepath.Join(to, path))
	})
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(to))
	}
	return to, nil
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, info.Mode().Perm())
}

// passesUnmodified runs every test of the guards on the project as it is: a test
// that fails anyway would seem to notice everything.
func passesUnmodified(ctx context.Context, where string, all []guard) error {
	tests := map[string][]string{}
	for _, g := range all {
		if !slices.Contains(tests[g.pkg], g.test) {
			tests[g.pkg] = append(tests[g.pkg], g.test)
		}
	}
	for pkg, names := range tests {
		out := goTest(ctx, where, pkg, "^("+strings.Join(names, "|")+")$", "-v")
		for _, name := range names {
			if !strings.Contains(out, "--- PASS: "+name+" ") {
				return fmt.Errorf("%s of %s does not pass with all guards on:\n%s", name, pkg, out)
			}
		}
	}
	return nil
}

// goTest runs tests of a package and returns what they printed. The paths of
// the copy are kept out of what is compiled, so that the next check finds all
// but the changed package in Go's cache.
func goTest(ctx context.Context, where, pkg, tests string, more ...string) string {
	args := append([]string{"test"}, more...)
	args = append(args, "-count=1", "-vet=off", "-trimpath", "-tags", "e2e", "-timeout", testLimit.String(), "-run", tests, pkg)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = where
	// A binary that was built beforehand would have its guards on.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MANIFEST_TOOL_E2E_BINARY=") })
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out) + err.Error() + "\n"
	}
	return string(out)
}
