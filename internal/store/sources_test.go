package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
	"manifest-tool/internal/system"
)

// systemStore is a store for a machine with a registries.conf.
func systemStore(t *testing.T, conf string, warn func(string)) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "registries.conf")
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	rules := system.Load(system.Options{Root: t.TempDir(), Getenv: func(name string) string {
		return map[string]string{"CONTAINERS_REGISTRIES_CONF": path}[name]
	}})
	if len(rules.Warnings) > 0 {
		t.Fatal(rules.Warnings)
	}
	s, err := New(Options{Sources: rules.Repository, Alias: rules.Alias, Transport: transport.Options{Warn: warn}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// publish stores an index in a registry.
func publish(t *testing.T, to, note string) Document {
	t.Helper()
	s, o := newStore(t), smallIndex(note)
	if err := s.Put(t.Context(), ref(t, s, to, true), o); err != nil {
		t.Fatal(err)
	}
	return o
}

func wantNote(t *testing.T, s *Store, from string, want Document) {
	t.Helper()
	o, err := s.Get(t.Context(), ref(t, s, from, false))
	if err != nil || o.Descriptor.Digest != want.Descriptor.Digest {
		t.Errorf("%s: %s %v", from, o.Raw, err)
	}
}

func TestMirrorsOfPartOfARegistry(t *testing.T) {
	t.Parallel()
	registry, mirror := newFront(t, nil), newFront(t, nil)
	inside := publish(t, mirror.host+"/cache/app:1", "mirror")
	publish(t, registry.host+"/team/app:1", "registry")
	outside := publish(t, registry.host+"/teams/app:1", "registry, outside")
	s := systemStore(t, "[[registry]]\nprefix = \""+registry.host+"/team\"\nlocation = \""+registry.host+"/team\"\n[[registry.mirror]]\nlocation = \""+mirror.host+"/cache\"\n", nil)
	registry.forget()
	wantNote(t, s, registry.host+"/team/app:1", inside)
	registry.wantExactly(t, map[string]int{})
	wantNote(t, s, registry.host+"/teams/app:1", outside)
}

func TestMirrorsForDigestsAlone(t *testing.T) {
	t.Parallel()
	for only, tagAtMirror := range map[string]bool{"digest-only": false, "tag-only": true} {
		registry, mirror := newFront(t, nil), newFront(t, nil)
		o := publish(t, registry.host+"/app:1", "same")
		publish(t, mirror.host+"/app:1", "same")
		s := systemStore(t, "[[registry]]\nlocation = \""+registry.host+"\"\n[[registry.mirror]]\nlocation = \""+mirror.host+"\"\npull-from-mirror = \""+only+"\"\n", nil)
		for _, byTag := range []bool{false, true} {
			registry.forget()
			mirror.forget()
			name := registry.host + "/app:1"
			if !byTag {
				name = registry.host + "/app@" + o.Descriptor.Digest.String()
			}
			wantNote(t, s, name, o)
			if (len(mirror.count()) > 0) != (byTag == tagAtMirror) {
				t.Errorf("%s, by tag %v: mirror %v", only, byTag, mirror.count())
			}
		}
	}
}

func TestALocationTakesThePlaceOfARegistryForReading(t *testing.T) {
	t.Parallel()
	registry, location := newFront(t, nil), newFront(t, nil)
	o := publish(t, location.host+"/hub/app:1", "location")
	s := systemStore(t, "[[registry]]\nprefix = \""+registry.host+"\"\nlocation = \""+location.host+"/hub\"\n", nil)
	wantNote(t, s, registry.host+"/app:1", o)
	at := ref(t, s, registry.host+"/app:1", false)
	if d, err := s.Head(t.Context(), at); err != nil || d.Digest != o.Descriptor.Digest {
		t.Errorf("head: %v %v", d, err)
	}
	if tags, err := s.Tags(t.Context(), at); err != nil || len(tags) != 1 {
		t.Errorf("tags: %v %v", tags, err)
	}
	if _, err := s.Referrers(t.Context(), at.WithDigest(o.Descriptor.Digest)); err != nil {
		t.Errorf("referrers: %v", err)
	}
	layer := location.putBlob(t, "hub/app", "content")
	if raw, err := s.ReadBlob(t.Context(), at, layer); err != nil || string(raw) != "content" {
		t.Errorf("blob: %q %v", raw, err)
	}
	if size, err := s.HeadBlob(t.Context(), at, layer); err != nil || size != 7 {
		t.Errorf("blob: %d %v", size, err)
	}
	if _, err := s.ReadBlobAt(t.Context(), at, layer, 1, 2); err != nil && !errors.Is(err, ErrNoRange) {
		t.Errorf("part of a blob: %v", err)
	}
	if _, err := s.Get(t.Context(), ref(t, s, registry.host+"/none:1", false)); !errors.Is(err, ErrNotFound) {
		t.Errorf("a missing image: %v", err)
	}
	registry.wantExactly(t, map[string]int{})

	// What is written is written, and read, at the registry.
	location.forget()
	written := smallIndex("written")
	to := ref(t, s, registry.host+"/app:2", true)
	if err := s.Put(t.Context(), to, written); err != nil {
		t.Fatal(err)
	}
	wantNote(t, s, registry.host+"/app:2", written)
	location.wantExactly(t, map[string]int{})
}

func TestABlockedRepositoryIsNotUsed(t *testing.T) {
	t.Parallel()
	registry := newFront(t, nil)
	publish(t, registry.host+"/bad/app:1", "x")
	good := publish(t, registry.host+"/good:1", "y")
	s := systemStore(t, "[[registry]]\nprefix = \""+registry.host+"/bad\"\nblocked = true\n", nil)
	registry.forget()
	at := ref(t, s, registry.host+"/bad/app:1", true)
	_, getErr := s.Get(t.Context(), at)
	_, tagsErr := s.Tags(t.Context(), at)
	for what, err := range map[string]error{
		"get": getErr, "tags": tagsErr, "put": s.Put(t.Context(), at, smallIndex("z")),
		"put tags": s.PutTags(t.Context(), at, []string{"1"}, smallIndex("z"))[0].Err,
	} {
		var blocked *BlockedError
		if !errors.As(err, &blocked) || blocked.ExitCode() != 2 || !strings.Contains(err.Error(), "/bad/app is blocked by ") || blocked.Hint() == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	registry.wantExactly(t, map[string]int{})
	wantNote(t, s, registry.host+"/good:1", good)
}

func TestAliasesAreForReading(t *testing.T) {
	t.Parallel()
	registry := newFront(t, nil)
	o := publish(t, registry.host+"/fedora/fedora:41", "x")
	var mu sync.Mutex
	var warnings []string
	s := systemStore(t, "[aliases]\nfedora = \""+registry.host+"/fedora/fedora\"\n\"bad/alias\" = \"a b\"\nalpine = \"docker.io/library/alpine\"\n", func(m string) {
		mu.Lock()
		defer mu.Unlock()
		warnings = append(warnings, m)
	})
	wantNote(t, s, "fedora:41", o)
	wantNote(t, s, "fedora@"+o.Descriptor.Digest.String(), o)
	if len(warnings) != 1 || !strings.Contains(warnings[0], "fedora is read as "+registry.host+"/fedora/fedora, as ") {
		t.Errorf("warnings %q", warnings)
	}
	for _, name := range []string{"docker.io/library/fedora:41", "library/fedora:41", "fedoras:41", "bad/alias:1", "alpine:3"} {
		r, err := reference.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.registry.expand(r); got.Repository != r.Repository {
			t.Errorf("%s becomes %s", name, got)
		}
	}
	if len(warnings) != 1 {
		t.Errorf("warnings %q", warnings)
	}
	written := ref(t, s, "fedora:41", true)
	if got := s.registry.sourceOf(written); got.Repository != written.Repository {
		t.Errorf("what is written becomes %s", got)
	}
}

func TestAMirrorServes(t *testing.T) {
	t.Parallel()
	d := digest.FromString("x")
	for only, want := range map[string][2]bool{"": {true, true}, system.OnlyTags: {true, false}, system.OnlyDigests: {false, true}} {
		m := &mirror{only: only}
		r := reference.Ref{}
		if got := [2]bool{m.serves(r), m.serves(r.WithDigest(d))}; got != want {
			t.Errorf("%q: %v", only, got)
		}
	}
}
