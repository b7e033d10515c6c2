package manifest

import (
	"strings"
	"testing"
)

// inspectTag inspects a tag of the shelf.
func inspectTag(t *testing.T, s *shelf, tag string) (Inspection, error) {
	t.Helper()
	return Inspect(t.Context(), newStore(t), s.host+"/app:"+tag, InspectOptions{})
}

// pushTag pushes an index whose source is a tag of the shelf to a registry.
func pushTag(t *testing.T, s *shelf, to *registry, tag string) error {
	t.Helper()
	return pushSpec(t, Spec{Image: to.host + "/app:1", Manifests: []Source{{Image: s.host + "/app:" + tag}}})
}

// wantBothRefused holds that a tag of the shelf can neither be inspected nor
// pushed from; what the error says has the text in it.
func wantBothRefused(t *testing.T, s *shelf, tag, says string) {
	t.Helper()
	if _, err := inspectTag(t, s, tag); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("inspect: error %v, want %q in it", err, says)
	}
	to := startRegistry(t)
	if err := pushTag(t, s, to, tag); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("push: error %v, want %q in it", err, says)
	}
	to.wantUntouched(t)
}

// pushSpec pushes one spec with the default options.
func pushSpec(t *testing.T, s Spec) error {
	t.Helper()
	o := PushOptions{Type: TypeAuto, Warn: func(string) {}}
	return PushSpecs(t.Context(), newStore(t), []Spec{s}, o, func(PushResult) error { return nil })
}
