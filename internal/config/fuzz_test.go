package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParseFile holds that no file makes the reader panic, that an error names
// the file and one of its lines, and that what was accepted can be decoded.
func FuzzParseFile(f *testing.F) {
	for _, kind := range []string{"good", "bad"} {
		paths, err := filepath.Glob(filepath.Join("..", "..", "testdata", "config", kind, "*.yaml"))
		if err != nil || len(paths) == 0 {
			f.Fatalf("no files: %v", err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := parseFile("fuzz.yaml", data, "/home/a")
		if err == nil {
			if _, err := decode(l, newLayer(), nil); err != nil {
				t.Fatalf("it was accepted, and then: %v", err)
			}
			return
		}
		var bad *Error
		if !errors.As(err, &bad) {
			t.Fatalf("error %v", err)
		}
		line := 0
		if _, err := fmt.Sscanf(strings.TrimPrefix(bad.Where, "fuzz.yaml:"), "%d", &line); err != nil || line < 1 || line > 1+bytes.Count(data, []byte("\n"))+bytes.Count(data, []byte("\r"))+bytes.Count(data, []byte("\u2028"))+bytes.Count(data, []byte("\u0085"))+bytes.Count(data, []byte("\u2029")) {
			t.Fatalf("line %d of %q: %v", line, bad.Where, err)
		}
	})
}
