//go:build e2e

package executable_test

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"manifest-tool/internal/platform/executable"
)

var updateSamples = flag.Bool("update-samples", false, "write testdata/binaries again")

// TestCompiled compiles samples and reads the files themselves.
// As part of the usual run these are a few in Go. With BINARIES=all, as in
// `make test-binaries`, it is all of them, also those in C, and the stored ones
// must hold what is read of them.
func TestCompiled(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/empty\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "main.go"), "package main\n\nfunc main() {}\n")
	write(t, filepath.Join(dir, "main.c.txt"), "double half(double x) { return x / 2; }\nint main(int n, char **a) { (void)a; return half(n) > 9; }\n")
	usual := []string{
		"go-linux-amd64-v3", "go-linux-arm-6", "go-linux-s390x", "go-windows-amd64", "go-darwin-arm64", "go-wasip1-wasm",
	}
	full := os.Getenv("BINARIES") == "all"
	count := 0
	for _, s := range samples() {
		if !full && !slices.Contains(usual, s.name) {
			continue
		}
		count++
		t.Run(s.name, func(t *testing.T) {
			path := filepath.Join(dir, s.name)
			compile(t, dir, path, s)
			data, e := readFile(t, path)
			if tell(e) != s.want {
				t.Errorf("%s, want %s: %s", tell(e), s.want, e.Detail)
			}
			if *updateSamples {
				keep(t, s, data)
			}
			if full {
				fmt.Printf("| %s | %s | %s |\n", s.name, tell(e), e.Detail)
			}
		})
	}
	if count < len(usual) {
		t.Errorf("%d programs were compiled, want %d", count, len(usual))
	}
}

func readFile(t *testing.T, path string) ([]byte, executable.Executable) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	e, err := executable.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return data, e
}

// compile makes a sample. A compiler that is not there is a failure: `make
// test-binaries` says which packages have them.
func compile(t *testing.T, dir, path string, s sample) {
	t.Helper()
	var c *exec.Cmd
	if strings.HasPrefix(s.name, "go-") {
		c = exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", path, ".")
		c.Env = append(os.Environ(), append([]string{"CGO_ENABLED=0", "GOWORK=off", "GOFLAGS="}, s.env...)...)
	} else {
		c = exec.CommandContext(t.Context(), s.env[0], append([]string{"-Os", "-o", path, "-x", "c", "main.c.txt", "-x", "none"}, s.env[1:]...)...)
	}
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", s.env, err, out)
	}
}

// keep stores a sample: what our reader and the standard library's read of it,
// of long reads as much of the beginning as it takes, and zeros in place of the
// rest.
func keep(t *testing.T, s sample, data []byte) {
	t.Helper()
	want, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{2 << 10, 6 << 10, executable.HeadSize} {
		r := &recorder{data: data, kept: make([]byte, len(data)), most: most}
		_, _ = executable.Read(r, int64(len(data)))
		_, elfErr := elf.NewFile(r)
		_, _ = pe.NewFile(r)
		_, _ = macho.NewFile(r)
		got, err := read(r.kept)
		_, keptErr := elf.NewFile(bytes.NewReader(r.kept))
		if err == nil && reflect.DeepEqual(got, want) && (elfErr == nil) == (keptErr == nil) {
			pack(t, s, r.kept)
			return
		}
	}
	t.Fatal("what is kept says something else")
}

func pack(t *testing.T, s sample, data []byte) {
	t.Helper()
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(data)
	if err = errors.Join(err, w.Close(), os.MkdirAll(filepath.Dir(samplePath("")), 0o755)); err != nil {
		t.Fatal(err)
	}
	write(t, samplePath(s.name), packed.String())
}

// recorder keeps what is read, of long pieces the beginning.
type recorder struct {
	data, kept []byte
	most       int
}

func (r *recorder) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= int64(len(r.data)) {
		return 0, io.EOF
	}
	n := copy(p, r.data[offset:])
	copy(r.kept[offset:], p[:min(n, r.most)])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
