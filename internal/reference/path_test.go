package reference

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPathReferences has what may follow each of the prefixes.
func TestPathReferences(t *testing.T) {
	type parts struct{ Path, Tag, Name, Digest string }
	for in, want := range map[string]parts{
		"a":                                  {Path: "a"},
		"a/b:1":                              {Path: "a/b", Tag: "1"},
		"a:docker.io/library/app:1":          {Path: "a", Name: "docker.io/library/app:1"},
		"a/b:ghcr.io/x/y:v1.2":               {Path: "a/b", Name: "ghcr.io/x/y:v1.2"},
		"a:localhost/app:1":                  {Path: "a", Name: "localhost/app:1"},
		"a:localhost:5000/app:1":             {Path: "a", Name: "localhost:5000/app:1"},
		"a:10.0.0.1:5000/app:1":              {Path: "a", Name: "10.0.0.1:5000/app:1"},
		"a:b:quay.io/x:1":                    {Path: "a:b", Name: "quay.io/x:1"},
		"a:1.0/x:1":                          {Path: "a:1.0/x", Tag: "1"},
		"a:b/c":                              {Path: "a:b/c"},
		"a:b/c:1":                            {Path: "a:b/c", Tag: "1"},
		"registry.example:5000/a:1":          {Path: "registry.example:5000/a", Tag: "1"},
		"C:/layouts/x:1":                     {Path: "C:/layouts/x", Tag: "1"},
		"a:docker.io/Upper:1":                {Path: "a:docker.io/Upper", Tag: "1"},
		"a:docker.io/app":                    {Path: "a:docker.io/app"},
		"a:docker.io/app@" + sha256:          {Path: "a:docker.io/app", Digest: sha256},
		"docker.io/library/app:1":            {Path: "docker.io/library/app", Tag: "1"},
		"a:registry.example/b/c:1@" + sha256: {Path: "a:registry.example/b/c", Tag: "1", Digest: sha256},
	} {
		for prefix, kind := range map[string]Kind{LayoutPrefix: Layout, OCIArchivePrefix: OCIArchive, DockerArchivePrefix: DockerArchive} {
			r, err := Parse(prefix + in)
			if diff := cmp.Diff(want, parts{r.Path, r.Tag, r.Name, r.Digest.String()}); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got)\n%s", in, err, diff)
			}
			if r.String() != prefix+in || r.Kind != kind || r.Prefix() != prefix || r.Host() != "" {
				t.Errorf("%s%s becomes %s, a %s", prefix, in, r, r.Kind)
			}
			if r.IsRepository() != (r.Tag+r.Name+r.Digest.String() == "") {
				t.Errorf("%s: repository: %v", in, r.IsRepository())
			}
		}
	}
}

func TestKindsAreNamed(t *testing.T) {
	for kind, want := range map[Kind]string{
		Registry: "registry registry", Layout: "layout layout", OCIArchive: "OCI archive archive", DockerArchive: "Docker archive archive", 99: "Kind(99) Kind(99)",
	} {
		if got := kind.String() + " " + (Ref{Kind: kind}).Storage(); got != want {
			t.Errorf("%d is %q, want %q", kind, got, want)
		}
	}
}

func TestTagOfName(t *testing.T) {
	for in, want := range map[string]string{
		"1.0": "1.0", "app:1.0": "1.0", "docker.io/library/app:1.0": "1.0", "localhost:5000/app:1.0": "1.0",
		"localhost:5000/app": "", "library/app": "", "app:1.0@" + sha256: "1.0", "": "", ":": "", "app:": "", "a b": "", "app:tä": "",
	} {
		if got := TagOfName(in); got != want {
			t.Errorf("%q: tag %q, want %q", in, got, want)
		}
	}
}

func TestCanonicalName(t *testing.T) {
	for in, want := range map[string]string{
		"app:1": "docker.io/library/app:1", "docker.io/app:1": "docker.io/library/app:1", "ghcr.io/a/b": "ghcr.io/a/b",
		"x/y:1@" + sha256: "docker.io/x/y:1@" + sha256, "Not/a name": "Not/a name", "": "",
	} {
		if got := CanonicalName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
