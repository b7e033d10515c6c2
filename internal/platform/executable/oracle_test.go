package executable_test

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"strings"
	"testing"

	"manifest-tool/internal/platform/executable"
)

// TestRead_StandardLibrary asks debug/elf, debug/pe, debug/macho and
// debug/buildinfo about each sample. They are not made for hostile files, so
// only tests ask them.
func TestRead_StandardLibrary(t *testing.T) {
	asked, ofGo := 0, 0
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			data := stored(t, s.name)
			e, err := read(data)
			if err != nil {
				t.Fatal(err)
			}
			if arch, known := oracle(t, e, data); known {
				asked++
				if len(e.Platforms) != 1 || e.Platforms[0].Platform.Architecture != arch {
					t.Errorf("%s, want %s", tell(e), arch)
				}
			}
			if e.Go != nil {
				ofGo++
				checkGo(t, e, data)
			} else if strings.HasPrefix(s.name, "go-") && !strings.HasPrefix(s.want, "wasm") && s.want != "unknown" {
				t.Error("no Go build information was found")
			}
		})
	}
	if asked < 60 || ofGo < 40 {
		t.Errorf("only %d and %d samples were compared", asked, ofGo)
	}
}

// oracle returns the architecture that the standard library finds, for those
// machines whose name alone decides it.
func oracle(t *testing.T, e executable.Executable, data []byte) (arch string, known bool) {
	t.Helper()
	r := bytes.NewReader(data)
	switch e.Format {
	case executable.FormatELF:
		f, err := elf.NewFile(r)
		if err != nil {
			t.Fatal(err)
		}
		arch, known = map[string]string{
			"EM_386 ELFCLASS32 ELFDATA2LSB": "386", "EM_X86_64 ELFCLASS64 ELFDATA2LSB": "amd64", "EM_X86_64 ELFCLASS32 ELFDATA2LSB": "x32",
			"EM_ARM ELFCLASS32 ELFDATA2LSB": "arm", "EM_AARCH64 ELFCLASS64 ELFDATA2LSB": "arm64",
			"EM_LOONGARCH ELFCLASS64 ELFDATA2LSB": "loong64", "EM_MIPS ELFCLASS64 ELFDATA2LSB": "mips64le",
			"EM_MIPS ELFCLASS64 ELFDATA2MSB": "mips64", "EM_PPC64 ELFCLASS64 ELFDATA2MSB": "ppc64",
			"EM_PPC64 ELFCLASS64 ELFDATA2LSB": "ppc64le", "EM_RISCV ELFCLASS64 ELFDATA2LSB": "riscv64", "EM_S390 ELFCLASS64 ELFDATA2MSB": "s390x",
		}[f.Machine.String()+" "+f.Class.String()+" "+f.Data.String()]
		checkLoader(t, e, f)
	case executable.FormatPE:
		f, err := pe.NewFile(r)
		if err != nil {
			t.Fatal(err)
		}
		arch, known = map[uint16]string{
			pe.IMAGE_FILE_MACHINE_I386: "386", pe.IMAGE_FILE_MACHINE_AMD64: "amd64", pe.IMAGE_FILE_MACHINE_ARM64: "arm64",
		}[f.Machine]
	case executable.FormatMachO:
		f, err := macho.NewFile(r)
		if err != nil {
			t.Fatal(err)
		}
		arch, known = map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}[f.Cpu]
	}
	return arch, known
}

func checkLoader(t *testing.T, e executable.Executable, f *elf.File) {
	t.Helper()
	want := ""
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			path := make([]byte, p.Filesz)
			if _, err := p.ReadAt(path, 0); err != nil {
				t.Fatal(err)
			}
			want = strings.TrimRight(string(path), "\x00")
		}
	}
	if e.Loader != want {
		t.Errorf("loader %q, want %q", e.Loader, want)
	}
}

func checkGo(t *testing.T, e executable.Executable, data []byte) {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	key, level, _ := strings.Cut(e.Go.Level, "=")
	if e.Go.Version != info.GoVersion || e.Go.OS != set["GOOS"] || e.Go.Architecture != set["GOARCH"] || level != set[key] {
		t.Errorf("%+v, want %s and %v", e.Go, info.GoVersion, set)
	}
}
