package reference

import (
	"errors"
	"testing"

	"github.com/distribution/reference"
)

// FuzzReferencesReadAsDockerReadsThem compares our reading with that of the
// library that Docker uses, which is not linked because it compiles its
// expressions at every start.
func FuzzReferencesReadAsDockerReadsThem(f *testing.F) {
	for _, s := range []string{
		"busybox", "busybox:1", "library/busybox", "a/b/c:1", "localhost/a", "localhost:5000/a:1", "host.example/a:1",
		"HOST/a", "Host.Example:1/a", "[::1]:5000/a:1", "[::1]/a", "a:5000/b", "a:5000", "docker.io/a", "index.docker.io/a/b:1",
		"A/b", "a/B", "a//b", "a/", "/a", "a..b", "a__b", "a___b", "a--b", "a.-b", "-a", "a-", "a:", "a:-", "a:.x", "a@", "a:1@",
		"a@sha256:0123456789012345678901234567890123456789012345678901234567890123", "a@sha256:01234567890123456789012345678901",
		"a:1@sha256:0123456789012345678901234567890123456789012345678901234567890123", "a@md5:01234567890123456789012345678901",
		"0123456789012345678901234567890123456789012345678901234567890123", "docker.io/", "docker.io", "x.y", "x.y/", "a b", "ä/b", "", "my_host.example/a:1", "0_0.0/0",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, wantErr := reference.ParseNormalizedNamed(s)
		if wantErr == nil && reference.Domain(want) == "" {
			// A host with "_" is taken for part of the path, and nothing can be pulled from
			// a reference without a host.
			wantErr = errors.New("it has no host")
		}
		got, err := splitReference(s)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: error %v, Docker's %v", s, err, wantErr)
		}
		if err != nil {
			return
		}
		if name := got.domain + "/" + got.path; name != want.Name() {
			t.Errorf("%q is %q, Docker's %q", s, name, want.Name())
		}
		if tagged, ok := want.(reference.Tagged); ok != (got.tag != "") || ok && tagged.Tag() != got.tag {
			t.Errorf("%q has the tag %q", s, got.tag)
		}
		if digested, ok := want.(reference.Digested); ok != (got.digest != "") || ok && digested.Digest() != got.digest {
			t.Errorf("%q has the digest %q", s, got.digest)
		}
	})
}
