//go:build e2e

package e2e

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// programSource is the smallest program there is: only Go's runtime has to be
// compiled for each platform.
const programSource = "package main\n\nfunc main() { println(\"hello\") }\n"

// compiled are the programs that were built in this run, by what they were
// built for.
var compiled = struct {
	sync.Mutex
	programs map[string]func() ([]byte, error)
}{programs: map[string]func() ([]byte, error){}}

// compile returns a Go program for OS/ARCH[/LEVEL], such as linux/arm/7 or
// linux/amd64/v3; "pie" as a further part makes one that names a loader. Each
// is built once.
func compile(t *testing.T, target string) []byte {
	t.Helper()
	compiled.Lock()
	build, known := compiled.programs[target]
	if !known {
		build = sync.OnceValues(func() ([]byte, error) { return buildProgram(target) })
		compiled.programs[target] = build
	}
	compiled.Unlock()
	program, err := build()
	must(t, err)
	return program
}

// stored returns a program of testdata/binaries: what is read of a real one,
// with zeros in place of the rest.
func stored(t *testing.T, name string) string {
	t.Helper()
	packed, err := os.Open(repoPath("testdata", "binaries", name+".gz"))
	must(t, err)
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	must(t, err)
	program, err := io.ReadAll(r)
	must(t, err)
	return string(program)
}

func buildProgram(target string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "program-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(programSource), 0o600); err != nil {
		return nil, err
	}
	target, pie := strings.CutSuffix(target, "/pie")
	parts := append(strings.Split(target, "/"), "")
	args := []string{"build", "-trimpath", "-ldflags", "-s -w", "-o", "program"}
	if pie {
		args = append(args, "-buildmode", "pie")
	}
	cmd := exec.Command("go", append(args, "main.go")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GO111MODULE=off", "GOOS="+parts[0], "GOARCH="+parts[1])
	if parts[2] != "" {
		cmd.Env = append(cmd.Env, "GO"+strings.ToUpper(parts[1])+"="+parts[2])
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building a program for %s: %w\n%s", target, err, out)
	}
	return os.ReadFile(filepath.Join(dir, "program"))
}
