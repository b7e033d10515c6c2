//go:build e2e

package push

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// platformsOf returns the platforms of a published index, one to a word.
func platformsOf(t *testing.T, g *registrytest.Registry, ref string) string {
	t.Helper()
	shown := clitest.Run(t, "inspect", "-o", "template={{range .Entries}}{{platform .Platform}} {{end}}", g.Host+"/"+ref)
	shown.WantCode(t, 0)
	return strings.TrimSpace(shown.Stdout)
}

// TestPushUnknownKeys pushes a spec with keys of other tools and other versions:
// one warning for each, with --strict an error, and a near miss is always one.
func TestPushUnknownKeys(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "windows", fixture.NewImage(t, fixture.OCI(), "windows", fixture.ParsePlatform("windows/amd64:10.0.17763.1"), 1))
	g.Put(t, "app", "arm", fixture.NewImage(t, fixture.OCI(), "arm", fixture.ParsePlatform("linux/arm/v7"), 1))
	const start = "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/app:arm\n"
	const windows = "  - image: REGISTRY/app:windows\n    platform: {os: windows, architecture: amd64, features: [a], version: %s}\n"
	for _, tt := range []struct {
		name, spec string
		warning    string // "" for none
	}{
		{"version of the config", start + fmt.Sprintf(windows, "1809"), ""},
		{"name of the config's version", start + fmt.Sprintf(windows, "ltsc2019"), ""},
		{"another version", start + fmt.Sprintf(windows, "ltsc2022"), `version is "ltsc2022", os.version of the config "10.0.17763.1"`},
		{"one level up", start + "    os: linux\n    architecture: amd64\n", `spec.yaml:4: unknown key "os" in manifests[] is ignored (os belongs in manifests[].platform)`},
		{"an empty platform", start + "    platform:\n", `spec.yaml:4: "manifests[].platform" is empty`},
		{"an extension", start + "x-ci: {a: b}\n", `spec.yaml:4: unknown key "x-ci" in the spec is ignored`},
		{"a short key", start + "    platform: {arch: arm}\n", `(did you mean "architecture"?)`},
		{"an empty item", start + "  -\n", `spec.yaml:4: an item of "manifests" is empty and is skipped`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := clitest.WriteSpec(t, g.Host, tt.spec)
			done := clitest.Run(t, "push", "--type", "oci", "from-spec", path)
			done.WantCode(t, 0)
			if tt.warning == "" {
				clitest.WantText(t, "stderr", "", done.Stderr)
			} else {
				done.WantStderr(t, "warning: ", tt.warning)
			}
			strict := clitest.Run(t, "push", "--strict", "--type", "oci", "from-spec", path)
			strict.WantCode(t, map[bool]int{true: 0, false: 2}[tt.warning == ""])
		})
	}
	for key, meant := range map[string]string{"OS: linux": "os", "Architecture: arm": "architecture", "varient: v7": "variant", "os_version: 1": "os.version"} {
		done := clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, strings.Replace(start, ":all", ":miss", 1)+"    platform: {"+key+"}\n"))
		done.WantCode(t, 2)
		done.WantStderr(t, "spec.yaml:4: unknown key", fmt.Sprintf("hint: did you mean %q?", meant))
	}
	g.WantAbsent(t, "app", "miss")
}

// TestPushTagsAlone has a target without a tag: the tags of the spec, or of the
// command line, are written.
func TestPushTagsAlone(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "amd64", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1))
	spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app\ntags: [nightly, '1.0', nightly]\nmanifests:\n  - image: REGISTRY/app:amd64\n")
	printed := clitest.Run(t, "push", "from-spec", spec).PushedDigest(t)
	args := clitest.Run(t, "push", "from-args", "--platforms", "amd64", "--template", g.Host+"/app:ARCH", "--tags", "two,three", "--target", g.Host+"/app")
	clitest.WantText(t, "digest", printed.String(), args.PushedDigest(t).String())
	for _, tag := range []string{"nightly", "1.0", "two", "three"} {
		d, _ := g.Manifest(t, "app", tag)
		clitest.WantText(t, tag, printed.String(), d.Digest.String())
	}
	g.WantAbsent(t, "app", "latest")
	none := clitest.Run(t, "push", "from-args", "--platforms", "amd64", "--template", g.Host+"/app:ARCH", "--target", g.Host+"/app")
	none.WantCode(t, 2)
}

// TestPushSpellings gives one platform in several spellings, by flag, spec and
// config: the index is the same.
func TestPushSpellings(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	for i, tt := range []struct{ flag, os, arch, variant, want string }{
		{"linux/armv7l", "linux", "armv7l", "", "linux/arm/v7"},
		{"linux/arm32v7", "Linux", "arm32v7", "", "linux/arm/v7"},
		{"linux/arm/7", "linux", "arm", "'7'", "linux/arm/v7"},
		{"linux/arm64v8", "linux", "arm64v8", "", "linux/arm64/v8"},
		{"linux/aarch64", "linux", "aarch64", "", "linux/arm64"},
		{"x86_64", "linux", "x86_64", "", "linux/amd64"},
		{"linux/x64", "linux", "x64", "", "linux/amd64"},
		{"linux/i386", "linux", "i386", "", "linux/386"},
		{"linux/ppc64el", "linux", "ppc64el", "", "linux/ppc64le"},
		{"linux/mips64el", "linux", "mips64el", "", "linux/mips64le"},
		{"linux/armhf", "linux", "armhf", "", "linux/arm/v7"},
	} {
		repo := fmt.Sprint("app", i)
		configured := fixture.ParsePlatform(tt.flag)
		configured.OS, configured.Architecture, configured.Variant = tt.os, tt.arch, strings.Trim(tt.variant, "'")
		g.Put(t, repo, "one", fixture.NewImage(t, fixture.OCI(), repo, configured, 1))
		declared := fmt.Sprintf("    platform: {os: %s, architecture: %s, variant: %s}\n", tt.os, tt.arch, tt.variant)
		start := "image: REGISTRY/" + repo + ":%s\nmanifests:\n  - image: REGISTRY/" + repo + ":one\n"
		clitest.Run(t, "push", "from-args", "--platforms", tt.flag, "--template", g.Host+"/"+repo+":one", "--target", g.Host+"/"+repo+":flag").WantCode(t, 0)
		clitest.Run(t, "push", "--strict", "from-spec", clitest.WriteSpec(t, g.Host, fmt.Sprintf(start, "spec")+declared)).WantCode(t, 0)
		clitest.Run(t, "push", "--strict", "from-spec", clitest.WriteSpec(t, g.Host, fmt.Sprintf(start, "config"))).WantCode(t, 0)
		for _, tag := range []string{"flag", "spec", "config"} {
			clitest.WantText(t, tt.flag+" by "+tag, tt.want, platformsOf(t, g, repo+":"+tag))
		}
		clitest.Run(t, "query", "--has", tt.flag, g.Host+"/"+repo+":flag").WantCode(t, 0)
	}
}

// TestPushImpossiblePlatforms has variants, Windows versions and names that no node
// has, and those that only are new.
func TestPushImpossiblePlatforms(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "one", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1))
	push := func(t *testing.T, platform string, flags ...string) clitest.Result {
		spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:new\nmanifests:\n  - image: REGISTRY/app:one\n    platform: "+platform+"\n")
		return clitest.Run(t, append(append([]string{"push"}, flags...), "from-spec", spec)...)
	}
	for platform, hint := range map[string]string{
		"{os: linux, architecture: arm, variant: armv7hf}":                "did you mean the variant v7?",
		"{os: linux, architecture: arm, variant: v8}":                     "64-bit ARM is the architecture arm64",
		"{os: linux, architecture: amd64, variant: v8}":                   "v8 is a variant of arm64",
		"{os: linux, architecture: arm64, variant: v7}":                   "v7 is a variant of arm (32-bit)",
		"{os: windows, architecture: amd64, variant: 1809}":               "1809 is a version of Windows",
		"{os: windows, architecture: amd64, os.version: ltsc2022}":        "leave os.version out",
		"{os: windows, architecture: amd64, osversion: 1809}":             "leave os.version out",
		"{os: zos, architecture: s390x}":                                  "--allow-unknown-platform",
		"{os: linux, architecture: sw64}":                                 "--allow-unknown-platform",
		"{os: wasi, architecture: amd64}":                                 "--allow-unknown-platform",
		"{os: linux, architecture: amd64, variant: v8, os.version: 10.0}": "v8 is a variant of arm64",
	} {
		done := push(t, platform)
		done.WantCode(t, 2)
		done.WantStderr(t, "hint: ", hint)
	}
	g.WantAbsent(t, "app", "new")
	for platform, want := range map[string]string{
		"{os: zos, architecture: s390x}":   "zos/s390x",
		"{os: linux, architecture: sw64}":  "linux/sw64",
		"{os: qemu, architecture: x86_64}": "qemu/amd64",
	} {
		push(t, platform, "--allow-unknown-platform").WantCode(t, 0)
		clitest.WantText(t, platform, want, platformsOf(t, g, "app:new"))
	}
	for platform, warns := range map[string]bool{
		"{os: wasi, architecture: wasm}": false, "{os: wasip1, architecture: wasm}": false, "{os: wasip2, architecture: wasm}": false,
		"{os: linux, architecture: amd64, variant: v3}": false, "{os: linux, architecture: amd64, variant: v5}": true,
		"{os: linux, architecture: arm64, variant: v9.4}": true, "{os: linux, architecture: riscv64, variant: rva30u64}": true,
		"{os: linux, architecture: ppc64le, variant: power11}": true,
	} {
		done := push(t, platform, "--type", "oci")
		done.WantCode(t, 0)
		if strings.Contains(done.Stderr, "is not a known one") != warns {
			t.Errorf("%s: stderr %q", platform, done.Stderr)
		}
	}
}

// TestPushAllowsUnknownPlatformsBySetting has the setting in the file.
func TestPushAllowsUnknownPlatformsBySetting(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "x", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("haiku/m68k"), 1))
	spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:new\nmanifests:\n  - image: REGISTRY/app:x\n")
	clitest.WithSettings(t, "allow-unknown-platform: true\n").Run(t, "push", "from-spec", spec).WantCode(t, 0)
	clitest.WantText(t, "platform", "haiku/m68k", platformsOf(t, g, "app:new"))
	// A question may ask for any platform.
	clitest.Run(t, "resolve", "--platform", "haiku/m68k", g.Host+"/app:new").WantCode(t, 0)
}

// TestPushArchNames finds images by the names of another tool, from a flag and
// from both forms of the setting.
func TestPushArchNames(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	for tag, p := range map[string]string{"x86_64": "linux/amd64", "armhf": "linux/arm/v7", "arm64": "linux/arm64"} {
		g.Put(t, "app", tag, fixture.NewImage(t, fixture.OCI(), tag, fixture.ParsePlatform(p), 1))
	}
	args := []string{"push", "from-args", "--platforms", "linux/amd64,linux/arm/v7,linux/arm64", "--template", g.Host + "/app:ARCHVARIANT", "--target", g.Host + "/app:all"}
	want := "linux/amd64 linux/arm/v7 linux/arm64"
	for _, s := range []struct {
		session clitest.Session
		flags   []string
	}{
		{clitest.Session{}, []string{"--arch-name", "amd64=x86_64,arm/v7=armhf"}},
		{clitest.Session{}, []string{"--arch-name", "amd64=x86_64", "--arch-name", "arm/v7=armhf"}},
		{clitest.WithSettings(t, "arch-names: {amd64: x86_64, arm/v7: armhf}\n"), nil},
		{clitest.WithSettings(t, "arch-names: [amd64=x86_64, arm/v7=armhf]\n"), nil},
		{clitest.Session{Env: []string{"MANIFEST_TOOL_ARCH_NAMES=amd64=x86_64,arm/v7=armhf"}}, nil},
	} {
		s.session.Run(t, append(args, s.flags...)...).WantCode(t, 0)
		clitest.WantText(t, "platforms", want, platformsOf(t, g, "app:all"))
	}
	clitest.Run(t, append(args, "--arch-name", "amd64")...).WantCode(t, 2)
	for name, hint := range map[string]string{"linux/amd64=x": "leave out linux/", "amd46=x86_64": `did you mean "amd64"?`, "amd64/v9=x": "v9 is a variant of arm64"} {
		for _, done := range []clitest.Result{clitest.Run(t, append(args, "--arch-name", name)...), clitest.WithSettings(t, "arch-names: ["+name+"]\n").Run(t, args...)} {
			done.WantCode(t, 2)
			done.WantStderr(t, "--arch-name: ", "hint: "+hint)
		}
	}
}

// TestPushAnnotationLevels takes buildx's prefixes.
func TestPushAnnotationLevels(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "amd64", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1))
	args := []string{"push", "from-args", "--platforms", "linux/amd64", "--template", g.Host + "/app:ARCH", "--target", g.Host + "/app:all"}
	clitest.Run(t, append(args, "--annotations", "index:a=b, c=d", "--annotation", "index:e=f,g")...).WantCode(t, 0)
	_, raw := g.Manifest(t, "app", "all")
	for _, text := range []string{`"a": "b"`, `"c": "d"`, `"e": "f,g"`} {
		if !strings.Contains(string(raw), text) {
			t.Errorf("no %s in\n%s", text, raw)
		}
	}
	for _, level := range []string{"manifest", "manifest[linux/amd64]", "index-descriptor", "manifest,index"} {
		done := clitest.Run(t, append(args, "--annotation", level+":a=b")...)
		done.WantCode(t, 2)
		done.WantStderr(t, level, "hint: ", "index:a")
	}
}

// TestPushQuiet: a push that succeeds writes nothing to standard error that is not
// about its result, unless it is a terminal or asked to.
func TestPushQuiet(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	g.Put(t, "app", "amd64", fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1))
	spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/app:amd64\n")
	warned := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:all\nmanifest-list: x\nmanifests:\n  - image: REGISTRY/app:amd64\n")
	missing := []string{"push", "from-spec", clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:x\nmanifests:\n  - image: REGISTRY/app:amd64\n    platform: {os: linux, architecture: aarch65}\n")}
	clitest.Run(t, "--username", "u", "--password", "p", "push", "from-spec", spec).WantCode(t, 0)
	for _, s := range []clitest.Session{{}, {Env: []string{"MANIFEST_TOOL_QUIET=true"}}, clitest.WithSettings(t, "quiet: true\n")} {
		done := s.Run(t, "--username", "u", "--password", "p", "push", "from-spec", spec)
		done.WantCode(t, 0)
		clitest.WantText(t, "stderr", "", done.Stderr)
	}
	loud := clitest.Run(t, "--quiet=false", "--username", "u", "--password", "p", "push", "from-spec", spec)
	loud.WantStderr(t, "warning: --password shows the password", "unchanged: ")
	result := clitest.Run(t, "--quiet", "push", "from-spec", warned)
	result.WantCode(t, 0)
	result.WantStderr(t, "warning: ", "manifest-list")
	if with, without := clitest.Run(t, missing...), clitest.Run(t, append(missing, "--quiet")...); !strings.Contains(with.Stderr, "hint: ") || strings.Contains(without.Stderr, "hint: ") || without.Stderr == "" {
		t.Errorf("stderr %q, quiet %q", with.Stderr, without.Stderr)
	}
}

// TestPushHalfALogin warns of a user name without a password and of a password
// without a user name; both fail only if the registry requires a login.
func TestPushHalfALogin(t *testing.T) {
	t.Parallel()
	open, closed := registrytest.StartOpen(t), registrytest.StartBasicTLS(t)
	image := fixture.NewImage(t, fixture.OCI(), "app", fixture.ParsePlatform("linux/amd64"), 1)
	for _, g := range []*registrytest.Registry{open, closed} {
		g.Put(t, "app", "amd64", image)
	}
	for _, flags := range [][]string{{"--username=me"}, {"--password=secret-word"}, {"--username=me", "--password="}} {
		spec := clitest.WriteSpec(t, open.Host, "image: REGISTRY/app:all\nmanifests:\n  - image: REGISTRY/app:amd64\n")
		done := clitest.Run(t, append(flags, "push", "from-spec", spec)...)
		done.WantCode(t, 0)
		done.WantStderr(t, "warning: ", "has no effect without a")
		clitest.Run(t, append(flags, "--strict", "push", "from-spec", spec)...).WantCode(t, 2)
		refused := clitest.Run(t, append(flags, "--ca-file", closed.CAFile, "inspect", closed.Host+"/app:amd64")...)
		refused.WantCode(t, 1)
		refused.WantStderr(t, "warning: ", "unauthorized")
	}
}
