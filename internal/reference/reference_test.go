package reference

import (
	"errors"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

const (
	hex64  = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	sha256 = "sha256:" + hex64
)

func TestParseAccepts(t *testing.T) {
	sha512 := digest.SHA512.FromString("").String()
	tests := []struct {
		in, want, host, registry, repository, tag, digest string
	}{
		{"busybox", "docker.io/library/busybox", "docker.io", "index.docker.io", "library/busybox", "", ""},
		{"busybox:1.36", "docker.io/library/busybox:1.36", "docker.io", "index.docker.io", "library/busybox", "1.36", ""},
		{"team/app:1", "docker.io/team/app:1", "docker.io", "index.docker.io", "team/app", "1", ""},
		{"docker.io/busybox:1", "docker.io/library/busybox:1", "docker.io", "index.docker.io", "library/busybox", "1", ""},
		{"index.docker.io/library/busybox:1", "docker.io/library/busybox:1", "docker.io", "index.docker.io", "library/busybox", "1", ""},
		{"docker://busybox:1", "docker.io/library/busybox:1", "docker.io", "index.docker.io", "library/busybox", "1", ""},
		{"registry.example/app:1", "registry.example/app:1", "registry.example", "registry.example", "app", "1", ""},
		{"registry.example:5000/team/app:1", "registry.example:5000/team/app:1", "registry.example:5000", "registry.example:5000", "team/app", "1", ""},
		{"registry.example:5000/app", "registry.example:5000/app", "registry.example:5000", "registry.example:5000", "app", "", ""},
		{"localhost/app:1", "localhost/app:1", "localhost", "localhost", "app", "1", ""},
		{"localhost:5000/a:1", "localhost:5000/a:1", "localhost:5000", "localhost:5000", "a", "1", ""},
		{"[::1]:5000/app:1", "[::1]:5000/app:1", "[::1]:5000", "[::1]:5000", "app", "1", ""},
		{"registry.example/app@" + sha256, "registry.example/app@" + sha256, "registry.example", "registry.example", "app", "", sha256},
		{"registry.example/app:1@" + sha256, "registry.example/app:1@" + sha256, "registry.example", "registry.example", "app", "1", sha256},
		{"registry.example/app@" + sha512, "registry.example/app@" + sha512, "registry.example", "registry.example", "app", "", sha512},
		{"registry.example/a/b/c-d__e.f:Tag_1.0-x", "registry.example/a/b/c-d__e.f:Tag_1.0-x", "registry.example", "registry.example", "a/b/c-d__e.f", "Tag_1.0-x", ""},
		{"registry.example/manifests/blobs:1", "registry.example/manifests/blobs:1", "registry.example", "registry.example", "manifests/blobs", "1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			r, err := Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if r.Kind != Registry || r.Original != tt.in || r.String() != tt.want || r.Host() != tt.host || r.Tag != tt.tag || r.Digest.String() != tt.digest {
				t.Errorf("got %+v, shown as %s", r, r)
			}
			if got := r.Repository.RegistryStr() + " " + r.Repository.RepositoryStr(); got != tt.registry+" "+tt.repository {
				t.Errorf("it is %s, want %s %s", got, tt.registry, tt.repository)
			}
		})
	}
}

func TestParseAcceptsLayouts(t *testing.T) {
	tests := []struct{ in, path, tag, digest string }{
		{"oci-layout://app", "app", "", ""},
		{"oci-layout://app:1.0", "app", "1.0", ""},
		{"oci-layout:///srv/layouts/app:1.0", "/srv/layouts/app", "1.0", ""},
		{"oci-layout://./app/:1.0", "app", "1.0", ""},
		{"oci-layout://../app:1.0", "../app", "1.0", ""},
		{"oci-layout://app@" + sha256, "app", "", sha256},
		{"oci-layout://app:1.0@" + sha256, "app", "1.0", sha256},
		{"oci-layout:///srv/a:b/app", "/srv/a:b/app", "", ""},
		{"oci-layout:///home/me@work/app:1.0", "/home/me@work/app", "1.0", ""},
		{"oci-layout:///home/me@work/app:1.0@" + sha256, "/home/me@work/app", "1.0", sha256},
		{"oci-layout://With Spaces/App", "With Spaces/App", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			r, err := Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if r.Kind != Layout || r.Original != tt.in || r.Path != tt.path || r.Tag != tt.tag || r.Digest.String() != tt.digest || r.Host() != "" {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":                "",
		"capitals":               "registry.example/App:1",
		"capitals at Docker Hub": "BusyBox",
		"a step up":              "registry.example/../admin:1",
		"a step up inside":       "registry.example/a/../b:1",
		"a tag that steps up":    "registry.example/a:..",
		"an empty part":          "registry.example/a//b:1",
		"a part at the end":      "registry.example/a/:1",
		"a slash before":         "/a:1",
		"no repository":          "registry.example/:1",
		"an empty tag":           "registry.example/a:",
		"a tag too long":         "registry.example/a:" + strings.Repeat("x", 129),
		"a name too long":        "registry.example/" + strings.Repeat("a", 256),
		"a space":                "registry.example/a b:1",
		"a line break":           "registry.example/a:1\n",
		"a query":                "registry.example/a?x=1",
		"a percent sign":         "registry.example/a%2fb:1",
		"a user":                 "alice:rabbit@registry.example/a:1",
		"an id":                  hex64,
		"a short digest":         "registry.example/a@sha256:00",
		"an unknown algorithm":   "registry.example/a@md5:d41d8cd98f00b204e9800998ecf8427e",
		"capitals in a digest":   "registry.example/a@sha256:" + strings.ToUpper(hex64),
		"a web address":          "https://registry.example/a:1",
		"an unknown kind":        "oci-tarball://a:1",
		"two kinds":              "docker://oci-layout://a:1",
		"two kinds of paths":     "docker://oci-archive://a.tar:1",
		"no file":                "docker-archive://:1.0",
		"no directory":           "oci-layout://",
		"a tag and no directory": "oci-layout://:1.0",
		"a bad tag of a layout":  "oci-layout://app:a b",
		"no tag after a colon":   "oci-layout://app:",
		"a bad digest":           "oci-layout://app@sha256:00",
		"no digest after an at":  "oci-layout://app@",
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := Parse(in); err == nil {
				t.Errorf("%q was read as %+v", in, r)
			}
		})
	}
}

func TestRefsAreCompared(t *testing.T) {
	tests := []struct {
		a, b           string
		repo, registry bool
	}{
		{"registry.example/a:1", "registry.example/a:2", true, true},
		{"registry.example/a:1", "registry.example/b:1", false, true},
		{"registry.example/a:1", "registry.example:5000/a:1", false, false},
		{"busybox:1", "docker.io/library/busybox:2", true, true},
		{"busybox:1", "index.docker.io/team/app:2", false, true},
		{"oci-layout://x:1", "oci-layout://./x:2", true, false},
		{"oci-layout://x:1", "oci-layout://y:1", false, false},
		{"oci-layout://x:1", "x:1", false, false},
		{"oci-archive://x.tar:1", "oci-archive://./x.tar", true, false},
		{"oci-archive://x.tar:1", "oci-archive://y.tar:1", false, false},
		{"docker-archive://x.tar:1", "docker-archive://./x.tar:2", true, false},
		{"docker-archive://x.tar:1", "oci-archive://x.tar:1", false, false},
		{"oci-layout://x:1", "oci-archive://x:1", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.a+" "+tt.b, func(t *testing.T) {
			a, errA := Parse(tt.a)
			b, errB := Parse(tt.b)
			if err := errors.Join(errA, errB); err != nil {
				t.Fatal(err)
			}
			if a.SameRepository(b) != tt.repo || b.SameRepository(a) != tt.repo {
				t.Errorf("same repository: %v, want %v", !tt.repo, tt.repo)
			}
			if a.SameRegistry(b) != tt.registry || b.SameRegistry(a) != tt.registry {
				t.Errorf("same registry: %v, want %v", !tt.registry, tt.registry)
			}
		})
	}
}

func TestNeedsManifest(t *testing.T) {
	for in, want := range map[string]error{
		"a": ErrNoTagOrDigest, "oci-layout://a": nil, "a:1": nil, "a@" + sha256: nil, "oci-layout://a:1": nil,
		"oci-archive://a": nil, "docker-archive://a": nil,
	} {
		if r, err := Parse(in); err != nil || !errors.Is(r.RequireTagOrDigest(), want) {
			t.Errorf("%s: %v, %v, want %v", in, err, r.RequireTagOrDigest(), want)
		}
	}
}

func FuzzParseRef(f *testing.F) {
	for _, seed := range []string{
		"", "busybox", "registry.example:5000/a/b:1@" + sha256, "localhost/a:1", "[::1]:5000/a", "a//b", "../a", "docker://a:1",
		"oci-layout://a/b:1@" + sha256, "oci-layout://../x", "oci-layout:///a@b/c:d",
		"oci-archive://a.tar:1@" + sha256, "docker-archive://a.tar:docker.io/library/app:1", "docker-archive://user:pass@host/a.tar", "x://y", "a:\x00",
	} {
		f.Add(seed)
	}
	for _, line := range badLines(f, "references.txt") {
		f.Add(line[1])
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := Parse(in)
		if err != nil {
			return
		}
		if r.Kind != Registry {
			if r.Path == "" || strings.Contains(r.Path, "\x00") || !strings.HasPrefix(in, r.Prefix()) {
				t.Errorf("%q has no path", in)
			}
			return
		}
		path := "/v2/" + r.Repository.RepositoryStr() + "/manifests/1"
		if strings.Contains(path, "..") || strings.Contains(path, "//") || strings.ContainsAny(path, "?#%\x00\n ") {
			t.Errorf("%q is asked for at %q", in, path)
		}
		again, err := Parse(r.String())
		if err != nil || again.String() != r.String() || again.Tag != r.Tag || again.Digest != r.Digest || !again.SameRepository(r) {
			t.Errorf("%q is shown as %q, which reads as %+v, %v", in, r, again, err)
		}
	})
}
