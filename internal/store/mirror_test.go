package store

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
)

// mirroredBy returns a store with mirrors for one registry.
func mirroredBy(t *testing.T, o transport.Options, registry string, mirrors ...string) *Store {
	t.Helper()
	s, err := New(Options{Transport: o, Host: func(name string) RegistryConfig {
		if name == registry {
			return RegistryConfig{Mirrors: mirrors}
		}
		return RegistryConfig{}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAWaveAsksAMirrorThatIsDownOnce sends many requests at once.
func TestAWaveAsksAMirrorThatIsDownOnce(t *testing.T) {
	registry := newFront(t, nil)
	down := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
		time.Sleep(20 * time.Millisecond)
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	o := smallIndex("x")
	setup := newStore(t)
	if err := setup.Put(t.Context(), ref(t, setup, registry.host+"/a:1", true), o); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var warnings []string
	s := mirroredBy(t, transport.Options{Warn: func(m string) {
		mu.Lock()
		defer mu.Unlock()
		warnings = append(warnings, m)
	}}, registry.host, down.host)
	at := ref(t, s, registry.host+"/a:1", false)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := s.Get(t.Context(), at); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	down.wantExactly(t, map[string]int{"GET /v2/a/manifests/1 Bad Gateway": 1})
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "mirror "+down.host+" is not used: ") {
		t.Errorf("warnings %q", warnings)
	}
}

// TestAMirrorThatIsThereIsAskedInParallel has no request wait for the answer to
// another, once the first was answered.
func TestAMirrorThatIsThereIsAskedInParallel(t *testing.T) {
	registry, mirror := newFront(t, nil), newFront(t, nil)
	contents := strings.Split("abcdefghi", "")
	for _, content := range contents {
		mirror.putBlob(t, "a", content)
	}
	var asked atomic.Int32
	full := make(chan struct{})
	mirror.answer = func(http.ResponseWriter, *http.Request) bool {
		switch asked.Add(1) {
		case 1:
			return false
		case int32(len(contents)):
			close(full)
		}
		select {
		case <-full:
		case <-t.Context().Done():
		case <-time.After(10 * time.Second):
			t.Error("the requests come one after the other")
		}
		return false
	}
	s := mirroredBy(t, transport.Options{}, registry.host, mirror.host)
	at := ref(t, s, registry.host+"/a", false)
	var all sync.WaitGroup
	for _, content := range contents {
		all.Go(func() {
			got, err := s.ReadBlob(t.Context(), at, descriptorOf("x", []byte(content)))
			if err != nil || string(got) != content {
				t.Errorf("%q, error %v", got, err)
			}
		})
	}
	all.Wait()
	registry.wantExactly(t, map[string]int{})
}

// TestABlobThatAMirrorBreaksOffIsTakenUpAtTheRegistry sends half of it.
func TestABlobThatAMirrorBreaksOffIsTakenUpAtTheRegistry(t *testing.T) {
	const content = "first half, second half"
	registry := newFront(t, nil)
	desc := registry.putBlob(t, "a", content)
	registry.forget()
	mirror := newFront(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = io.WriteString(w, content[:len(content)/2])
		panic(http.ErrAbortHandler)
	})
	s := mirroredBy(t, transport.Options{}, registry.host, mirror.host)
	got, err := s.ReadBlob(t.Context(), ref(t, s, registry.host+"/a", false), desc)
	if err != nil || string(got) != content {
		t.Errorf("%q, error %v", got, err)
	}
	if len(registry.count()) != 1 {
		t.Errorf("the registry was asked %v", registry.count())
	}
}

// TestAMirrorOnTheTargetsHostDoesNotHang copies more blobs at once than there
// are connections to the host that they come from and go to.
func TestAMirrorOnTheTargetsHostDoesNotHang(t *testing.T) {
	source, target := newFront(t, nil), newFront(t, nil)
	s := mirroredBy(t, transport.Options{Host: set(transport.HostConfig{Jobs: 2})}, source.host, target.host+"/hub")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	from, to := ref(t, s, source.host+"/a", false), ref(t, s, target.host+"/copy", true)
	var all sync.WaitGroup
	for n := range 12 {
		desc := target.putBlob(t, "hub/a", strings.Repeat("x", 1<<16+n))
		all.Go(func() {
			if err := s.CopyBlob(ctx, from, to, desc, CopyHints{Absent: true}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	source.wantExactly(t, map[string]int{})
}

// TestWhenMirrorsAreRead holds which reads of a run may be a mirror's.
func TestWhenMirrorsAreRead(t *testing.T) {
	registry, mirror := newFront(t, nil), newFront(t, nil)
	o := smallIndex("x")
	setup := newStore(t)
	for _, host := range []string{registry.host, mirror.host} {
		for _, name := range []string{"/a", "/b"} {
			if err := setup.Put(t.Context(), ref(t, setup, host+name+":1", true), o); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name     string
		writes   string // "" is a run that reads
		read     func(*Store, reference.Ref) error
		mirrored bool
	}{
		{"a tag", "", func(s *Store, r reference.Ref) error { _, err := s.Get(t.Context(), r); return err }, true},
		{"a digest", "", func(s *Store, r reference.Ref) error {
			_, err := s.Get(t.Context(), r.WithDigest(o.Descriptor.Digest))
			return err
		}, true},
		{"what a tag names", "", func(s *Store, r reference.Ref) error { _, err := s.Head(t.Context(), r); return err }, false},
		{"a tag, in a run that writes", registry.host + "/b", func(s *Store, r reference.Ref) error { _, err := s.Get(t.Context(), r); return err }, false},
		{"a tag, in a run that writes a layout", reference.LayoutPrefix + t.TempDir(), func(s *Store, r reference.Ref) error { _, err := s.Get(t.Context(), r); return err }, false},
		{"a digest, in a run that writes", registry.host + "/b", func(s *Store, r reference.Ref) error {
			_, err := s.Get(t.Context(), r.WithDigest(o.Descriptor.Digest))
			return err
		}, true},
		{"a digest of what is written", registry.host + "/a", func(s *Store, r reference.Ref) error {
			_, err := s.Get(t.Context(), r.WithDigest(o.Descriptor.Digest))
			return err
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mirroredBy(t, transport.Options{}, registry.host, mirror.host)
			if c.writes != "" {
				ref(t, s, c.writes+":2", true)
			}
			registry.forget()
			mirror.forget()
			if err := c.read(s, ref(t, s, registry.host+"/a:1", false)); err != nil {
				t.Fatal(err)
			}
			if len(mirror.count()) > 0 != c.mirrored || len(registry.count()) > 0 == c.mirrored {
				t.Errorf("mirror %v, registry %v", mirror.count(), registry.count())
			}
		})
	}
}

// TestANameThatIsTooLongForAMirrorIsTheRegistrys has a path before it there.
func TestANameThatIsTooLongForAMirrorIsTheRegistrys(t *testing.T) {
	registry, mirror := newFront(t, nil), newFront(t, nil)
	o, setup := smallIndex("x"), newStore(t)
	long := registry.host + "/" + strings.Repeat("a", 200) + ":1"
	if err := setup.Put(t.Context(), ref(t, setup, long, true), o); err != nil {
		t.Fatal(err)
	}
	s := mirroredBy(t, transport.Options{}, registry.host, mirror.host+"/"+strings.Repeat("b", 60))
	if _, err := s.Get(t.Context(), ref(t, s, long, false)); err != nil {
		t.Error(err)
	}
	mirror.wantExactly(t, map[string]int{})
}

// TestARunThatIsEndedDoesNotBlameTheMirror cancels in the middle of a request.
func TestARunThatIsEndedDoesNotBlameTheMirror(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	registry := newFront(t, nil)
	mirror := newFront(t, func(_ http.ResponseWriter, r *http.Request) bool {
		cancel()
		<-r.Context().Done()
		return true
	})
	s := mirroredBy(t, transport.Options{Warn: func(m string) { t.Errorf("warning %q", m) }}, registry.host, mirror.host)
	if _, err := s.Get(ctx, ref(t, s, registry.host+"/a:1", false)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	registry.wantExactly(t, map[string]int{})
}

// TestSettingsOfARegistryDecideAboutItsTags asks one registry of two for all
// tags in one request.
func TestSettingsOfARegistryDecideAboutItsTags(t *testing.T) {
	one, other := newFront(t, nil), newFront(t, nil)
	s, err := New(Options{Host: func(name string) RegistryConfig { return RegistryConfig{TagParams: name == one.host} }})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*front{one, other} {
		at := ref(t, s, f.host+"/d:1", true)
		if err := joinTagErrors(s.PutTags(t.Context(), at, []string{"1", "2"}, smallIndex("x"))); err != nil {
			t.Error(err)
		}
	}
	asked := func(f *front) bool {
		for line := range f.count() {
			if strings.Contains(line, "?tag=") {
				return true
			}
		}
		return false
	}
	if !asked(one) || asked(other) {
		t.Errorf("requests: %v and %v", one.count(), other.count())
	}
}
