package foreign

import (
	"strings"
)

// word is what a part of a name states about a platform. A word without os and
// architectures is about the platform too, but names none: a vendor, a libc.
type word struct {
	os    string
	archs []string
}

// vocabulary has the words for platforms that build tools put into names, in
// lower case.
type vocabulary map[string]word

// The words for architectures, each line with what a file of that name may be
// built for. Sources: GOARCH; process.arch of Node.js; Debian's ports; LLVM's and
// Rust's targets; Python's platform tags; Android's ABIs; .NET's RIDs; uname -m.
const archWords = `
amd64: amd64 x64 x8664 em64t intel64 amd64h
amd64 386: x86 intel
386: 386 i386 i486 i586 i686 ia32
x32: gnux32 x32 libx32
arm64: arm64 aarch64 a64 armv8 armv8a armv9 arm64v8 arm64e arm64ec sbsa v8a aarch64be
arm arm64: arm
arm: arm32 armhf armel armhfp armv5 armv5l armv5te armv5tel armv6 armv6l armv6hf armv7 armv7l armv7a armv7hf armv7hl armv7hnl armv7neon armv8l arm32v5 arm32v6 arm32v7 armeabi v7a gnueabihf gnueabi musleabihf musleabi androideabi thumbv7 thumbv7neon arm5 arm6 arm7 evbarm
riscv64: riscv64 riscv64gc
riscv32: riscv32 riscv32gc
ppc64le: ppc64le ppc64el powerpc64le
ppc64: ppc64 powerpc64
ppc: ppc powerpc
s390x: s390x
s390: s390
mips: mips
mipsle: mipsel mipsle
mips64: mips64
mips64le: mips64el mips64le
mipsn32le mipsn32: n32 gnuabin32
loong64: loong64 loongarch64
sparc: sparc
sparc64: sparc64 sparcv9
ia64: ia64
alpha: alpha
hppa: hppa
m68k: m68k
sh4: sh4
wasm: wasm wasm32 wasm64
`

// The words for systems. .exe and .dll are files of Windows wherever they are.
const osWords = `
linux: linux linux32 linux64 manylinux manylinux1 manylinux2010 manylinux2014 musllinux linuxglibc linuxmusl linuxstatic
darwin: darwin darwin64 mac macos macosx osx osx64 mac64 macos64 apple dylib
ios: ios iphoneos iphonesimulator iossim
windows: windows win win32 win64 win7 win10 winnt mingw mingw32 mingw64 w64 cygwin msys msvc exe dll pyd ocx
freebsd: freebsd
openbsd: openbsd
netbsd: netbsd
dragonfly: dragonfly
solaris: solaris sunos
illumos: illumos
aix: aix
android: android
`

// neutralWords are about a platform without naming one.
const neutralWords = `unknown pc none gnu glibc musl uclibc uclibceabihf libc eabi eabihf gnuabi64 static alpine so
universal universal2 32bit 64bit 32 64 baseline modern haswell avx avx2 avx512 sse2 sse42 neon hardfloat softfloat
v1 v2 v3 v4 v5 v6 v7 v8 v9`

func newVocabulary() vocabulary {
	words := vocabulary{}
	each(archWords, func(values []string, w string) { words[w] = word{archs: values} })
	each(osWords, func(values []string, w string) { words[w] = word{os: values[0]} })
	for _, w := range strings.Fields(neutralWords) {
		words[w] = word{}
	}
	return words
}

// each calls add for every word of a table whose lines are "values: words".
func each(table string, add func(values []string, w string)) {
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		values, words, _ := strings.Cut(line, ":")
		for _, w := range strings.Fields(words) {
			add(strings.Fields(values), w)
		}
	}
}

// lookup returns the words that a token is made of: one, or an os and an
// architecture without a separator, as in linuxarm64, or the reverse.
func (v vocabulary) lookup(token string) ([]word, bool) {
	if w, known := v[token]; known {
		return []word{w}, true
	}
	for i := 2; i < len(token)-1; i++ {
		first, known := v[token[:i]]
		second, both := v[token[i:]]
		if known && both && first.os+second.os != "" && (first.os == "" || second.os == "") {
			return []word{first, second}, true
		}
	}
	return nil, false
}
