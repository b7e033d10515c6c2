//go:build e2e

package verify

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// rightImages are images of several platforms whose programs are what they
// claim to be.
func rightImages(t *testing.T) []fixture.Object {
	t.Helper()
	app := func(target string) string { return string(fixture.CompileProgram(t, target)) }
	return []fixture.Object{
		fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"etc/": ""}, fixture.Files{"app": app("linux/amd64")}),
		fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "app"), fixture.Files{"usr/bin/": "", "bin": "-> usr/bin"}, fixture.Files{"usr/bin/app": app("linux/arm64")}),
		fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm/v6", "/bin/sh", "-c", "exec /app"), fixture.Files{"app": app("linux/arm/6"), "bin/sh": app("linux/arm/6")}),
		fixture.NewRunnableImage(t, fixture.NewConfig("linux/ppc64le", "/run"), fixture.Files{"run": "#!/app -x\n", "app": app("linux/ppc64le")}),
		fixture.NewRunnableImage(t, fixture.NewConfig("windows/amd64:10.0.20348.1", `C:\app`), fixture.Files{"Files/": "", "Files/app.exe": app("windows/amd64")}),
	}
}

func TestVerifyValidImages(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	index := fixture.NewIndex(t, fixture.OCI(), rightImages(t)...)
	g.Put(t, "app", "1", index)
	at := fixture.WriteLayout(t, map[string]fixture.Object{"1": index})
	for name, ref := range map[string]string{"registry": g.Host + "/app:1", "layout": "oci-layout://" + string(at) + ":1"} {
		for _, flags := range [][]string{nil, {"--binaries", "all"}, {"--binaries", "none"}, {"--deep"}} {
			t.Run(strings.Join(append(flags, name), " "), func(t *testing.T) {
				v := clitest.Session{}.Verify(t, 0, append(flags, "--severity", "info", ref)...)
				if diff := cmp.Diff([]string(nil), v.Codes()); diff != "" {
					t.Error(diff)
				}
				for _, e := range v.Images[0].Entries {
					if e.Verdict != "ok" {
						t.Errorf("verdict %s", e.Verdict)
					}
				}
			})
		}
	}
}

// TestVerifyFindings builds one image for each way to be wrong.
func TestVerifyFindings(t *testing.T) {
	t.Parallel()
	app := func(target string) string { return string(fixture.CompileProgram(t, target)) }
	const loader = "lib/ld-linux-aarch64.so.1"
	tests := map[string]struct {
		image fixture.Object
		want  []string
	}{
		"amd64 under arm64": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"), fixture.Files{"app": app("linux/amd64")}),
			[]string{"binary-platform linux/arm64 architecture /app"},
		},
		"arm/v7 under arm/v6": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm/v6", "/app"), fixture.Files{"app": app("linux/arm/7")}),
			[]string{"binary-platform linux/arm/v6 variant /app"},
		},
		"amd64/v3 under amd64": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": app("linux/amd64/v3")}),
			[]string{"binary-platform linux/amd64 variant /app"},
		},
		"big under little endian": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/mipsle", "/app"), fixture.Files{"app": app("linux/mips")}),
			[]string{"binary-platform linux/mipsle architecture /app"},
		},
		"the other way round": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/ppc64", "/app"), fixture.Files{"app": app("linux/ppc64le")}),
			[]string{"binary-platform linux/ppc64 architecture /app"},
		},
		"a right program with a wrong loader": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"), fixture.Files{loader: app("linux/amd64")}, fixture.Files{"app": app("linux/arm64/pie")}),
			[]string{"loader-platform linux/arm64 architecture /" + loader},
		},
		"a right program without its loader": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"), fixture.Files{"app": app("linux/arm64/pie")}),
			[]string{"loader-missing linux/arm64 /" + loader},
		},
		"an armhf program with the loader of armel": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm/v7", "/app"), fixture.Files{"app": fixture.StoredProgram(t, "c-armhf"), "lib/ld-linux-armhf.so.3": fixture.StoredProgram(t, "c-armel-static")}),
			[]string{"loader-float linux/arm/v7 float /lib/ld-linux-armhf.so.3"},
		},
		"hard-float mips with a soft-float loader": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/mips", "/app"), fixture.Files{"app": fixture.StoredProgram(t, "c-mips"), "lib/ld.so.1": app("linux/mips/softfloat")}),
			[]string{"loader-float linux/mips float /lib/ld.so.1"},
		},
		"an armhf program with a loader that states no float": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm/v7", "/app"), fixture.Files{"app": fixture.StoredProgram(t, "c-armhf"), "lib/ld-linux-armhf.so.3": app("linux/arm/7")}),
			nil,
		},
		"386 under amd64 with the loader of amd64": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": fixture.StoredProgram(t, "c-386"), "lib/ld-linux.so.2": app("linux/amd64")}),
			[]string{"loader-platform linux/amd64 architecture /lib/ld-linux.so.2"},
		},
		"386 under amd64 with its own loader": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/amd64", "/app"), fixture.Files{"app": fixture.StoredProgram(t, "c-386"), "lib/ld-linux.so.2": app("linux/386")}),
			nil,
		},
		"a right program hidden by a wrong one": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/bin/app"),
				fixture.Files{"bin/app": app("linux/arm64")}, fixture.Files{"bin/.wh.app": ""}, fixture.Files{"bin/app": app("linux/amd64")}),
			[]string{"binary-platform linux/arm64 architecture /bin/app"},
		},
		"a wrong program hidden by a right one": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/bin/app"),
				fixture.Files{"bin/app": app("linux/amd64")}, fixture.Files{"bin/.wh..wh..opq": "", "bin/app": app("linux/arm64")}),
			nil,
		},
		"a right program behind a symlink of its folder": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/bin/app"), fixture.Files{"bin": "-> usr/bin", "bin/app": app("linux/arm64")}),
			nil,
		},
		"a right program that was removed": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/bin/app"), fixture.Files{"bin/app": app("linux/arm64")}, fixture.Files{"bin/.wh.app": ""}),
			[]string{"entrypoint-missing linux/arm64 /bin/app"},
		},
		"a script with a wrong interpreter": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/run"), fixture.Files{"run": "#!/bin/sh\n", "bin/sh": app("linux/amd64")}),
			[]string{"interpreter-platform linux/arm64 architecture /bin/sh"},
		},
		"a shell that starts a wrong program": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/bin/sh", "-c", "exec server"), fixture.Files{"bin/sh": app("linux/arm64"), "usr/bin/server": app("linux/amd64")}),
			[]string{"command-platform linux/arm64 architecture /usr/bin/server"},
		},
		"a shell that starts a wrong program in quotes": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/bin/sh", "-c", `exec nice -5 'server' "-x"`),
				fixture.Files{"bin/sh": app("linux/arm64"), "bin/nice": app("linux/arm64"), "usr/bin/server": app("linux/amd64")}),
			[]string{"command-platform linux/arm64 architecture /usr/bin/server"},
		},
		"a shell that does the work itself": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/bin/bash", "-c", "mapfile -t all </list; server"), fixture.Files{"bin/bash": app("linux/arm64")}),
			nil,
		},
		"a right wrapper of a wrong program": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/sbin/tini", "-g", "--", "server"), fixture.Files{"sbin/tini": app("linux/arm64"), "usr/bin/server": app("linux/amd64")}),
			[]string{"binary-platform linux/arm64 architecture /usr/bin/server"},
		},
		"a wrong wrapper of a right program": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "tini", "/app"), fixture.Files{"sbin/tini": app("linux/amd64"), "app": app("linux/arm64")}),
			[]string{"binary-platform linux/arm64 architecture /sbin/tini"},
		},
		"a wrapper of what is not there": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "dumb-init", "gone"), fixture.Files{"usr/bin/dumb-init": app("linux/arm64")}),
			[]string{"entrypoint-missing linux/arm64 gone"},
		},
		"wrappers of a wrong interpreter": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/bin/sh", "-c", "exec su-exec app:app env A=1 /run"),
				fixture.Files{"bin/sh": app("linux/arm64"), "bin/su-exec": app("linux/arm64"), "bin/env": app("linux/arm64")},
				fixture.Files{"run": "#!/usr/bin/awk -f\n", "usr/bin/awk": app("linux/arm/7")}),
			[]string{"interpreter-platform linux/arm64 architecture /usr/bin/awk"},
		},
		"a wrapper that is not understood": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "tini", "--new", "/app"), fixture.Files{"sbin/tini": app("linux/arm64"), "app": app("linux/amd64")}),
			nil,
		},
		"an entry that contradicts its config": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/app"), fixture.Files{"app": app("linux/arm64")}).WithPlatform("linux/amd64"),
			[]string{"config-platform linux/amd64 architecture"},
		},
		"Windows of another build": {
			fixture.NewRunnableImage(t, fixture.NewConfig("windows/amd64:10.0.17763.6189", `C:\app.exe`), fixture.Files{"Files/app.exe": app("windows/amd64")}).WithPlatform("windows/amd64:10.0.20348.2655"),
			[]string{"config-platform windows/amd64:10.0.20348.2655 os.version"},
		},
		"a command line of Windows": {
			fixture.NewRunnableImage(t, ocispec.Image{Platform: fixture.ParsePlatform("windows/amd64"), Config: ocispec.ImageConfig{
				Cmd: []string{`cmd /S /C C:\app\run.exe -x`}, ArgsEscaped: true, //nolint:staticcheck // builders set it
			}}, fixture.Files{"Files/Windows/System32/cmd.exe": app("windows/amd64"), "Files/app/run.exe": app("linux/amd64")}),
			[]string{"command-platform windows/amd64 os /app/run.exe"},
		},
		"a word of cmd before a program that is not there": {
			fixture.NewRunnableImage(t, fixture.NewConfig("windows/amd64", "cmd", "/S", "/C", `@echo off && pushd C:\app && run.exe`), fixture.Files{"Files/Windows/System32/cmd.exe": app("windows/amd64")}),
			nil,
		},
		"a name that the registry of Windows may know": {
			fixture.NewRunnableImage(t, fixture.NewConfig("windows/amd64", "node", "app.js"), fixture.Files{"Files/opt/node.exe": app("windows/amd64")}),
			nil,
		},
		"a path of Windows that leads nowhere": {
			fixture.NewRunnableImage(t, fixture.NewConfig("windows/amd64", `C:\opt\node`), fixture.Files{"Files/node.exe": app("windows/amd64")}),
			[]string{`entrypoint-missing windows/amd64 C:\opt\node`},
		},
		"a text of cmd without its echo": {
			fixture.NewRunnableImage(t, fixture.NewConfig("windows/amd64", "cmd", "/S", "/C", `@C:\app\run.exe -x`),
				fixture.Files{"Files/Windows/System32/cmd.exe": app("windows/amd64"), "Files/app/run.exe": app("linux/amd64")}),
			[]string{"command-platform windows/amd64 os /app/run.exe"},
		},
		"a script with the line ends of Windows": {
			fixture.NewRunnableImage(t, fixture.NewConfig("linux/arm64", "/run"), fixture.Files{"run": "#!/bin/sh\r\n", "bin/sh": app("linux/arm64")}),
			[]string{"interpreter-missing linux/arm64 /bin/sh\r"},
		},
		"a wrong program above a working directory that no layer has": {
			fixture.NewRunnableImage(t, fixture.NewConfigIn("/var", "linux/arm64", "../srv/app"), fixture.Files{"srv/app": app("linux/amd64")}),
			[]string{"binary-platform linux/arm64 architecture /srv/app"},
		},
		"a right program above a working directory that no layer has": {
			fixture.NewRunnableImage(t, fixture.NewConfigIn("/var", "linux/arm64", "../srv/app"), fixture.Files{"srv/app": app("linux/arm64")}),
			nil,
		},
		"a module in the working directory": {
			fixture.NewRunnableImage(t, fixture.NewConfig("wasip1/wasm", "app.wasm"), fixture.Files{"app.wasm": app("wasip1/wasm")}),
			nil,
		},
		"linux under windows": {
			fixture.NewRunnableImage(t, fixture.NewConfig("windows/amd64", `C:\app.exe`), fixture.Files{"Files/app.exe": app("linux/amd64")}),
			[]string{"binary-platform windows/amd64 os /app.exe"},
		},
	}
	g := registrytest.StartOpen(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			repo := "wrong/" + strings.ToLower(strings.NewReplacer(" ", "-", "/", "-").Replace(name))
			g.Put(t, repo, "1", fixture.NewIndex(t, fixture.OCI(), tt.image))
			code := 3
			if tt.want == nil {
				code = 0
			}
			v := clitest.Session{}.Verify(t, code, g.Host+"/"+repo+":1")
			if diff := cmp.Diff(tt.want, v.Codes()); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%+v", diff, v.Images[0].Findings)
			}
			for _, f := range v.Images[0].Findings {
				if f.Evidence == "" || f.Message == "" || f.Entry == nil || f.Entry.Digest != tt.image.Digest() {
					t.Errorf("a finding leaves something open: %+v", f)
				}
			}
		})
	}
}
