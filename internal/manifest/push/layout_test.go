package push

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/reference"
)

// TestPush_UnchangedLayout pushes the same twice, from a registry and
// from the layout itself, and then with something broken in the layout.
func TestPush_UnchangedLayout(t *testing.T) {
	_, in, children := twoRegistries(t)
	dir := filepath.Join(t.TempDir(), "layout")
	in.Image, in.Tags = "oci-layout://"+dir+":1", []string{"2", "3"}
	push := func(o Options) (Result, error) {
		t.Helper()
		var got Result
		o.Type, o.Warn, o.Sleep = TypeAuto, func(string) {}, (&waits{}).wait
		err := pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{in}, o, func(p Result) error { got = p; return nil })
		return got, err
	}
	want := func(name string, state TagState, got Result, err error) {
		t.Helper()
		var states []TagState
		for _, r := range got.Tags {
			states = append(states, r.State)
		}
		if diff := cmp.Diff([]TagState{state, state, state}, states); diff != "" || err != nil || got.Unchanged != (state == TagUnchanged) {
			t.Errorf("%s: %v, unchanged %v\n%s", name, err, got.Unchanged, diff)
		}
	}
	first, err := push(Options{Expect: ExpectAbsent})
	want("first", TagWritten, first, err)
	for name, o := range map[string]Options{"again": {}, "--confirm": {Confirm: true}, "--expect": {Expect: first.Digest}} {
		got, err := push(o)
		want(name, TagUnchanged, got, err)
	}
	blob := filepath.Join(dir, "blobs", "sha256", children[0].Digest.Encoded())
	for name, spoil := range map[string]func() error{
		"a manifest is gone":        func() error { return os.Remove(blob) },
		"a manifest is another":     func() error { return os.WriteFile(blob, []byte("{}"), 0o600) },
		"a manifest is cut to null": func() error { return os.Truncate(blob, 0) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		got, err := push(Options{})
		want(name, TagWritten, got, err)
		if raw, err := os.ReadFile(blob); digest.FromBytes(raw) != children[0].Digest {
			t.Errorf("%s, and stays so: %q, %v", name, raw, err)
		}
	}
}

// TestPush_LayoutErrors has a push to a layout fail in each step.
func TestPush_LayoutErrors(t *testing.T) {
	_, in, _ := twoRegistries(t)
	dir := filepath.Join(t.TempDir(), "layout")
	in.Image = "oci-layout://" + dir + ":1"
	push := func(o Options) error {
		o.Type, o.Warn, o.Sleep = TypeOCI, func(string) {}, (&waits{}).wait
		return pushSpecs(t.Context(), manifesttest.NewStore(t), []spec.Spec{in}, o, func(Result) error { return nil })
	}
	if err := push(Options{}); err != nil {
		t.Fatal(err)
	}
	other := digest.FromString("other")
	unexpected := push(Options{Expect: other})
	in.Annotations = map[string]string{"a": "b"}
	index := filepath.Join(dir, ocispec.ImageIndexFile)
	if err := errors.Join(os.Remove(index), os.Mkdir(index, 0o700)); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"unexpected": unexpected,
		"late":       &TagConflictError{Ref: reference.Ref{Kind: reference.Layout, Path: dir}, Have: other, DuringPush: true},
		"lost":       &TagConflictError{Ref: reference.Ref{Kind: reference.Layout, Path: dir}, Have: other, Overwritten: true},
		"unwritten":  push(Options{}),
	} {
		if err == nil || strings.Contains(err.Error(), "registry") || !strings.Contains(err.Error(), "oci-layout://"+dir) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
