package spec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/spec"
)

func TestFromArgs(t *testing.T) {
	amd64 := ocispec.Platform{OS: "linux", Architecture: "amd64"}
	armv7 := ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}
	tests := []struct {
		name string
		args spec.Args
		want spec.Spec
	}{
		{
			"one platform",
			spec.Args{Platforms: []string{"linux/amd64"}, Template: "r/a:OS-ARCH", Target: "r/a:1"},
			spec.Spec{Image: "r/a:1", Manifests: []spec.Source{{Image: "r/a:linux-amd64", Platform: amd64}}},
		},
		{
			"lists repeat, are trimmed and lose empty items",
			spec.Args{
				Platforms: []string{" linux/amd64 ,, linux/arm/v7,", "windows/amd64:10.0.17763.1"},
				Template:  "r/a:OS-ARCHVARIANT", Target: "r/a:1",
				Tags: []string{"1.10, latest,", "", "latest,b"},
			},
			spec.Spec{
				Image: "r/a:1", Tags: []string{"1.10", "latest", "b"},
				Manifests: []spec.Source{
					{Image: "r/a:linux-amd64", Platform: amd64},
					{Image: "r/a:linux-armv7", Platform: armv7},
					{Image: "r/a:windows-amd64", Platform: ocispec.Platform{
						OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763.1",
					}},
				},
			},
		},
		{
			"platforms that differ in the variant alone may share an image",
			spec.Args{Platforms: []string{"linux/amd64,linux/amd64/v2"}, Template: "r/a:ARCH", Target: "r/a:1"},
			spec.Spec{Image: "r/a:1", Manifests: []spec.Source{
				{Image: "r/a:amd64", Platform: amd64},
				{Image: "r/a:amd64", Platform: ocispec.Platform{OS: "linux", Architecture: "amd64", Variant: "v2"}},
			}},
		},
		{
			"one platform needs no placeholder",
			spec.Args{Platforms: []string{"linux/amd64"}, Template: "r/a:x", Target: "r/a:1"},
			spec.Spec{Image: "r/a:1", Manifests: []spec.Source{{Image: "r/a:x", Platform: amd64}}},
		},
		{
			"an alias fills the template in canonical spelling",
			spec.Args{Platforms: []string{"linux/x86_64"}, Template: "r/a:ARCH", Target: "r/a:1"},
			spec.Spec{Image: "r/a:1", Manifests: []spec.Source{{Image: "r/a:amd64", Platform: amd64}}},
		},
		{
			"annotations of both flags",
			spec.Args{
				Platforms: []string{"linux/amd64"}, Template: "r/a:ARCH", Target: "r/a:1",
				Annotations: []string{"a=b,c=d"}, Annotation: []string{"e=f,g=h", "a=b"},
			},
			spec.Spec{
				Image: "r/a:1", Annotations: map[string]string{"a": "b", "c": "d", "e": "f,g=h"},
				Manifests: []spec.Source{{Image: "r/a:amd64", Platform: amd64}},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := spec.FromArgs(tt.args)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("SpecFromArgs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromArgs_Invalid(t *testing.T) {
	good := func(change func(*spec.Args)) spec.Args {
		a := spec.Args{Platforms: []string{"linux/amd64"}, Template: "r/a:ARCH", Target: "r/a:1"}
		change(&a)
		return a
	}
	const form = "the --platforms argument must be a string slice where one value is of the form 'os/arch'"
	tests := []struct {
		name string
		args spec.Args
		say  []string
		hint string
	}{
		{"no target", good(func(a *spec.Args) { a.Target = "" }), []string{"--target"}, ""},
		{"no template", good(func(a *spec.Args) { a.Template = "" }), []string{"--template"}, ""},
		{"no platforms", good(func(a *spec.Args) { a.Platforms = nil }), []string{"--platforms"}, ""},
		{"empty platforms", good(func(a *spec.Args) { a.Platforms = []string{" , ", ""} }), []string{"--platforms"}, ""},
		{"platform of one part", good(func(a *spec.Args) { a.Platforms = []string{"linux"} }), []string{form, `"linux"`}, ""},
		{"platform of four parts", good(func(a *spec.Args) { a.Platforms = []string{"linux/amd64,a/b/c/d"} }), []string{form, `"a/b/c/d"`}, ""},
		{"platform with an empty part", good(func(a *spec.Args) { a.Platforms = []string{"linux/"} }), []string{"--platforms", `"linux/"`, "empty"}, ""},
		{"platform with two versions", good(func(a *spec.Args) { a.Platforms = []string{"linux/amd64:1:2"} }), []string{"--platforms", "1:2"}, ""},
		{"tag with a slash", good(func(a *spec.Args) { a.Tags = []string{"a,b/c"} }), []string{"--tags", `"b/c"`}, ""},
		{"tag with a hyphen in front", good(func(a *spec.Args) { a.Tags = []string{"-a"} }), []string{"--tags", `"-a"`}, ""},
		{"tag of 129 characters", good(func(a *spec.Args) { a.Tags = []string{strings.Repeat("x", 129)} }), []string{"--tags", "129"}, ""},
		{
			"template without placeholder",
			good(func(a *spec.Args) { a.Platforms = []string{"linux/amd64,linux/arm64"}; a.Template = "r/a:x" }),
			[]string{"linux/amd64", "linux/arm64", `"r/a:x"`},
			"--template",
		},
		{
			"template with a placeholder inside a word",
			good(func(a *spec.Args) {
				a.Platforms = []string{"linux/amd64", "windows/amd64"}
				a.Template = "r/CENTOS-ARCH"
			}),
			[]string{"linux/amd64", "windows/amd64", `"r/CENTOS-amd64"`},
			"--template",
		},
		{
			"the first and the last platform share an image",
			good(func(a *spec.Args) {
				a.Platforms = []string{"linux/amd64,linux/arm64,windows/amd64"}
			}),
			[]string{"linux/amd64", "windows/amd64", `"r/a:amd64"`},
			"--template",
		},
		{"annotation without =", good(func(a *spec.Args) { a.Annotations = []string{"abc"} }), []string{"--annotations", `"abc"`}, "--annotation key=value"},
		{"annotation pair without =", good(func(a *spec.Args) { a.Annotation = []string{"a,b"} }), []string{"--annotation ", `"a,b"`}, "--annotation key=value"},
		{"annotation pair without key", good(func(a *spec.Args) { a.Annotation = []string{"=b"} }), []string{"--annotation ", `"=b"`}, "--annotation key=value"},
		{"annotation twice", good(func(a *spec.Args) { a.Annotations = []string{"a=b,a=c"} }), []string{`"a"`, `"b"`, `"c"`}, ""},
		{"annotation twice by two flags", good(func(a *spec.Args) {
			a.Annotations = []string{"a=b"}
			a.Annotation = []string{"a=c"}
		}), []string{`"a"`, `"b"`, `"c"`}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := spec.FromArgs(tt.args)
			if diff := cmp.Diff(spec.Spec{}, got); diff != "" {
				t.Errorf("a failure gave a spec:\n%s", diff)
			}
			var input *manifest.InputError
			if !errors.As(err, &input) {
				t.Fatalf("error %v is no InputError", err)
			}
			for _, say := range tt.say {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("error %q does not say %q", err, say)
				}
			}
			if !strings.Contains(input.HintText, tt.hint) || tt.hint == "" && input.HintText != "" {
				t.Errorf("hint %q, want %q in it", input.HintText, tt.hint)
			}
		})
	}
}

func TestFromArgs_ArchNames(t *testing.T) {
	const platforms = "linux/amd64,linux/arm/v7,linux/arm/v6,linux/arm64,linux/arm64/v8"
	for _, tt := range []struct {
		template string
		names    []string
		want     string
	}{
		{"a:ARCH", []string{"amd64=x86_64,arm/v7=armhf", "arm64=aarch64"}, "a:x86_64 a:armhf a:arm a:aarch64 a:aarch64"},
		{"a:ARCHVARIANT", []string{"arm/v7=armhf", "arm=armel"}, "a:amd64 a:armhf a:armelv6 a:arm64 a:arm64v8"},
		{"OS-ARCH:1", []string{"x86_64=x64", "armhf=arm32"}, "linux-x64:1 linux-arm32:1 linux-arm:1 linux-arm64:1 linux-arm64:1"},
		{"a:ARCH", []string{" amd64=ARCH , "}, "a:ARCH a:arm a:arm a:arm64 a:arm64"},
		{"a:ARCH", []string{"s390x=z,riscv64=r"}, "a:amd64 a:arm a:arm a:arm64 a:arm64"},
		{"a:ARCH-VARIANT", nil, "a:amd64- a:arm-v7 a:arm-v6 a:arm64- a:arm64-v8"},
	} {
		s, err := spec.FromArgs(spec.Args{Platforms: []string{platforms}, Template: tt.template, Target: "a:b", ArchNames: tt.names})
		if err != nil {
			t.Errorf("%s with %q: %v", tt.template, tt.names, err)
		}
		var got []string
		for _, source := range s.Manifests {
			got = append(got, source.Image)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s with %q: %q, want %q", tt.template, tt.names, got, tt.want)
		}
	}
	for _, bad := range []string{"amd64", "=x", "amd64=", "amd64=a/b", "amd64=a b", "amd64=x,x86_64=y", "linux/amd64=x", "amd46=x", "ARCH=amd64", "amd64/v9=x", "armv7/v6=x", "z80=x"} {
		_, err := spec.FromArgs(spec.Args{Platforms: []string{"linux/amd64"}, Template: "a:ARCH", Target: "a:b", ArchNames: []string{bad}})
		var input *manifest.InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), "--arch-name") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
