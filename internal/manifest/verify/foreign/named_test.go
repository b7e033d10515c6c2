package foreign

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTwins has pairs of a foreign file and the same file of the image's
// platform, linux/arm64.
func TestTwins(t *testing.T) {
	for _, tt := range []struct {
		foreign, own string
		want         bool
	}{
		{"/app/p/prebuilds/darwin-x64/x.node darwin/amd64 x", "/app/p/prebuilds/linux-arm64/x.node", true},
		{"/app/p/prebuilds/linux-x64/x.glibc.node linux/amd64 x", "/app/p/prebuilds/linux-arm64/x.armv8.node", true},
		{"/app/node_modules/@esbuild/linux-x64/bin/esbuild linux/amd64 x", "/app/node_modules/@esbuild/linux-arm64/bin/esbuild", true},
		{"/app/node_modules/@esbuild/win32-x64/esbuild.exe windows/amd64", "/app/node_modules/@esbuild/linux-arm64/bin/esbuild", true},
		{"/app/node_modules/@rollup/rollup-linux-x64-gnu/rollup.linux-x64-gnu.node linux/amd64 x", "/app/node_modules/@rollup/rollup-linux-arm64-musl/rollup.linux-arm64-musl.node", true},
		{"/a/node_modules/.pnpm/@swc+core-linux-x64-gnu@1.3.0/node_modules/@swc/core-linux-x64-gnu/swc.linux-x64-gnu.node linux/amd64 x", "/a/node_modules/.pnpm/@swc+core-linux-arm64-gnu@1.3.0/node_modules/@swc/core-linux-arm64-gnu/swc.linux-arm64-gnu.node", true},
		{"/a/node_modules/@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.42 linux/amd64 x", "/a/node_modules/@img/sharp-libvips-linux-arm64/lib/libvips-cpp.so.42", true},
		{"/app/runtimes/linux-x64/native/libSkiaSharp.so linux/amd64 x", "/app/runtimes/linux-arm64/native/libSkiaSharp.so", true},
		{"/app/runtimes/linux-musl-x64/native/libe_sqlite3.so linux/amd64 x", "/app/runtimes/linux-arm64/native/libe_sqlite3.so", true},
		{"/opt/dist/tool_linux_amd64 linux/amd64 x", "/opt/dist/tool_linux_arm64", true},
		{"/opt/dist/tool_linux_amd64_v1/tool linux/amd64 x", "/opt/dist/tool_linux_arm64/tool", true},
		{"/opt/x/ijent-x86_64-unknown-linux-musl-release linux/amd64 x", "/opt/x/ijent-aarch64-unknown-linux-musl-release", true},
		{"/opt/x/lib/pty4j/linux/x86-64/libpty.so linux/amd64 x", "/opt/x/lib/pty4j/linux/aarch64/libpty.so", true},
		{"/root/.cache/ms/chrome-linux64/chrome linux/amd64 x", "/root/.cache/ms/chrome-linux-arm64/chrome", true},
		{"/v/site-packages/x.cpython-311-x86_64-linux-gnu.so linux/amd64 x", "/v/site-packages/x.cpython-311-aarch64-linux-gnu.so", true},
		{"/opt/w/wheel-macosx_10_9_x86_64/x.so darwin/amd64 x", "/opt/w/wheel-manylinux_2_17_aarch64.manylinux2014_aarch64/x.so", true},
		{"/opt/nsight/target/linux-desktop-glibc_2_11_3-x64/ncu linux/amd64 x", "/opt/nsight/target/linux-desktop-t210-a64/ncu", true},
		{"/opt/nsight/target/linux-desktop-glibc_2_11_3-x64/ncu linux/amd64 x", "/opt/nsight/target/linux-arm64/ncu", true},
		{"/b/gems/nokogiri-1.15.4-x86_64-linux/lib/nokogiri.so linux/amd64 x", "/b/gems/nokogiri-1.15.4-aarch64-linux/lib/nokogiri.so", true},
		{"/opt/app/linuxx64/lib.so linux/amd64 x", "/opt/app/linuxarm64/lib.so", true},

		{"/usr/local/bin/tool linux/amd64 x", "/usr/bin/tool", false},
		{"/usr/lib/libm.so.6 linux/amd64 x", "/usr/lib/aarch64-linux-gnu/libm.so.6", false},
		{"/opt/dist/tool_linux_amd64 linux/amd64 x", "/opt/dist/other_linux_arm64", false},
		{"/app/node_modules/a-linux-x64/b.node linux/amd64 x", "/app/node_modules/c-linux-arm64/b.node", false},
		{"/app/node_modules/linux-x64-a/b.node linux/amd64 x", "/app/node_modules/linux-arm64-c/b.node", false},
		{"/app/node_modules/@a/linux-x64/bin/a linux/amd64 x", "/app/node_modules/@b/linux-arm64/bin/b", false},
		{"/app/node_modules/a/bin/a linux/amd64 x", "/app/node_modules/a/bin/b", false},
		{"/opt/v1/tool linux/amd64 x", "/opt/v2/tool", false},
	} {
		got := decisions(imageOf(t, "linux/arm64", tt.foreign, tt.own+" linux/arm64 x"))
		if is := got[0][len(got[0])-len(": twin"):] == ": twin"; is != tt.want {
			t.Errorf("%s\n%s: %s", tt.foreign, tt.own, got[0])
		}
	}
}

// TestPackages has packages with files for one platform and for several, in an
// image for linux/arm64.
func TestPackages(t *testing.T) {
	for _, tt := range []struct {
		files []string
		want  []string
	}{
		{
			[]string{"/app/node_modules/u/prebuilds/linux-x64/u.node linux/amd64", "/app/node_modules/u/prebuilds/win32-x64/u.node windows/amd64"},
			[]string{"/app/node_modules/u/prebuilds/linux-x64/u.node: package", "/app/node_modules/u/prebuilds/win32-x64/u.node: package"},
		},
		{[]string{"/app/node_modules/u/prebuilds/linux-x64/u.node linux/amd64"}, []string{"/app/node_modules/u/prebuilds/linux-x64/u.node: package !"}},
		{[]string{"/app/node_modules/u/build/Release/u.node linux/amd64"}, []string{"/app/node_modules/u/build/Release/u.node: package !"}},
		{[]string{"/app/node_modules/@esbuild/linux-x64/bin/esbuild linux/amd64 x"}, []string{"/app/node_modules/@esbuild/linux-x64/bin/esbuild: package !"}},
		{[]string{"/app/node_modules/@esbuild/darwin-arm64/bin/esbuild darwin/arm64 x"}, []string{"/app/node_modules/@esbuild/darwin-arm64/bin/esbuild: package !"}},
		{
			[]string{"/app/node_modules/@a/x/b.node linux/amd64", "/app/node_modules/@a/y/b.exe windows/386"},
			[]string{"/app/node_modules/@a/x/b.node: package !", "/app/node_modules/@a/y/b.exe: package"},
		},
		{[]string{"/app/node_modules/playwright-core/bin/PrintDeps.exe windows/amd64 x"}, []string{"/app/node_modules/playwright-core/bin/PrintDeps.exe: package"}},
		{
			[]string{"/app/node_modules/a/node_modules/b/x.node linux/amd64", "/app/node_modules/a/y.node windows/amd64"},
			[]string{"/app/node_modules/a/node_modules/b/x.node: package !", "/app/node_modules/a/y.node: package"},
		},
		{
			[]string{"/v/site-packages/pip/_vendor/distlib/t32.exe windows/386", "/v/site-packages/pip/_vendor/distlib/t64-arm.exe windows/arm64"},
			[]string{"/v/site-packages/pip/_vendor/distlib/t32.exe: package", "/v/site-packages/pip/_vendor/distlib/t64-arm.exe: package"},
		},
		{[]string{"/usr/lib/python3/dist-packages/np/_x.cpython-311-x86_64-linux-gnu.so linux/amd64"}, []string{"/usr/lib/python3/dist-packages/np/_x.cpython-311-x86_64-linux-gnu.so: package !"}},
		{[]string{"/v/site-packages/numpy.libs/libgfortran-040039e1.so.5.0.0 unknown/amd64 x"}, []string{"/v/site-packages/numpy.libs/libgfortran-040039e1.so.5.0.0: package !"}},
		{
			[]string{"/usr/local/bundle/gems/nokogiri-1.15.4-x86_64-linux/lib/nokogiri/3.2/nokogiri.so linux/amd64 x"},
			[]string{"/usr/local/bundle/gems/nokogiri-1.15.4-x86_64-linux/lib/nokogiri/3.2/nokogiri.so: package !"},
		},
		{[]string{"/usr/local/bundle/gems/rb-fsevent-0.11.2/bin/fsevent_watch darwin/arm64 x"}, []string{"/usr/local/bundle/gems/rb-fsevent-0.11.2/bin/fsevent_watch: package"}},
		// Downloads for every platform but the image's, and one that is not.
		{
			[]string{"/opt/dl/tool-linux-amd64 linux/amd64 x", "/opt/dl/tool-linux-s390x linux/s390x x"},
			[]string{"/opt/dl/tool-linux-amd64: reach", "/opt/dl/tool-linux-s390x: reach"},
		},
		{[]string{"/opt/dl/tool-linux-amd64 linux/amd64 x"}, []string{"/opt/dl/tool-linux-amd64: reach !"}},
	} {
		if diff := cmp.Diff(tt.want, decisions(imageOf(t, "linux/arm64", tt.files...))); diff != "" {
			t.Errorf("decisions (-want +got):\n%s", diff)
		}
	}
}

// TestContradictions has files for another platform below names of the image's.
func TestContradictions(t *testing.T) {
	for _, tt := range []struct {
		target, file string
		want         bool
	}{
		{"linux/arm64", "/app/node_modules/u/prebuilds/linux-arm64/u.node linux/amd64", true},
		{"linux/arm64", "/app/node_modules/u/prebuilds/linux-arm64/u.node darwin/arm64", true},
		{"linux/arm64", "/app/node_modules/@x/u-linux-arm64-gnu/u.node unknown/arm", true},
		{"linux/amd64", "/v/site-packages/_x.cpython-311-x86_64-linux-gnu.so linux/arm64", true},
		{"linux/amd64", "/opt/tools/tool_x86_64 linux/arm64 x", true},
		{"linux/arm/v7", "/opt/tools/tool-armv7 linux/arm64 x", true},
		{"linux/arm/v7", "/opt/tools/tool-arm linux/arm64 x", false},
		{"linux/arm64", "/usr/lib/aarch64-linux-gnu/libm.so.6 linux/amd64", true},
		{"linux/amd64", "/opt/linux-amd64/a/b/c/d/tool linux/arm64 x", false},
		{"linux/amd64", "/opt/code-linux-x64/node_modules/a/tool linux/arm64 x", false},
		{"linux/amd64", "/usr/lib/x86_64-linux-gnu/wine/i386-windows/a.exe windows/386", false},
		{"linux/amd64", "/usr/lib/x86_64-linux-gnu/wine/fakedlls/a.dll windows/amd64", false},
		{"linux/amd64", "/opt/flutter/engine/linux-x64/lib/linux/libclang_rt.asan-aarch64-android.so android/arm64", false},
		{"linux/amd64", "/opt/ndk/prebuilt/linux-x86_64/lib/aarch64-linux-android/libc.so android/arm64", false},
		{"linux/amd64", "/usr/bin/qemu-x86_64-static linux/arm64 x", false},
		{"linux/amd64", "/lib/modules/6.1.0-amd64/vdso/vdsox32.so linux/x32", false},
		{"linux/arm64", "/v/site-packages/pip/_vendor/distlib/t64-arm.exe windows/arm64", false},
		{"windows/amd64", "/app/runtimes/win-x64/native/a.dll linux/amd64", true},
	} {
		got := decisions(imageOf(t, tt.target, tt.file))
		if is := got[0][len(got[0])-len(": contradiction !"):] == ": contradiction !"; is != tt.want {
			t.Errorf("%s: %s: %s", tt.target, tt.file, got[0])
		}
	}
}

// TestSystem has images of another platform as a whole, and such that only have
// many of its files.
func TestSystem(t *testing.T) {
	files := func(n int, line string) []string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(line, i))
		}
		return all
	}
	join := func(lists ...[]string) (all []string) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	for name, tt := range map[string]struct {
		target   string
		files    []string
		want     *System
		warnings int
	}{
		"another system": {
			"linux/arm64", join(files(30, "/bin/tool%02d linux/amd64 x"), []string{"/app/server linux/arm64 x", "/app/agent linux/amd64 x", "/usr/lib/aarch64-linux-gnu/libm.so.6 linux/amd64"}),
			&System{"linux/amd64", 30, 0, []string{"/bin/tool00", "/bin/tool01", "/bin/tool02", "/bin/tool03", "/bin/tool04"}}, 2,
		},
		"half of a system": {"linux/arm64", join(files(30, "/bin/tool%02d linux/amd64 x"), files(30, "/usr/bin/own%02d linux/arm64 x")), nil, 30},
		"i386 under amd64": {"linux/amd64", files(3, "/bin/tool%02d linux/386 x"), &System{"linux/386", 3, 0, []string{"/bin/tool00", "/bin/tool01", "/bin/tool02"}}, 0},
		"i386 libraries under amd64": {
			"linux/amd64", join(files(90, "/usr/lib/i386-linux-gnu/lib%02d.so.1 linux/386"), files(30, "/usr/lib32/lib%02d.so.1 linux/386"), files(2, "/usr/bin/own%02d linux/amd64 x")),
			nil, 0,
		},
		"a higher variant": {
			"linux/arm/v6", join(files(5, "/bin/tool%02d linux/arm/v7 x"), files(30, "/usr/lib/arm-linux-gnueabihf/lib%02d.so.1 linux/arm/v6"), files(2, "/usr/bin/own%02d linux/arm/v6 x")),
			&System{"linux/arm/v7", 5, 2, []string{"/bin/tool00", "/bin/tool01", "/bin/tool02", "/bin/tool03", "/bin/tool04"}}, 0,
		},
		"few of a higher variant": {
			"linux/arm/v6", join(files(2, "/usr/local/bin/tool%02d linux/arm/v7 x"), files(3, "/usr/bin/own%02d linux/arm/v6 x")), nil, 2,
		},
		"modules in /usr": {
			"linux/arm64", join(files(30, "/usr/src/app/node_modules/p%02d/prebuilds/linux-x64/x.node linux/amd64"), files(30, "/usr/src/app/node_modules/p%02d/prebuilds/darwin-x64/x.node darwin/amd64"), files(2, "/bin/own%02d linux/arm64 x")),
			nil, 0,
		},
		"data in /usr":      {"linux/arm64", join(files(30, "/usr/share/data/x%02d linux/amd64"), files(2, "/bin/own%02d linux/arm64 x")), nil, 0},
		"a program outside": {"linux/arm64", []string{"/app/server linux/amd64 x"}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := Check(imageOf(t, tt.target, tt.files...))
			if diff := cmp.Diff(tt.want, r.System); diff != "" || len(r.Warnings) != tt.warnings {
				t.Errorf("%d warnings, system (-want +got):\n%s", len(r.Warnings), diff)
			}
		})
	}
}

// TestOrder has warnings in the order of their weight, and one group for each os
// and architecture.
func TestOrder(t *testing.T) {
	r := Check(imageOf(t, "linux/amd64", "/opt/a/agent linux/arm64 x", "/usr/local/bin/z linux/arm64 x", "/v/linux-x64/lib.so linux/arm64",
		"/lib/firmware/a linux/arm/v6", "/lib/firmware/b unknown/arm", "/lib/firmware/c linux/arm/v7", "/lib/firmware/d linux/arm64",
		"/usr/bin/app linux/amd64 x", "/usr/bin/app2 linux/amd64 x"))
	var got []string
	for _, w := range r.Warnings {
		got = append(got, w.File.Path+" "+w.Platform)
	}
	if diff := cmp.Diff([]string{"/v/linux-x64/lib.so linux/arm64", "/usr/local/bin/z linux/arm64", "/opt/a/agent linux/arm64"}, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	const firmware = "firmware, boot code or debug information"
	want := []Group{
		{"linux/arm", 3, map[string]int{firmware: 3}, []string{"/lib/firmware/a", "/lib/firmware/b", "/lib/firmware/c"}},
		{"linux/arm64", 1, map[string]int{firmware: 1}, []string{"/lib/firmware/d"}},
	}
	if diff := cmp.Diff(want, r.Counted); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}
