package manifest_test

import (
	"strings"
	"testing"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/push"
	"manifest-tool/internal/manifest/spec"
)

// inspectTag inspects a tag of the shelf.
func inspectTag(t *testing.T, s *manifesttest.Scripted, tag string) (inspect.Inspection, error) {
	t.Helper()
	return inspect.Inspect(t.Context(), manifesttest.NewStore(t), s.Host+"/app:"+tag, inspect.Options{})
}

// pushTag pushes an index whose source is a tag of the shelf to a registry.
func pushTag(t *testing.T, s *manifesttest.Scripted, to *manifesttest.Registry, tag string) error {
	t.Helper()
	return pushSpec(t, spec.Spec{Image: to.Host + "/app:1", Manifests: []spec.Source{{Image: s.Host + "/app:" + tag}}})
}

// wantBothRefused holds that a tag of the shelf can neither be inspected nor
// pushed from; what the error says has the text in it.
func wantBothRefused(t *testing.T, s *manifesttest.Scripted, tag, says string) {
	t.Helper()
	if _, err := inspectTag(t, s, tag); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("inspect: error %v, want %q in it", err, says)
	}
	to := manifesttest.NewRegistry(t)
	if err := pushTag(t, s, to, tag); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("push: error %v, want %q in it", err, says)
	}
	to.AssertNoWrites(t)
}

// pushSpec pushes one spec with the default options.
func pushSpec(t *testing.T, s spec.Spec) error {
	t.Helper()
	o := push.Options{Type: push.TypeAuto, Warn: func(string) {}}
	return pushWith(t, manifesttest.NewStore(t), s, o)
}

// pushWith parses a spec and pushes it to w.
func pushWith(t *testing.T, w manifest.Writer, s spec.Spec, o push.Options) error {
	t.Helper()
	requests, err := push.NewRequests([]spec.Spec{s})
	if err != nil {
		return err
	}
	return push.All(t.Context(), w, requests, o, func([]push.Result) error { return nil })
}
