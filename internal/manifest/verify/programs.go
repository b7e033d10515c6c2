package verify

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/platform/executable"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/rootfs"
	"manifest-tool/internal/rootfs/command"
	"manifest-tool/internal/store"
)

// layerBlob is a layer in a store.
type layerBlob struct {
	r    manifest.BlobReader
	ref  reference.Ref
	desc ocispec.Descriptor
}

func (b layerBlob) Open(ctx context.Context) (io.ReadCloser, error) {
	return b.r.OpenBlob(ctx, b.ref, b.desc)
}

func (b layerBlob) ReadAt(ctx context.Context, offset, length int64) ([]byte, error) {
	part, err := b.r.ReadBlobAt(ctx, b.ref, b.desc, offset, length)
	if errors.Is(err, store.ErrNoRange) {
		return nil, rootfs.ErrNoRange
	}
	return part, err
}

// rootLayers are the layers that make the root file system of an image, lowest
// first.
func (v *verifier) rootLayers(e *entryCheck) []rootfs.Layer {
	var layers []rootfs.Layer
	for _, d := range e.manifest.Layers {
		if rootfs.IsLayer(d.MediaType) && manifest.ValidateDescriptor(d) == nil {
			layers = append(layers, v.rootLayer(e, d))
		}
	}
	return layers
}

func (v *verifier) rootLayer(e *entryCheck, d ocispec.Descriptor) rootfs.Layer {
	l := rootfs.Layer{Digest: d.Digest, Place: e.place(), Size: d.Size, MediaType: d.MediaType, Annotations: d.Annotations}
	if !manifest.IsNonDistributable(d.MediaType) {
		l.Blob = layerBlob{v.r, e.ref, d}
	}
	return l
}

// place names the repository or the layout that the entry's blobs are in.
func (e *entryCheck) place() string { return e.ref.WithTag("").String() }

// isWindows reports whether an image's layers are those of Windows.
func (e *entryCheck) isWindows() bool { return e.target().OS == "windows" }

// target is the platform that an image's programs have to run on: what its
// config says, completed by what the index says, in the names that programs are
// compared by. A wrong spelling is a finding of its own.
func (e *entryCheck) target() platform.Platform {
	var declared, configured platform.Platform
	if e.desc.Platform != nil {
		declared = *e.desc.Platform
	}
	if e.configured != nil {
		configured = *e.configured
	}
	return platform.Respell(platform.Complete(configured, declared))
}

// hasPrograms reports whether an entry is an image whose programs can be found. If a
// layer is not a tar archive, it may have any of them.
func (e *entryCheck) hasPrograms() bool {
	return e.kind == manifest.KindImage && e.config != nil && len(e.manifest.Layers) > 0 && e.target().OS != "" &&
		!slices.ContainsFunc(e.manifest.Layers, isOtherLayer)
}

// announceLayers announces the layers of an image, before those of any are read.
func (v *verifier) announceLayers(e *entryCheck) {
	if v.opts.Binaries == BinariesNone {
		return
	}
	if e.unknown = e.kind == manifest.KindImage && !e.hasPrograms(); e.hasPrograms() {
		e.layers = v.rootLayers(e)
		v.layers.Acquire(e.layers, e.isWindows())
	}
}

// checkBinaries looks at the programs of an image.
func (v *verifier) checkBinaries(ctx context.Context, e *entryCheck) {
	if e.layers == nil {
		return
	}
	defer v.layers.Release(e.layers, e.isWindows())
	stack := rootfs.NewStack(v.layers, e.layers, e.isWindows())
	if v.opts.readsEverything() {
		stack.ReadAll(ctx)
	}
	e.loaderVariant = sync.OnceValue(func() string { return findLoaderVariant(ctx, stack, e.target().Architecture) })
	v.checkCommand(ctx, e, stack)
	if v.opts.Binaries == BinariesAll {
		v.allPrograms(ctx, e, stack)
	}
}

// checkCommand judges the programs that the image's command starts.
func (v *verifier) checkCommand(ctx context.Context, e *entryCheck, stack *rootfs.Stack) {
	c := e.config.Config
	config := command.Config{
		Entrypoint: c.Entrypoint, Cmd: c.Cmd, Env: c.Env, WorkingDir: c.WorkingDir,
		ArgsEscaped: c.ArgsEscaped, //nolint:staticcheck // builders of Windows images go on setting it
		Wasm:        strings.HasPrefix(e.target().Architecture, "wasm"),
	}
	steps, _ := command.Resolve(ctx, stack, config)
	if len(steps) == 0 {
		steps = v.checkUndeclared(ctx, e, stack, config)
	}
	e.useLoader(steps)
	for _, s := range steps {
		v.checkStep(e, s)
	}
	e.reportVariantHint()
}

// checkStep judges one program that the command needs.
func (v *verifier) checkStep(e *entryCheck, s command.Step) {
	missing, forbidden, wrong := roleCodes(s.Role)
	p := Program{Role: string(s.Role), Name: s.Name, Path: s.File.Path, Layer: s.File.Layer, Compatibility: executable.FitUnknown}
	how := describeStep(s)
	var unreadable *rootfs.LayerError
	switch {
	case errors.As(s.Err, &unreadable):
		e.unknown, p.Platform, p.Detail = true, platformUnknown, unreadable.Error()
		v.recordLayerError(e, unreadable, how)
	case errors.Is(s.Err, rootfs.ErrNotExecutable):
		p.Platform = platformUnknown
		e.add(forbidden, Finding{Subject: s.Name, Expected: "a file with a permission to execute it", Actual: "none", Evidence: how})
	case errors.Is(s.Err, command.ErrUnknownPath):
		e.unknown, p.Platform, p.Detail = true, platformUnknown, s.Err.Error()
		e.add(CodeBinaryUnknown, Finding{Subject: s.Name, Actual: p.Detail, Evidence: how})
	case s.Err != nil:
		p.Detail = notFoundReason(s.Name, s.Err)
		e.add(missing, Finding{Subject: s.Name, Actual: p.Detail, Evidence: how})
	default:
		e.checkPlatform(&p, s, wrong, how)
	}
	e.programs = append(e.programs, p)
}

// recordLayerError notes why a layer did not give an answer. A layer that could not be
// read at all is reported with the blobs.
func (v *verifier) recordLayerError(e *entryCheck, err *rootfs.LayerError, how string) {
	subject := err.Digest.String()
	var source *rootfs.SourceError
	switch {
	case errors.Is(err, rootfs.ErrNotDistributed):
		e.add(CodeLayerNotDistributed, Finding{Subject: subject, Evidence: how})
	case v.layers.Outcome(rootfs.Layer{Digest: err.Digest, Place: e.place()}, e.isWindows()).Err != nil:
	case errors.Is(err, rootfs.ErrChunkDigest):
		e.add(CodeDigestMismatch, Finding{Subject: subject, Actual: err.Err.Error(), Evidence: how})
	case errors.As(err, &source):
		e.recordError(source.Err, CodeLayerMissing, CodeLayerUnreadable, subject, how)
	default:
		e.add(CodeLayerUnreadable, Finding{Subject: subject, Actual: err.Err.Error(), Evidence: how})
	}
}

// checkPlatform compares a program that was found with the platform.
func (e *entryCheck) checkPlatform(p *Program, s command.Step, wrong Code, how string) {
	x := s.File.Executable
	j := e.checkRuns(x)
	p.Platform, p.Compatibility, p.Detail = describeBuild(x, j), j.Fit, x.Detail
	how += "; " + x.Detail
	e.noteVariantHint(p.Path, j.Hint, how)
	switch {
	case j.Fit == executable.FitIncompatible:
		e.add(wrong, Finding{Subject: p.Path, Field: j.Field, Expected: j.Want, Actual: j.Got, Evidence: how})
	case j.Fit == executable.FitCompatible:
		e.add(CodeBinaryCompatible, Finding{Subject: p.Path, Field: j.Field, Expected: j.Want, Actual: j.Got, Evidence: how})
	case e.checkFormat(p, s, how):
	case x.Format == executable.FormatScript && x.Interpreter != "", s.Assumed && j.Fit == executable.FitUnknown:
		// Its interpreter is judged in its place, or nothing is known.
	case j.Fit == executable.FitUnknown:
		e.unknown = true
		e.add(CodeBinaryUnknown, Finding{Subject: p.Path, Actual: j.Reason, Evidence: how})
	}
	e.checkLoader(s, j, how)
	if s.File.Unverified {
		e.add(CodeUnverifiedBytes, Finding{Subject: p.Path, Evidence: "the table of contents of layer " + p.Layer})
	}
}
