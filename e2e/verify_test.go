//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// rightImages are images of several platforms whose programs are what they
// claim to be.
func rightImages(t *testing.T) []object {
	t.Helper()
	app := func(target string) string { return string(compile(t, target)) }
	return []object{
		runnableImage(t, configFor("linux/amd64", "/app"), files{"etc/": ""}, files{"app": app("linux/amd64")}),
		runnableImage(t, configFor("linux/arm64", "app"), files{"usr/bin/": "", "bin": "-> usr/bin"}, files{"usr/bin/app": app("linux/arm64")}),
		runnableImage(t, configFor("linux/arm/v6", "/bin/sh", "-c", "exec /app"), files{"app": app("linux/arm/6"), "bin/sh": app("linux/arm/6")}),
		runnableImage(t, configFor("linux/ppc64le", "/run"), files{"run": "#!/app -x\n", "app": app("linux/ppc64le")}),
		runnableImage(t, configFor("windows/amd64:10.0.20348.1", `C:\app`), files{"Files/": "", "Files/app.exe": app("windows/amd64")}),
	}
}

func TestVerifyFindsNothingWrongWithWhatIsRight(t *testing.T) {
	t.Parallel()
	g := startOpen(t)
	index := newIndex(t, ociMedia(), rightImages(t)...)
	g.put(t, "app", "1", index)
	at := writeLayout(t, map[string]object{"1": index})
	for name, ref := range map[string]string{"registry": g.host + "/app:1", "layout": "oci-layout://" + string(at) + ":1"} {
		for _, flags := range [][]string{nil, {"--binaries", "all"}, {"--binaries", "none"}, {"--deep"}} {
			t.Run(strings.Join(append(flags, name), " "), func(t *testing.T) {
				v := session{}.verify(t, 0, append(flags, "--severity", "info", ref)...)
				if diff := cmp.Diff([]string(nil), v.codes()); diff != "" {
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

// TestVerifyFindsWhatIsWrong builds one image for each way to be wrong.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	app := func(target string) string { return string(compile(t, target)) }
	const loader = "lib/ld-linux-aarch64.so.1"
	tests := map[string]struct {
		image object
		want  []string
	}{
		"amd64 under arm64": {
			runnableImage(t, configFor("linux/arm64", "/app"), files{"app": app("linux/amd64")}),
			[]string{"binary-platform linux/arm64 architecture /app"},
		},
		"arm/v7 under arm/v6": {
			runnableImage(t, configFor("linux/arm/v6", "/app"), files{"app": app("linux/arm/7")}),
			[]string{"binary-platform linux/arm/v6 variant /app"},
		},
		"amd64/v3 under amd64": {
			runnableImage(t, configFor("linux/amd64", "/app"), files{"app": app("linux/amd64/v3")}),
			[]string{"binary-platform linux/amd64 variant /app"},
		},
		"big under little endian": {
			runnableImage(t, configFor("linux/mipsle", "/app"), files{"app": app("linux/mips")}),
			[]string{"binary-platform linux/mipsle architecture /app"},
		},
		"the other way round": {
			runnableImage(t, configFor("linux/ppc64", "/app"), files{"app": app("linux/ppc64le")}),
			[]string{"binary-platform linux/ppc64 architecture /app"},
		},
		"a right program with a wrong loader": {
			runnableImage(t, configFor("linux/arm64", "/app"), files{loader: app("linux/amd64")}, files{"app": app("linux/arm64/pie")}),
			[]string{"loader-platform linux/arm64 architecture /" + loader},
		},
		"a right program without its loader": {
			runnableImage(t, configFor("linux/arm64", "/app"), files{"app": app("linux/arm64/pie")}),
			[]string{"loader-missing linux/arm64 /" + loader},
		},
		"an armhf program with the loader of armel": {
			runnableImage(t, configFor("linux/arm/v7", "/app"), files{"app": stored(t, "c-armhf"), "lib/ld-linux-armhf.so.3": stored(t, "c-armel-static")}),
			[]string{"loader-float linux/arm/v7 float /lib/ld-linux-armhf.so.3"},
		},
		"hard-float mips with a soft-float loader": {
			runnableImage(t, configFor("linux/mips", "/app"), files{"app": stored(t, "c-mips"), "lib/ld.so.1": app("linux/mips/softfloat")}),
			[]string{"loader-float linux/mips float /lib/ld.so.1"},
		},
		"an armhf program with a loader that states no float": {
			runnableImage(t, configFor("linux/arm/v7", "/app"), files{"app": stored(t, "c-armhf"), "lib/ld-linux-armhf.so.3": app("linux/arm/7")}),
			nil,
		},
		"386 under amd64 with the loader of amd64": {
			runnableImage(t, configFor("linux/amd64", "/app"), files{"app": stored(t, "c-386"), "lib/ld-linux.so.2": app("linux/amd64")}),
			[]string{"loader-platform linux/amd64 architecture /lib/ld-linux.so.2"},
		},
		"386 under amd64 with its own loader": {
			runnableImage(t, configFor("linux/amd64", "/app"), files{"app": stored(t, "c-386"), "lib/ld-linux.so.2": app("linux/386")}),
			nil,
		},
		"a right program hidden by a wrong one": {
			runnableImage(t, configFor("linux/arm64", "/bin/app"),
				files{"bin/app": app("linux/arm64")}, files{"bin/.wh.app": ""}, files{"bin/app": app("linux/amd64")}),
			[]string{"binary-platform linux/arm64 architecture /bin/app"},
		},
		"a wrong program hidden by a right one": {
			runnableImage(t, configFor("linux/arm64", "/bin/app"),
				files{"bin/app": app("linux/amd64")}, files{"bin/.wh..wh..opq": "", "bin/app": app("linux/arm64")}),
			nil,
		},
		"a right program behind a symlink of its folder": {
			runnableImage(t, configFor("linux/arm64", "/bin/app"), files{"bin": "-> usr/bin", "bin/app": app("linux/arm64")}),
			nil,
		},
		"a right program that was removed": {
			runnableImage(t, configFor("linux/arm64", "/bin/app"), files{"bin/app": app("linux/arm64")}, files{"bin/.wh.app": ""}),
			[]string{"entrypoint-missing linux/arm64 /bin/app"},
		},
		"a script with a wrong interpreter": {
			runnableImage(t, configFor("linux/arm64", "/run"), files{"run": "#!/bin/sh\n", "bin/sh": app("linux/amd64")}),
			[]string{"interpreter-platform linux/arm64 architecture /bin/sh"},
		},
		"a shell that starts a wrong program": {
			runnableImage(t, configFor("linux/arm64", "/bin/sh", "-c", "exec server"), files{"bin/sh": app("linux/arm64"), "usr/bin/server": app("linux/amd64")}),
			[]string{"command-platform linux/arm64 architecture /usr/bin/server"},
		},
		"a shell that starts a wrong program in quotes": {
			runnableImage(t, configFor("linux/arm64", "/bin/sh", "-c", `exec nice -5 'server' "-x"`),
				files{"bin/sh": app("linux/arm64"), "bin/nice": app("linux/arm64"), "usr/bin/server": app("linux/amd64")}),
			[]string{"command-platform linux/arm64 architecture /usr/bin/server"},
		},
		"a shell that does the work itself": {
			runnableImage(t, configFor("linux/arm64", "/bin/bash", "-c", "mapfile -t all </list; server"), files{"bin/bash": app("linux/arm64")}),
			nil,
		},
		"a right wrapper of a wrong program": {
			runnableImage(t, configFor("linux/arm64", "/sbin/tini", "-g", "--", "server"), files{"sbin/tini": app("linux/arm64"), "usr/bin/server": app("linux/amd64")}),
			[]string{"binary-platform linux/arm64 architecture /usr/bin/server"},
		},
		"a wrong wrapper of a right program": {
			runnableImage(t, configFor("linux/arm64", "tini", "/app"), files{"sbin/tini": app("linux/amd64"), "app": app("linux/arm64")}),
			[]string{"binary-platform linux/arm64 architecture /sbin/tini"},
		},
		"a wrapper of what is not there": {
			runnableImage(t, configFor("linux/arm64", "dumb-init", "gone"), files{"usr/bin/dumb-init": app("linux/arm64")}),
			[]string{"entrypoint-missing linux/arm64 gone"},
		},
		"wrappers of a wrong interpreter": {
			runnableImage(t, configFor("linux/arm64", "/bin/sh", "-c", "exec su-exec app:app env A=1 /run"),
				files{"bin/sh": app("linux/arm64"), "bin/su-exec": app("linux/arm64"), "bin/env": app("linux/arm64")},
				files{"run": "#!/usr/bin/awk -f\n", "usr/bin/awk": app("linux/arm/7")}),
			[]string{"interpreter-platform linux/arm64 architecture /usr/bin/awk"},
		},
		"a wrapper that is not understood": {
			runnableImage(t, configFor("linux/arm64", "tini", "--new", "/app"), files{"sbin/tini": app("linux/arm64"), "app": app("linux/amd64")}),
			nil,
		},
		"an entry that contradicts its config": {
			runnableImage(t, configFor("linux/arm64", "/app"), files{"app": app("linux/arm64")}).declared("linux/amd64"),
			[]string{"config-platform linux/amd64 architecture"},
		},
		"Windows of another build": {
			runnableImage(t, configFor("windows/amd64:10.0.17763.6189", `C:\app.exe`), files{"Files/app.exe": app("windows/amd64")}).declared("windows/amd64:10.0.20348.2655"),
			[]string{"config-platform windows/amd64:10.0.20348.2655 os.version"},
		},
		"a command line of Windows": {
			runnableImage(t, ocispec.Image{Platform: platform("windows/amd64"), Config: ocispec.ImageConfig{
				Cmd: []string{`cmd /S /C C:\app\run.exe -x`}, ArgsEscaped: true, //nolint:staticcheck // builders set it
			}}, files{"Files/Windows/System32/cmd.exe": app("windows/amd64"), "Files/app/run.exe": app("linux/amd64")}),
			[]string{"command-platform windows/amd64 os /app/run.exe"},
		},
		"a word of cmd before a program that is not there": {
			runnableImage(t, configFor("windows/amd64", "cmd", "/S", "/C", `@echo off && pushd C:\app && run.exe`), files{"Files/Windows/System32/cmd.exe": app("windows/amd64")}),
			nil,
		},
		"a name that the registry of Windows may know": {
			runnableImage(t, configFor("windows/amd64", "node", "app.js"), files{"Files/opt/node.exe": app("windows/amd64")}),
			nil,
		},
		"a path of Windows that leads nowhere": {
			runnableImage(t, configFor("windows/amd64", `C:\opt\node`), files{"Files/node.exe": app("windows/amd64")}),
			[]string{`entrypoint-missing windows/amd64 C:\opt\node`},
		},
		"a text of cmd without its echo": {
			runnableImage(t, configFor("windows/amd64", "cmd", "/S", "/C", `@C:\app\run.exe -x`),
				files{"Files/Windows/System32/cmd.exe": app("windows/amd64"), "Files/app/run.exe": app("linux/amd64")}),
			[]string{"command-platform windows/amd64 os /app/run.exe"},
		},
		"a script with the line ends of Windows": {
			runnableImage(t, configFor("linux/arm64", "/run"), files{"run": "#!/bin/sh\r\n", "bin/sh": app("linux/arm64")}),
			[]string{"interpreter-missing linux/arm64 /bin/sh\r"},
		},
		"a wrong program above a working directory that no layer has": {
			runnableImage(t, startedIn("/var", "linux/arm64", "../srv/app"), files{"srv/app": app("linux/amd64")}),
			[]string{"binary-platform linux/arm64 architecture /srv/app"},
		},
		"a right program above a working directory that no layer has": {
			runnableImage(t, startedIn("/var", "linux/arm64", "../srv/app"), files{"srv/app": app("linux/arm64")}),
			nil,
		},
		"a module in the working directory": {
			runnableImage(t, configFor("wasip1/wasm", "app.wasm"), files{"app.wasm": app("wasip1/wasm")}),
			nil,
		},
		"linux under windows": {
			runnableImage(t, configFor("windows/amd64", `C:\app.exe`), files{"Files/app.exe": app("linux/amd64")}),
			[]string{"binary-platform windows/amd64 os /app.exe"},
		},
	}
	g := startOpen(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			repo := "wrong/" + strings.ToLower(strings.NewReplacer(" ", "-", "/", "-").Replace(name))
			g.put(t, repo, "1", newIndex(t, ociMedia(), tt.image))
			code := 3
			if tt.want == nil {
				code = 0
			}
			v := session{}.verify(t, code, g.host+"/"+repo+":1")
			if diff := cmp.Diff(tt.want, v.codes()); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%+v", diff, v.Images[0].Findings)
			}
			for _, f := range v.Images[0].Findings {
				if f.Evidence == "" || f.Message == "" || f.Entry == nil || f.Entry.Digest != tt.image.digest() {
					t.Errorf("a finding leaves something open: %+v", f)
				}
			}
		})
	}
}
