package inspect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

func TestSortTags(t *testing.T) {
	names := []string{"v1.10.0", "latest", "1.9", "1.9.0", "v1.9", "2", "1.10.0-rc.1", "1.9", "10", "sha256-ab.sig", "1.2.3.4", "01.2", "1.9.0-alpine", "Latest"}
	for versions, want := range map[bool][]string{
		false: {"01.2", "1.10.0-rc.1", "1.2.3.4", "1.9", "1.9.0", "1.9.0-alpine", "10", "2", "Latest", "latest", "sha256-ab.sig", "v1.10.0", "v1.9"},
		true:  {"1.9.0-alpine", "1.9", "1.9.0", "v1.9", "1.10.0-rc.1", "v1.10.0", "2", "10"},
	} {
		if diff := cmp.Diff(want, sortTags(names, versions)); diff != "" {
			t.Errorf("versions %v (-want +got):\n%s", versions, diff)
		}
	}
}

func TestListTags(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	a := manifesttest.WithPlatform(manifesttest.PutImage(t, r.Host+"/app:a", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64), manifesttest.LinuxAMD64)
	b := manifesttest.PutImage(t, r.Host+"/app:b", manifest.MediaTypeDockerImage, manifesttest.LinuxARMv7)
	all := manifesttest.PutIndex(t, r.Host+"/app:all", a, manifesttest.WithPlatform(b, manifesttest.LinuxARMv7), manifesttest.WithSubject(b, a))
	manifesttest.PutImage(t, r.Host+"/app:gone", ocispec.MediaTypeImageManifest, manifesttest.LinuxAMD64)
	r.Fail("GET /v2/app/manifests/gone", http.StatusNotFound)
	r.ResetRequests()
	got, err := ListTags(t.Context(), manifesttest.NewStore(t), r.Host+"/app", TagOptions{})
	if diff := cmp.Diff(TagList{"tags/v1", r.Host + "/app", []Tag{{Name: "a"}, {Name: "all"}, {Name: "b"}, {Name: "gone"}}}, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if len(r.Requests()) != 1 {
		t.Errorf("requests: %q", r.Requests())
	}
	got, err = ListTags(t.Context(), manifesttest.NewStore(t), r.Host+"/app", TagOptions{Platforms: true})
	want := []Tag{
		{Name: "a", Kind: manifest.KindImage, MediaType: a.MediaType, Digest: a.Digest, Size: a.Size},
		{Name: "all", Kind: manifest.KindIndex, MediaType: all.MediaType, Digest: all.Digest, Size: all.Size, Platforms: []platform.Platform{manifesttest.LinuxAMD64, manifesttest.LinuxARMv7}},
		{Name: "b", Kind: manifest.KindImage, MediaType: b.MediaType, Digest: b.Digest, Size: b.Size},
		{Name: "gone", Missing: true},
	}
	if diff := cmp.Diff(want, got.Tags); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if missing, unreadable := got.Problems(); missing != 1 || unreadable != 0 {
		t.Errorf("%d missing, %d unreadable", missing, unreadable)
	}
	if len(r.Requests()) != 1+1+4 {
		t.Errorf("requests: %q", r.Requests())
	}
	r.Fail("GET /v2/app/manifests/gone", http.StatusForbidden)
	got, err = ListTags(t.Context(), manifesttest.NewStore(t), r.Host+"/app", TagOptions{Platforms: true})
	if last := got.Tags[3]; err != nil || !errors.Is(last.Err, store.ErrDenied) || last.Error == "" || last.Missing {
		t.Errorf("a tag that is refused: %+v, error %v", last, err)
	}
	if diff := cmp.Diff(want[:3], got.Tags[:3]); diff != "" {
		t.Error(diff)
	}
	if missing, unreadable := got.Problems(); missing != 0 || unreadable != 1 {
		t.Errorf("%d missing, %d unreadable", missing, unreadable)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := ListTags(ended, manifesttest.NewStore(t), r.Host+"/app", TagOptions{Platforms: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that ended: %v", err)
	}
}

func TestListTags_Reference(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	for _, name := range []string{r.Host + "/app:1", r.Host + "/app@sha256:" + fmt.Sprintf("%064d", 0), "oci-layout://x:1", "A/b", ""} {
		var input *manifest.InputError
		if _, err := ListTags(t.Context(), manifesttest.NewStore(t), name, TagOptions{}); !errors.As(err, &input) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if len(r.Requests()) > 0 {
		t.Errorf("requests: %q", r.Requests())
	}
	if _, err := ListTags(t.Context(), manifesttest.NewStore(t), r.Host+"/none", TagOptions{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no such repository: %v", err)
	}
}
