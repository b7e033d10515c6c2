package executable_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"manifest-tool/internal/platform/executable"
)

// samples are programs that a compiler made, and what has to be said of each.
// Stored in testdata/binaries is the size of each and what is read of it, the
// rest being zeros; `make test-binaries` compiles all of them again.
func samples() []sample {
	return append(goSamples(), cSamples()...)
}

type sample struct {
	name string
	want string // in the form of tell
	// env are settings of go build, or for C the compiler and its arguments.
	env []string
}

func goSamples() []sample {
	one := func(os, arch, level, want string) sample {
		name := "go-" + os + "-" + arch
		env := []string{"GOOS=" + os, "GOARCH=" + arch}
		if level != "" {
			key, value, _ := strings.Cut(level, "=")
			name += "-" + value
			env = append(env, key+"="+value)
		}
		return sample{name: name, env: env, want: want}
	}
	all := []sample{
		one("linux", "386", "", "elf linux/386"),
		one("linux", "amd64", "GOAMD64=v1", "elf linux/amd64/v1"),
		one("linux", "amd64", "GOAMD64=v2", "elf linux/amd64/v2"),
		one("linux", "amd64", "GOAMD64=v3", "elf linux/amd64/v3"),
		one("linux", "amd64", "GOAMD64=v4", "elf linux/amd64/v4"),
		one("linux", "arm", "GOARM=5", "elf linux/arm/v5"),
		one("linux", "arm", "GOARM=6", "elf linux/arm/v6"),
		one("linux", "arm", "GOARM=7", "elf linux/arm/v7"),
		one("linux", "arm64", "", "elf linux/arm64/v8"),
		one("linux", "arm64", "GOARM64=v9.0", "elf linux/arm64/v9"),
		one("linux", "loong64", "", "elf linux/loong64 hard"),
		one("linux", "mips", "GOMIPS=hardfloat", "elf linux/mips hard"),
		one("linux", "mips", "GOMIPS=softfloat", "elf linux/mips soft"),
		one("linux", "mipsle", "GOMIPS=hardfloat", "elf linux/mipsle hard"),
		one("linux", "mipsle", "GOMIPS=softfloat", "elf linux/mipsle soft"),
		one("linux", "mips64", "GOMIPS64=hardfloat", "elf linux/mips64 hard"),
		one("linux", "mips64", "GOMIPS64=softfloat", "elf linux/mips64 soft"),
		one("linux", "mips64le", "GOMIPS64=hardfloat", "elf linux/mips64le hard"),
		one("linux", "mips64le", "GOMIPS64=softfloat", "elf linux/mips64le soft"),
		one("linux", "ppc64", "", "elf linux/ppc64"),
		one("linux", "ppc64le", "", "elf linux/ppc64le/power8"),
		one("linux", "ppc64le", "GOPPC64=power9", "elf linux/ppc64le/power9"),
		one("linux", "riscv64", "", "elf linux/riscv64/rva20u64 hard"),
		one("linux", "riscv64", "GORISCV64=rva22u64", "elf linux/riscv64/rva22u64 hard"),
		one("linux", "s390x", "", "elf linux/s390x"),
		one("android", "arm64", "", "elf android/arm64/v8 loader=/system/bin/linker64"),
		one("dragonfly", "amd64", "", "elf dragonfly/amd64/v1"),
		one("freebsd", "386", "", "elf freebsd/386"),
		one("freebsd", "amd64", "", "elf freebsd/amd64/v1"),
		one("freebsd", "arm", "GOARM=6", "elf freebsd/arm/v6"),
		one("freebsd", "arm64", "", "elf freebsd/arm64/v8"),
		one("illumos", "amd64", "", "elf illumos/amd64/v1 loader=/lib/amd64/ld.so.1"),
		one("solaris", "amd64", "", "elf solaris/amd64/v1 loader=/lib/amd64/ld.so.1"),
		one("netbsd", "amd64", "", "elf netbsd/amd64/v1"),
		one("netbsd", "arm64", "", "elf netbsd/arm64/v8"),
		one("openbsd", "amd64", "", "elf openbsd/amd64/v1 loader=/usr/libexec/ld.so"),
		one("openbsd", "riscv64", "", "elf openbsd/riscv64/rva20u64 hard loader=/usr/libexec/ld.so"),
		one("windows", "386", "", "pe windows/386"),
		one("windows", "amd64", "", "pe windows/amd64/v1"),
		one("windows", "arm64", "", "pe windows/arm64/v8"),
		one("darwin", "amd64", "", "macho darwin/amd64/v1 loader=/usr/lib/dyld"),
		one("darwin", "arm64", "", "macho darwin/arm64/v8 loader=/usr/lib/dyld"),
		one("wasip1", "wasm", "", "wasm wasip1/wasm"),
		one("js", "wasm", "", "wasm js/wasm"),
		// Formats that are not read: known to be something else, and no more.
		one("aix", "ppc64", "", "unknown"),
		one("plan9", "amd64", "", "unknown"),
	}
	pie := one("linux", "arm64", "", "elf linux/arm64/v8 loader=/lib/ld-linux-aarch64.so.1")
	pie.name, pie.env = pie.name+"-pie", append(pie.env, "GOFLAGS=-buildmode=pie")
	stripped := one("linux", "amd64", "GOAMD64=v3", "elf linux/amd64/v3")
	stripped.name, stripped.env = stripped.name+"-stripped", append(stripped.env, "GOFLAGS=-ldflags=-s")
	external := one("linux", "amd64", "GOAMD64=v2", "elf linux/amd64/v2 loader=/lib64/ld-linux-x86-64.so.2")
	external.name, external.env = external.name+"-external", append(external.env, "CGO_ENABLED=1", "GOFLAGS=-buildmode=pie -ldflags=-linkmode=external")
	return append(all, pie, stripped, external)
}

// tell writes what was read in one line: format, platforms, float, and what is
// not the rule.
func tell(e executable.Executable) string {
	words := []string{string(e.Format)}
	for _, p := range e.Platforms {
		if s := strings.TrimSuffix(p.Platform.OS+"/"+p.Platform.Architecture+"/"+p.Platform.Variant, "/"); s != "" {
			words = append(words, s)
		}
		if p.Float != "" {
			words = append(words, p.Float)
		}
	}
	if e.Portable {
		words = append(words, "portable")
	}
	if e.Shared {
		words = append(words, "shared")
	}
	for _, f := range []struct{ name, value string }{
		{"loader", e.Loader}, {"interpreter", e.Interpreter}, {"argument", e.Argument},
	} {
		if f.value != "" {
			words = append(words, f.name+"="+f.value)
		}
	}
	return strings.Join(words, " ")
}

// stored returns a stored sample.
func stored(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open(samplePath(name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func samplePath(name string) string {
	return filepath.Join("..", "..", "..", "testdata", "binaries", name+".gz")
}

// counter counts what is read of a file.
type counter struct {
	io.ReaderAt
	calls, bytes int
}

func (c *counter) ReadAt(p []byte, offset int64) (int, error) {
	c.calls++
	c.bytes += len(p)
	return c.ReaderAt.ReadAt(p, offset)
}

func TestSamples(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			data := stored(t, s.name)
			c := &counter{ReaderAt: bytes.NewReader(data)}
			e, err := executable.Read(c, int64(len(data)))
			if err != nil || tell(e) != s.want {
				t.Errorf("%s, %v, want %s: %s", tell(e), err, s.want, e.Detail)
			}
			if c.calls > 7 || c.bytes > 256<<10 {
				t.Errorf("%d reads of %d bytes", c.calls, c.bytes)
			}
		})
	}
}

// TestNeededRanges gives the reader the head of each sample and what
// Wanted names, and nothing else.
func TestNeededRanges(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			data := stored(t, s.name)
			head := data[:min(len(data), executable.HeadSize)]
			parts := append([]executable.Range{{Length: int64(len(head))}}, executable.NeededRanges(head, int64(len(data)))...)
			var sum int64
			for i, p := range parts {
				if sum += p.Length; i > 0 && p.Offset < parts[i-1].Offset+parts[i-1].Length {
					t.Errorf("%v overlap or are not in order", parts)
				}
			}
			e, err := executable.Read(pieces{data, parts}, int64(len(data)))
			if err != nil || tell(e) != s.want {
				t.Errorf("from %d of %d bytes: %s, %v, want %s", sum, len(data), tell(e), err, s.want)
			}
			if sum > 2<<20 {
				t.Errorf("%d bytes are wanted", sum)
			}
		})
	}
}

// pieces has some parts of a file at hand.
type pieces struct {
	data  []byte
	parts []executable.Range
}

func (p pieces) ReadAt(b []byte, offset int64) (int, error) {
	for _, part := range p.parts {
		if offset >= part.Offset && offset+int64(len(b)) <= part.Offset+part.Length {
			return copy(b, p.data[offset:]), nil
		}
	}
	return 0, errNotAtHand
}
