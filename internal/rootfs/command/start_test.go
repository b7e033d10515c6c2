package command

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/rootfs/rootfstest"
)

// TestFallback has a file without #! that different programs start. What is after
// "=>" happens if the kernel does not execute it.
func TestFallback(t *testing.T) {
	const musl, glibc = "/lib/ld-musl-x86_64.so.1", "/lib64/ld-linux-x86-64.so.2"
	entries := []rootfstest.Entry{
		{Name: "app", Body: "echo hello\n"},
		{Name: "by-env", Body: "#!/usr/bin/env /app\n"},
		{Name: "by-app", Body: "#!/app\n"},
		{Name: "bin/sh", Body: rootfstest.ELF(rootfstest.AMD64, "")},
	}
	for dir, loader := range map[string]string{"musl": musl, "glibc": glibc, "usr/bin": ""} {
		for _, name := range []string{"tini", "tini-static", "dumb-init", "catatonit", "gosu", "su-exec", "setpriv", "nice", "env"} {
			entries = append(entries, rootfstest.Entry{Name: dir + "/" + name, Body: rootfstest.ELF(rootfstest.AMD64, loader)})
		}
	}
	s := stackOf(t, false, entries)
	for _, line := range []string{
		"/app => none",
		"/by-app => none",
		"/by-env => library",
		"/usr/bin/gosu nobody /app => none",
		"/glibc/gosu nobody /app => none",
		"/usr/bin/su-exec nobody /app => library",
		"/glibc/env A=1 /app => library",
		"/glibc/setpriv --nnp /app => library",
		"/musl/env /app => none",
		"/musl/su-exec nobody /app => none",
		"/musl/tini -- /app => none",
		"/usr/bin/tini -- /app => shell",
		"/usr/bin/tini-static /app => shell",
		"/usr/bin/dumb-init /app => shell",
		"/glibc/catatonit /app => shell",
		"/glibc/nice /app => shell",
		"/glibc/tini -- /by-app => shell",
		"/glibc/tini -- gosu nobody /app => none",
		"/bin/sh -c /app => shell",
	} {
		argv, want, _ := strings.Cut(line, " => ")
		all, err := Resolve(t.Context(), s, Config{Cmd: strings.Fields(argv)})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, step := range all {
			if step.File.Path == "/app" {
				got = string(step.Fallback)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", argv, diff)
		}
	}
}
