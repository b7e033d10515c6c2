package verify

import (
	"context"
	"fmt"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/rootfs/command"
)

// findLevels notes the images of whose os and architecture the index has several
// variants: each is then for its own level only. Source: issue 12.
func findLevels(entries []*entryCheck) {
	levels := map[string]map[string]bool{}
	key := func(e *entryCheck) (system, variant string) {
		p := platform.Canonical(e.target())
		return p.OS + "/" + p.Architecture, p.Variant
	}
	for _, e := range entries {
		if e.kind != manifest.KindImage {
			continue
		}
		system, variant := key(e)
		if levels[system] == nil {
			levels[system] = map[string]bool{}
		}
		levels[system][variant] = true
	}
	for _, e := range entries {
		system, _ := key(e)
		e.severalLevels = len(levels[system]) > 1
	}
}

// checkRuns judges whether a program of the image runs on its platform. The
// image's loader is looked up only if the judgement depends on it.
func (e *entryCheck) checkRuns(x executable.Executable) executable.RunResult {
	on := executable.Target{Platform: e.target(), SeveralLevels: e.severalLevels}
	j := executable.CheckRuns(on, x)
	if !j.DependsOnLoader() {
		return j
	}
	on.LoaderVariant = e.loaderVariant()
	return executable.CheckRuns(on, x)
}

// useLoader takes the loader of the first dynamic program that the command starts
// as that of the image.
func (e *entryCheck) useLoader(steps []command.Step) {
	for _, s := range steps {
		if s.Role == command.Loader && s.Err == nil {
			e.loaderVariant = func() string { return variantOf(s.File.Executable) }
			return
		}
	}
}

// findLoaderVariant returns the variant that the loader of an image names, for an
// image that starts only static programs; "" if it has no loader at the usual
// paths.
func findLoaderVariant(ctx context.Context, stack *rootfs.Stack, arch string) string {
	paths := map[string][]string{
		"amd64": {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"},
		"arm":   {"/lib/ld-linux-armhf.so.3", "/lib/ld-musl-armhf.so.1"},
	}
	for _, p := range paths[arch] {
		if f, err := stack.Program(ctx, p); err == nil {
			return variantOf(f.Executable)
		}
	}
	return ""
}

func variantOf(x executable.Executable) string {
	if len(x.Platforms) != 1 {
		return ""
	}
	return x.Platforms[0].Platform.Variant
}

// variantHint is what programs name of a variant, with the first program that
// names it.
type variantHint struct {
	executable.VariantHint
	path, how string
	programs  int
}

// noteVariantHint notes a variant that a program names; of several the highest.
func (e *entryCheck) noteVariantHint(path string, hint *executable.VariantHint, how string) {
	switch {
	case hint == nil:
	case e.hint == nil || hint.Got > e.hint.Got:
		e.hint = &variantHint{*hint, path, how, 1}
	case hint.Got == e.hint.Got:
		e.hint.programs++
	}
}

// reportVariantHint adds one finding for all programs: the base of the image
// usually decides it for all of them.
func (e *entryCheck) reportVariantHint() {
	if e.hint == nil {
		return
	}
	if n := e.hint.programs; n > 1 {
		e.hint.how += fmt.Sprintf("; as in %d of the programs that the image starts", n)
	}
	e.add(CodeBinaryVariant, Finding{Subject: e.hint.path, Field: "variant", Expected: e.hint.Want, Actual: e.hint.Got, Evidence: e.hint.how})
}
