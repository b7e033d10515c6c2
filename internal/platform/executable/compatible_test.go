package executable_test

import (
	"strings"
	"testing"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// built is an ELF program of one platform, in the form linux/arm/v6, with "-"
// for an os that is not stated, and of a float convention. The variant is stated
// for certain.
func built(s, float string) executable.Executable {
	part := append(strings.Split(strings.ReplaceAll(s, "-", ""), "/"), "")
	return executable.Executable{Format: executable.FormatELF, Detail: "made", Platforms: []executable.Evidence{{
		Platform: platform.Platform{OS: part[0], Architecture: part[1], Variant: part[2]}, Exact: part[2], Float: float, Detail: "made",
	}}}
}

// hinting is a program whose notes or attributes name a variant.
func hinting(s, float string) executable.Executable {
	e := built(s, float)
	e.Platforms[0].Exact = ""
	return e
}

func TestCheckRuns(t *testing.T) {
	const native, odd, no, unknown = executable.FitNative, executable.FitCompatible, executable.FitIncompatible, executable.FitUnknown
	for _, tt := range []struct {
		on, program string
		want        executable.Compatibility
		field       string
	}{
		{"linux/amd64", "linux/amd64", native, ""},
		{"linux/amd64", "-/amd64", native, ""},
		{"linux/x86_64", "linux/amd64", native, ""},
		{"linux/amd64", "linux/arm64", no, "architecture"},
		{"linux/arm64", "linux/amd64", no, "architecture"},
		{"linux/mips", "linux/mipsle", no, "architecture"},
		{"linux/ppc64le", "linux/ppc64", no, "architecture"},
		{"linux/amd64", "-/x32", no, "architecture"},
		{"linux/amd64", "linux/386", odd, "architecture"},
		{"linux/386", "linux/amd64", no, "architecture"},
		{"linux/arm64", "linux/arm/v7", no, "architecture"},
		{"linux/arm", "linux/arm64", no, "architecture"},

		{"linux/amd64", "linux/amd64/v1", native, ""},
		{"linux/amd64", "linux/amd64/v3", no, "variant"},
		{"linux/amd64/v1", "linux/amd64/v2", no, "variant"},
		{"linux/amd64/v3", "linux/amd64/v1", native, ""},
		{"linux/amd64/v3", "linux/amd64/v3", native, ""},
		{"linux/amd64/v3", "linux/amd64", native, ""},
		{"linux/amd64/v3", "linux/amd64/v4", no, "variant"},
		{"linux/arm/v7", "linux/arm/v6", native, ""},
		{"linux/arm/v6", "linux/arm/v7", no, "variant"},
		{"linux/arm/v6", "linux/arm/v5", native, ""},
		{"linux/arm/v5", "linux/arm/v6", no, "variant"},
		{"linux/arm", "linux/arm/v7", native, ""},
		{"linux/arm", "linux/arm/v8", no, "variant"},
		{"linux/arm/v8", "linux/arm/v8", native, ""},
		{"linux/arm/v9", "linux/arm/v6", unknown, "variant"},
		{"linux/arm64", "linux/arm64/v8", native, ""},
		{"linux/arm64/v8", "linux/arm64/v8.1", no, "variant"},
		{"linux/arm64/v8.1", "linux/arm64/v8", native, ""},
		{"linux/arm64/v8.4", "linux/arm64/v9", no, "variant"},
		{"linux/arm64/v9", "linux/arm64/v8.5", native, ""},
		{"linux/riscv64", "linux/riscv64/rva20u64", native, ""},
		{"linux/riscv64", "linux/riscv64/rva22u64", no, "variant"},
		{"linux/ppc64le", "linux/ppc64le/power9", no, "variant"},
		{"linux/ppc64le/power10", "linux/ppc64le/power9", native, ""},

		{"windows/amd64", "linux/amd64", no, "os"},
		{"windows/amd64", "-/amd64", no, "os"},
		{"freebsd/amd64", "-/amd64", native, ""},
		{"linux/amd64", "freebsd/amd64", no, "os"},
		{"linux/amd64", "freebsd/arm64", no, "os"},
		{"linux/arm64", "android/arm64", odd, "os"},
		{"android/arm64", "linux/arm64", odd, "os"},
		{"linux/amd64", "android/arm64", no, "architecture"},
		{"linux/amd64", "android/amd64/v3", no, "variant"},
		{"illumos/amd64", "solaris/amd64", odd, "os"},
	} {
		t.Run(tt.program+" under "+tt.on, func(t *testing.T) {
			part := append(strings.Split(tt.on, "/"), "")
			on := platform.Platform{OS: part[0], Architecture: part[1], Variant: part[2]}
			j := executable.CheckRuns(executable.Target{Platform: on}, built(tt.program, ""))
			if j.Fit != tt.want || j.Field != tt.field || j.Reason == "" || j.Note != "" || j.Evidence == nil {
				t.Errorf("%+v, want %s by %q", j, tt.want, tt.field)
			}
			if (j.Want == "" || j.Got == "") != (j.Field == "") {
				t.Errorf("wanted %q, got %q", j.Want, j.Got)
			}
		})
	}
}

func TestCheckRuns_OtherFormats(t *testing.T) {
	pe := peFile{machine: 0x14c, is32: true}.bytes()
	both := fat([]uint32{0x1000007, 0x100000c}, machO(0x1000007, 3, 2), machO(0x100000c, 0, 2))
	net := peFile{machine: 0x14c, is32: true, data: cli(1, false), directories: map[int]uint32{14: 0x1000}}.bytes()
	net64 := peFile{machine: 0x8664, data: cli(1, false), directories: map[int]uint32{14: 0x1000}}.bytes()
	for _, tt := range []struct {
		name, os, arch string
		data           []byte
		want           executable.Compatibility
	}{
		{"386 under Windows on amd64", "windows", "amd64", pe, executable.FitCompatible},
		{"a Windows program under Linux", "linux", "386", pe, executable.FitIncompatible},
		{"a fat file under its second slice", "darwin", "arm64", both, executable.FitNative},
		{"a fat file under neither", "darwin", "386", both, executable.FitIncompatible},
		{"a Mach-O for a system that is new", "darwin", "arm64", machO(0x100000c, 0, 2, command(0x32, le32(99, 0, 0, 0))), executable.FitNative},
		{"the same under Linux", "linux", "arm64", machO(0x100000c, 0, 2, command(0x32, le32(99, 0, 0, 0))), executable.FitIncompatible},
		{"a .NET assembly for any processor", "linux", "s390x", net, executable.FitPortable},
		{"a .NET assembly for amd64 under Linux", "linux", "amd64", net64, executable.FitNative},
		{"a .NET assembly for amd64 under arm64", "linux", "arm64", net64, executable.FitIncompatible},
		{"a module that names no system", "wasip1", "wasm", wasm(), executable.FitNative},
		{"WASI by its old name and its processor", "wasi", "wasm32", wasm(wasmImports("wasi_snapshot_preview1")), executable.FitNative},
		{"WASI by its old name", "wasi", "wasm", wasm(wasmImports("wasi_snapshot_preview1")), executable.FitNative},
		{"a module under Linux", "linux", "amd64", wasm(), executable.FitIncompatible},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := read(tt.data)
			j := executable.CheckRuns(executable.Target{Platform: platform.Platform{OS: tt.os, Architecture: tt.arch}}, e)
			if err != nil || j.Fit != tt.want || j.Reason == "" {
				t.Errorf("%+v, %v, want %s", j, err, tt.want)
			}
		})
	}
}

func TestCheckRuns_Float(t *testing.T) {
	for _, tt := range []struct{ arch, variant, float, want string }{
		{"arm", "v5", "soft", ""},
		{"arm", "v5", "hard", "its calls are hard-float, those of linux/arm/v5 usually soft-float"},
		{"arm", "v7", "soft", "its calls are soft-float, those of linux/arm/v7 usually hard-float"},
		{"arm", "", "hard", ""},
		{"riscv64", "", "soft", "its calls are soft-float, those of linux/riscv64 usually hard-float"},
		{"mips", "softfloat", "hard", "its calls are hard-float, those of linux/mips/softfloat usually soft-float"},
		{"mips", "", "soft", ""},
		{"amd64", "", "", ""},
	} {
		on := platform.Platform{OS: "linux", Architecture: tt.arch, Variant: tt.variant}
		j := executable.CheckRuns(executable.Target{Platform: on}, built("linux/"+tt.arch, tt.float))
		if j.Fit != executable.FitNative || j.Note != tt.want {
			t.Errorf("%s-float under %s: %s, %q, want %q", tt.float, platform.Format(on), j.Fit, j.Note, tt.want)
		}
	}
}

func TestCheckLoader(t *testing.T) {
	for _, tt := range []struct {
		name            string
		program, loader executable.Executable
		want            executable.Compatibility
		field           string
	}{
		{"its own", built("linux/arm/v6", "hard"), built("-/arm/v7", "hard"), executable.FitNative, ""},
		{"one that states no float", built("linux/arm", "hard"), built("linux/arm", ""), executable.FitNative, ""},
		{"another architecture's", built("linux/arm64", ""), built("linux/amd64", ""), executable.FitIncompatible, "architecture"},
		{"386 of amd64", built("linux/386", ""), built("linux/amd64", ""), executable.FitIncompatible, "architecture"},
		{"another float", built("linux/arm", "soft"), built("linux/arm", "hard"), executable.FitIncompatible, "float"},
		{"a script", built("linux/arm64", ""), executable.Executable{Format: executable.FormatScript, Detail: "a script"}, executable.FitUnknown, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if j := executable.CheckLoader(tt.program, tt.loader); j.Fit != tt.want || j.Field != tt.field || j.Reason == "" {
				t.Errorf("%+v, want %s by %q", j, tt.want, tt.field)
			}
		})
	}
}
