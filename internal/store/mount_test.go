package store

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// mounting answers mounts with a status, and 202 with the session at the given
// place; all else is the registry's.
func mounting(status int, location string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !r.URL.Query().Has("mount") {
			return false
		}
		if location != "" {
			w.Header().Set("Location", location)
		}
		w.WriteHeader(status)
		return true
	}
}

// mountOf is how a mount is noted.
func mountOf(digest, from, status string) string {
	return "POST /v2/d/blobs/uploads/?from=" + from + "&mount=" + escaped(digest) + " " + status
}

func putOf(digest string) string {
	return "PUT /v2/d/blobs/uploads/ID?digest=" + escaped(digest) + " Created"
}

func escaped(digest string) string { return strings.ReplaceAll(digest, ":", "%3A") }

func TestAMountThatIsGranted(t *testing.T) {
	s, f := newStore(t), newFront(t, mounting(http.StatusCreated, ""))
	desc := f.putBlob(t, "a", "layer")
	f.forget()
	from, to := ref(t, s, f.host+"/a:1", false), ref(t, s, f.host+"/d:1", true)
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
		t.Error(err)
	}
	f.wantExactly(t, map[string]int{mountOf(desc.Digest.String(), "a", "Created"): 1})
}

func TestFault63AMountThatBecomesASessionIsUsed(t *testing.T) {
	s, f := newStore(t), newFront(t, nil) // this registry knows no mounts
	desc := f.putBlob(t, "a", "layer")
	f.forget()
	from, to := ref(t, s, f.host+"/a:1", false), ref(t, s, f.host+"/d:1", true)
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
		t.Error(err)
	}
	d := desc.Digest.String()
	f.wantExactly(t, map[string]int{
		mountOf(d, "a", "Accepted"):    1,
		"GET /v2/a/blobs/" + d + " OK": 1,
		putOf(d):                       1,
	})
	if got, err := s.ReadBlob(t.Context(), to, desc); err != nil || string(got) != "layer" {
		t.Errorf("the target has %q, %v", got, err)
	}
}

func TestFault63AMountThatIsRefusedBecomesAnUpload(t *testing.T) {
	for _, status := range []int{200, 204, 400, 401, 403, 404, 405, 409, 413, 422, 500, 501} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			s, f := newStore(t), newFront(t, mounting(status, ""))
			from, to := ref(t, s, f.host+"/a:1", false), ref(t, s, f.host+"/d:1", true)
			other := ref(t, s, f.host+"/b:1", false)
			one, two, three := f.putBlob(t, "a", "one"), f.putBlob(t, "a", "two"), f.putBlob(t, "b", "three")
			f.forget()
			want := map[string]int{"POST /v2/d/blobs/uploads/ Accepted": 3}
			for _, b := range []blobCopy{{desc: one, from: from}, {desc: two, from: from}, {desc: three, from: other}} {
				if err := s.CopyBlob(t.Context(), b.from, to, b.desc, CopyHints{}); err != nil {
					t.Error(err)
				}
				d := b.desc.Digest.String()
				maps.Copy(want, map[string]int{"GET /v2/" + b.from.Repository.RepositoryStr() + "/blobs/" + d + " OK": 1, putOf(d): 1})
			}
			// The refusal is remembered for that source, and for that source only.
			want[mountOf(one.Digest.String(), "a", http.StatusText(status))] = 1
			want[mountOf(three.Digest.String(), "b", http.StatusText(status))] = 1
			f.wantExactly(t, want)
		})
	}
}

// TestFault63AMountOfABusyRegistry is one request as well, and the next blob is mounted again.
func TestFault63AMountOfABusyRegistry(t *testing.T) {
	for _, status := range []int{429, 502, 503} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			s, f := newStore(t), newFront(t, mounting(status, ""))
			from, to := ref(t, s, f.host+"/a:1", false), ref(t, s, f.host+"/d:1", true)
			one, two := f.putBlob(t, "a", "one"), f.putBlob(t, "a", "two")
			f.forget()
			want := map[string]int{"POST /v2/d/blobs/uploads/ Accepted": 2}
			for _, desc := range []ocispec.Descriptor{one, two} {
				if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
					t.Error(err)
				}
				d := desc.Digest.String()
				maps.Copy(want, map[string]int{
					mountOf(d, "a", http.StatusText(status)): 1, "GET /v2/a/blobs/" + d + " OK": 1, putOf(d): 1,
				})
			}
			f.wantExactly(t, want)
		})
	}
}

// TestFault63AMountWithoutASession is a 202 without a Location: the upload is not the mount's.
func TestFault63AMountWithoutASession(t *testing.T) {
	s, f := newStore(t), newFront(t, mounting(http.StatusAccepted, ""))
	desc := f.putBlob(t, "a", "layer")
	f.forget()
	from, to := ref(t, s, f.host+"/a:1", false), ref(t, s, f.host+"/d:1", true)
	if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
		t.Error(err)
	}
	d := desc.Digest.String()
	f.wantExactly(t, map[string]int{
		mountOf(d, "a", "Accepted"): 1, "POST /v2/d/blobs/uploads/ Accepted": 1, "GET /v2/a/blobs/" + d + " OK": 1, putOf(d): 1,
	})
}

// TestFault16NoRegistryHearsOfAnother holds that a copy between registries asks the
// target about itself, and that a 201 to that saves the upload.
func TestFault16NoRegistryHearsOfAnother(t *testing.T) {
	for _, there := range []bool{false, true} {
		t.Run(map[bool]string{false: "absent", true: "present"}[there], func(t *testing.T) {
			source, target := newFront(t, nil), newFront(t, nil)
			if there {
				target.answer = mounting(http.StatusCreated, "")
			}
			desc := source.putBlob(t, "secret/project", "layer")
			source.forget()
			s := newStore(t)
			from, to := ref(t, s, source.host+"/secret/project:1", false), ref(t, s, target.host+"/d:1", true)
			if err := s.CopyBlob(t.Context(), from, to, desc, CopyHints{}); err != nil {
				t.Error(err)
			}
			d := desc.Digest.String()
			if there {
				source.wantExactly(t, map[string]int{})
				target.wantExactly(t, map[string]int{mountOf(d, "d", "Created"): 1})
				return
			}
			source.wantExactly(t, map[string]int{"GET /v2/secret/project/blobs/" + d + " OK": 1})
			target.wantExactly(t, map[string]int{mountOf(d, "d", "Accepted"): 1, putOf(d): 1})
		})
	}
}

func TestNothingIsCopiedWithinARepository(t *testing.T) {
	s, f := newStore(t), newFront(t, nil)
	r := ref(t, s, f.host+"/d:1", true)
	if err := s.CopyBlob(t.Context(), r.WithTag("2"), r, descriptorOf("", []byte("layer")), CopyHints{}); err != nil {
		t.Error(err)
	}
	f.wantExactly(t, map[string]int{})
}
