package foreign

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
)

// imageOf returns an image of files, each "PATH PLATFORM", where the platform may
// be followed by x for an execute permission, and by the name of a format other
// than that of its os.
func imageOf(t *testing.T, target string, files ...string) Image {
	t.Helper()
	image := Image{Target: platformOf(t, target), Path: []string{"/usr/local/bin", "/usr/bin", "/bin", "/opt/tools"}, Libraries: []string{"/opt/lib"}}
	for _, line := range files {
		fields := strings.Fields(line)
		p := platformOf(t, fields[1])
		x := executable.Executable{Format: executable.FormatELF, Shared: strings.Contains(path.Base(fields[0]), ".so") || strings.HasSuffix(fields[0], ".node")}
		switch p.OS {
		case "windows":
			x.Format = executable.FormatPE
		case "darwin":
			x.Format = executable.FormatMachO
		}
		if last := fields[len(fields)-1]; len(last) > 1 && len(fields) > 2 {
			x.Format = executable.FileFormat(last)
		}
		x.Platforms = []executable.Evidence{{Platform: p, Exact: p.Variant}}
		if p.OS == "unknown" {
			x.Platforms[0].Platform.OS = ""
		}
		runs := executable.CheckRuns(executable.Target{Platform: image.Target}, x)
		image.Files = append(image.Files, File{Path: fields[0], CanExecute: slices.Contains(fields, "x"), Executable: &x, Runs: &runs})
	}
	return image
}

func platformOf(t *testing.T, s string) platform.Platform {
	t.Helper()
	parts := append(strings.Split(s, "/"), "")
	return platform.Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2]}
}

// decisions are those of the foreign files, each as "PATH: RULE" with a ! for a
// warning.
func decisions(image Image) []string {
	s := newSurvey(image)
	s.study()
	var all []string
	for _, f := range s.foreign {
		d := s.decide(f)
		line := fmt.Sprintf("%s: %s", f.Path, d.Rule)
		if d.Warning {
			line += " !"
		}
		all = append(all, line)
	}
	return all
}

// TestRules has the paths of real packages for each rule, and those that look
// like them and are mistakes.
func TestRules(t *testing.T) {
	for name, tt := range map[string]struct {
		target string
		files  []string
		want   []string
	}{
		"no program": {"linux/amd64", []string{
			"/usr/local/bin/app.wasm wasip1/wasm x wasm",
			"/usr/local/bin/tool windows/amd64 x dotnet",
			"/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0/System.Private.CoreLib.dll linux/arm64 x dotnet",
		}, []string{
			"/usr/local/bin/app.wasm: no-program",
			"/usr/local/bin/tool: no-program",
			"/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0/System.Private.CoreLib.dll: no-program",
		}},
		"firmware": {"linux/arm64", []string{
			"/usr/lib/syslinux/modules/bios/ldlinux.c32 unknown/386 x",
			"/usr/share/qemu/hppa-firmware.img unknown/hppa x",
			"/lib/firmware/carl9170fw/x unknown/sh4 x",
			"/lib/modules/6.1.0-18-arm64/vdso/vdso32.so linux/arm x",
			"/usr/lib/u-boot/qemu_x86_64/u-boot unknown/amd64 x",
			"/usr/lib/systemd/boot/efi/linuxx64.elf.stub linux/amd64 x",
			"/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf unknown/riscv64 x",
			"/usr/lib/grub/i386-pc/kernel.img unknown/386 x",
			"/usr/lib/debug/.build-id/00/ab.debug linux/amd64 x",
			"/boot/memtest unknown/386 x",
			"/usr/lib/xen-4.17/boot/hvmloader unknown/386 x",
			"/usr/lib/arm-trusted-firmware/rk3328/bl31.elf unknown/arm x",
		}, []string{
			"/usr/lib/syslinux/modules/bios/ldlinux.c32: firmware",
			"/usr/share/qemu/hppa-firmware.img: firmware",
			"/lib/firmware/carl9170fw/x: firmware",
			"/lib/modules/6.1.0-18-arm64/vdso/vdso32.so: firmware",
			"/usr/lib/u-boot/qemu_x86_64/u-boot: firmware",
			"/usr/lib/systemd/boot/efi/linuxx64.elf.stub: firmware",
			"/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf: firmware",
			"/usr/lib/grub/i386-pc/kernel.img: firmware",
			"/usr/lib/debug/.build-id/00/ab.debug: firmware",
			"/boot/memtest: firmware",
			"/usr/lib/xen-4.17/boot/hvmloader: firmware",
			"/usr/lib/arm-trusted-firmware/rk3328/bl31.elf: firmware",
		}},
		"a root of its own": {"linux/amd64", []string{
			"/var/lib/machines/arm64/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1 linux/arm64 x",
			"/var/lib/machines/arm64/bin/dash linux/arm64 x",
			"/srv/alpine/lib/ld-musl-armhf.so.1 unknown/arm x",
			"/srv/alpine/sbin/apk unknown/arm x",
			"/srv/alpine/sbin/other linux/arm64 x",
			"/opt/root/usr/lib/ld-2.31.so linux/arm64 x",
			"/opt/root/usr/bin/tool linux/arm64 x",
			"/opt/lib/ld-linux-aarch64.so.1 linux/arm64 x",
			"/opt/tools/tool linux/arm64 x",
			"/opt/libexec/tool linux/arm64 x",
		}, []string{
			"/var/lib/machines/arm64/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1: root",
			"/var/lib/machines/arm64/bin/dash: root",
			"/srv/alpine/lib/ld-musl-armhf.so.1: root",
			"/srv/alpine/sbin/apk: root",
			"/srv/alpine/sbin/other: reach !",
			"/opt/root/usr/lib/ld-2.31.so: root",
			"/opt/root/usr/bin/tool: root",
			"/opt/lib/ld-linux-aarch64.so.1: reach !",
			"/opt/tools/tool: reach !",
			"/opt/libexec/tool: root",
		}},
		"the system is not a root of its own": {"linux/arm64", []string{
			"/lib64/ld-linux-x86-64.so.2 linux/amd64 x",
			"/usr/lib/ld-linux-x86-64.so.2 linux/amd64 x",
			"/usr/local/lib/ld-musl-x86_64.so.1 linux/amd64 x",
			"/usr/bin/tool linux/amd64 x",
			"/opt/app/app linux/amd64 x",
		}, []string{
			"/lib64/ld-linux-x86-64.so.2: reach !",
			"/usr/lib/ld-linux-x86-64.so.2: reach !",
			"/usr/local/lib/ld-musl-x86_64.so.1: reach !",
			"/usr/bin/tool: reach !",
			"/opt/app/app: reach !",
		}},
		"multiarch": {"linux/amd64", []string{
			"/usr/lib/aarch64-linux-gnu/libc.so.6 linux/arm64 x",
			"/usr/aarch64-linux-gnu/lib/libc.so.6 linux/arm64 x",
			"/usr/lib/gcc-cross/arm-linux-gnueabihf/12/libgcc_s.so linux/arm x",
			"/usr/local/rustup/toolchains/stable/lib/rustlib/aarch64-unknown-linux-gnu/lib/libstd.so linux/arm64 x",
			"/usr/libx32/libc.so.6 linux/x32 x",
			"/usr/lib/gcc/x86_64-linux-gnu/12/x32/libgcc_s.so.1 linux/x32 x",
			"/opt/cross/riscv64-linux-musl/lib/libc.so unknown/riscv64 x",
			"/opt/ndk/toolchains/llvm/prebuilt/linux-x86_64/sysroot/usr/lib/aarch64-linux-android/libc.so android/arm64 x",
			"/usr/local/cuda/targets/aarch64-linux/lib/libcudart.so.12 linux/arm64 x",
		}, []string{
			"/usr/lib/aarch64-linux-gnu/libc.so.6: multiarch",
			"/usr/aarch64-linux-gnu/lib/libc.so.6: multiarch",
			"/usr/lib/gcc-cross/arm-linux-gnueabihf/12/libgcc_s.so: multiarch",
			"/usr/local/rustup/toolchains/stable/lib/rustlib/aarch64-unknown-linux-gnu/lib/libstd.so: multiarch",
			"/usr/libx32/libc.so.6: multiarch",
			"/usr/lib/gcc/x86_64-linux-gnu/12/x32/libgcc_s.so.1: multiarch",
			"/opt/cross/riscv64-linux-musl/lib/libc.so: multiarch",
			"/opt/ndk/toolchains/llvm/prebuilt/linux-x86_64/sysroot/usr/lib/aarch64-linux-android/libc.so: multiarch",
			"/usr/local/cuda/targets/aarch64-linux/lib/libcudart.so.12: multiarch",
		}},
		"multilib": {"linux/386", []string{
			"/usr/lib64/libc.so.6 linux/amd64 x",
			"/usr/lib32/libc.so.6 linux/amd64 x",
		}, []string{
			"/usr/lib64/libc.so.6: multiarch",
			"/usr/lib32/libc.so.6: reach !",
		}},
		"variants": {"linux/amd64", []string{
			"/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libfoo.so.1 linux/amd64/v3",
			"/usr/local/bin/tool linux/amd64/v3 x",
			"/usr/lib/x86_64-linux-gnu/libbar.so.1 linux/amd64/v4",
			"/usr/share/data/x linux/amd64/v4",
		}, []string{
			"/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libfoo.so.1: multiarch",
			"/usr/local/bin/tool: reach !",
			"/usr/lib/x86_64-linux-gnu/libbar.so.1: reach !",
			"/usr/share/data/x: rest",
		}},
		"test data": {"linux/arm64", []string{
			"/usr/local/go/src/debug/elf/testdata/gcc-amd64-linux-exec linux/amd64 x",
			"/usr/local/go/src/debug/elf/testdata/gcc-386-freebsd-exec freebsd/386 x",
			"/app/node_modules/pkg/test/fixtures/app linux/amd64 x",
			"/usr/lib/python3/dist-packages/x/tests/lib.so linux/amd64 x",
			"/usr/bin/qemu-aarch64-static linux/amd64 x",
			"/usr/bin/buildkit-qemu-arm linux/amd64 x",
			"/usr/bin/qemu-img linux/amd64 x",
		}, []string{
			"/usr/local/go/src/debug/elf/testdata/gcc-amd64-linux-exec: test-data",
			"/usr/local/go/src/debug/elf/testdata/gcc-386-freebsd-exec: test-data",
			"/app/node_modules/pkg/test/fixtures/app: test-data",
			"/usr/lib/python3/dist-packages/x/tests/lib.so: test-data",
			"/usr/bin/qemu-aarch64-static: test-data",
			"/usr/bin/buildkit-qemu-arm: test-data",
			"/usr/bin/qemu-img: reach !",
		}},
		"rest": {"linux/arm64", []string{
			"/opt/app/native/lib.so linux/amd64",
			"/opt/tools/kubectl.exe windows/amd64 x",
			"/opt/tools/kubectl-darwin darwin/arm64 x",
			"/usr/share/app/setup windows/amd64 x",
		}, []string{
			"/opt/app/native/lib.so: rest",
			"/opt/tools/kubectl.exe: reach",
			"/opt/tools/kubectl-darwin: reach",
			"/usr/share/app/setup: reach",
		}},
		"modules below library directories": {"linux/arm64", []string{
			"/usr/lib/nginx/modules/ngx_http_echo_module.so linux/amd64",
			"/usr/local/lib/python3.11/lib-dynload/_ssl.so linux/amd64",
			"/usr/lib/aarch64-linux-gnu/perl/5.36/auto/POSIX/a/b/POSIX.so linux/amd64",
			"/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so linux/amd64",
			"/usr/lib/clang/14/lib/linux/libclang_rt.asan-x86_64.so linux/amd64",
			"/usr/lib/app/variant.so linux/arm64/v9",
			"/usr/lib/app/code.so unknown/amd64 macho",
			"/usr/share/app/plugin.so linux/amd64",
			"/usr/library/app/plugin.so linux/amd64",
		}, []string{
			"/usr/lib/nginx/modules/ngx_http_echo_module.so: reach !",
			"/usr/local/lib/python3.11/lib-dynload/_ssl.so: reach !",
			"/usr/lib/aarch64-linux-gnu/perl/5.36/auto/POSIX/a/b/POSIX.so: reach !",
			"/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so: rest",
			"/usr/lib/clang/14/lib/linux/libclang_rt.asan-x86_64.so: rest",
			"/usr/lib/app/variant.so: rest",
			"/usr/lib/app/code.so: reach",
			"/usr/share/app/plugin.so: rest",
			"/usr/library/app/plugin.so: rest",
		}},
		"modules among those of the image": {"linux/arm64", []string{
			"/opt/java/lib/libjava.so linux/arm64",
			"/opt/java/lib/libnet.so linux/amd64",
			"/opt/java/lib/libother-x64.so linux/amd64",
			"/opt/java/lib/data linux/amd64",
			"/opt/java/lib/server/libjvm.so linux/amd64",
			"/opt/app/program linux/arm64 x",
			"/opt/app/plugin.so linux/amd64",
			"/opt/samples-of-all/a.so linux/arm64",
			"/opt/samples-of-all/b.so linux/amd64",
			"/opt/samples-of-all/c.so linux/s390x",
		}, []string{
			"/opt/java/lib/libnet.so: reach !",
			"/opt/java/lib/libother-x64.so: rest",
			"/opt/java/lib/data: rest",
			"/opt/java/lib/server/libjvm.so: rest",
			"/opt/app/plugin.so: rest",
			"/opt/samples-of-all/b.so: rest",
			"/opt/samples-of-all/c.so: rest",
		}},
		"reach": {"linux/arm64", []string{
			"/usr/local/bin/kubectl linux/amd64 x",
			"/usr/local/bin/plain unknown/amd64",
			"/usr/local/bin/helm darwin/arm64 x",
			"/opt/agent/bin/agent linux/amd64 x",
			"/usr/local/lib/docker/cli-plugins/docker-buildx linux/amd64 x",
			"/usr/local/lib/libm.so.6 linux/amd64",
			"/usr/lib/libm.so.6 linux/amd64",
			"/usr/lib/aarch64-linux-gnu/libm.so.6 linux/arm64",
			"/opt/lib/libz.so linux/amd64",
		}, []string{
			"/usr/local/bin/kubectl: reach !",
			"/usr/local/bin/plain: reach !",
			"/usr/local/bin/helm: reach !",
			"/opt/agent/bin/agent: reach !",
			"/usr/local/lib/docker/cli-plugins/docker-buildx: reach !",
			"/usr/local/lib/libm.so.6: reach !",
			"/usr/lib/libm.so.6: reach !",
			"/opt/lib/libz.so: reach !",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, decisions(imageOf(t, tt.target, tt.files...))); diff != "" {
				t.Errorf("decisions (-want +got):\n%s", diff)
			}
		})
	}
}
