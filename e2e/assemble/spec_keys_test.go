//go:build e2e

package assemble

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestSpecKeys pushes specs with each key that chooses among sources, and states the
// tags of the images that the index then has.
func TestSpecKeys(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	clitest.Run(t, "push", "from-spec", clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))).WantCode(t, 0)
	amd64 := images[0].Image.Digest().String()
	other := digest.FromString("other").String()
	for name, c := range map[string]struct {
		manifests string
		flags     []string
		want      []int  // positions in images
		code      int    // if not 0
		stderr    string // part of it
	}{
		"optional":                 {"- {image: 'REGISTRY/app:amd64'}\n- {image: 'REGISTRY/app:none', optional: true}", nil, []int{0}, 0, "is optional and was not found"},
		"not optional":             {"- {image: 'REGISTRY/app:amd64'}\n- {image: 'REGISTRY/app:none', optional: false}", nil, nil, 1, "REGISTRY/app:none"},
		"platforms of an index":    {"- {image: 'REGISTRY/app:all', platforms: [linux/arm64, linux/arm/v7]}", nil, []int{1, 2}, 0, ""},
		"platforms: missing":       {"- {image: 'REGISTRY/app:all', platforms: [linux/s390x]}", nil, nil, 3, "has nothing for linux/s390x; it has linux/amd64, linux/arm64/v8, linux/arm/v7"},
		"platforms: not one":       {"- {image: 'REGISTRY/app:all', platforms: [linux]}", nil, nil, 2, "spec.yaml"},
		"digest of a tag":          {"- {image: 'REGISTRY/app:amd64', digest: '" + amd64 + "'}", nil, []int{0}, 0, ""},
		"digest alone":             {"- {image: 'REGISTRY/app', digest: '" + amd64 + "'}", nil, []int{0}, 0, ""},
		"tag and digest":           {"- {image: 'REGISTRY/app:amd64@" + amd64 + "'}", nil, []int{0}, 0, ""},
		"a tag that was moved":     {"- {image: 'REGISTRY/app:arm64@" + amd64 + "'}", nil, nil, 3, "not the expected " + amd64},
		"two digests":              {"- {image: 'REGISTRY/app@" + amd64 + "', digest: '" + other + "'}", nil, nil, 2, "another as its key digest"},
		"no digest":                {"- {image: 'REGISTRY/app:amd64', digest: sha256:x}", nil, nil, 2, "is not a digest"},
		"optional: neither":        {"- {image: 'REGISTRY/app:amd64', optional: yes}", nil, nil, 2, "is not one of true, false"},
		"--require: present":       {"- {image: 'REGISTRY/app:arm64'}", []string{"--require", "linux/arm64/v8"}, []int{1}, 0, ""},
		"--require: missing":       {"- {image: 'REGISTRY/app:arm64'}\n- {image: 'REGISTRY/app:none'}", []string{"--ignore-missing", "--require", "linux/arm64,linux/s390x"}, nil, 3, "would lack linux/s390x"},
		"--require: all missing":   {"- {image: 'REGISTRY/app:none'}", []string{"--ignore-missing", "--require", "linux/arm64"}, nil, 3, "no image is left"},
		"--require: empty":         {"- {image: 'REGISTRY/app:arm64'}", []string{"--require", ""}, nil, 2, "--require: its value is empty"},
		"--floating: empty":        {"- {image: 'REGISTRY/app:arm64'}", []string{"--floating", ","}, nil, 2, "--floating: its value is empty"},
		"--require: not platforms": {"- {image: 'REGISTRY/app:arm64'}", []string{"--require", "x/y/z/a"}, nil, 2, "--require"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := "keys/" + strings.Trim(strings.NewReplacer(" ", "", ":", "").Replace(name), "-") + ":1"
			spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/"+target+"\nmanifests:\n"+c.manifests+"\n")
			done := clitest.Run(t, append(append([]string{"push", "from-spec"}, c.flags...), spec)...)
			done.WantCode(t, c.code)
			if want := strings.ReplaceAll(c.stderr, "REGISTRY", g.Host); !strings.Contains(done.Stderr, want) {
				t.Errorf("stderr %q, want %q in it", done.Stderr, want)
			}
			repo := strings.TrimSuffix(target, ":1")
			if c.code != 0 {
				clitest.Run(t, "tags", g.Host+"/"+repo).WantCode(t, 1)
				return
			}
			var objects []fixture.Object
			for _, i := range c.want {
				objects = append(objects, images[i].Image)
			}
			fixture.WantEntries(t, fixture.WantComplete(t, g.Repository(repo), done.PushedDigest(t)), objects...)
		})
	}
}

// TestExpandEnv: variables are values, never structure, and without the flag they are
// text.
func TestExpandEnv(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:${VERSION}\ntags: ['${EXTRA:-}', 'x-${VERSION}']\nannotations: {note: '${NOTE}', price: '$$${VERSION} $$$${VERSION} $5'}\nmanifests: [{image: 'REGISTRY/app:${ARCH:-amd64}'}]\n")
	s := clitest.Session{Env: []string{"VERSION=1.10", "NOTE=a\nb: c"}}
	printed := s.Run(t, "push", "from-spec", "--expand-env", spec).PushedDigest(t)
	for _, tag := range []string{"1.10", "x-1.10"} {
		stored, _ := g.Manifest(t, "app", tag)
		clitest.WantText(t, tag, printed.String(), stored.Digest.String())
	}
	index := fixture.WantComplete(t, g.Repository("app"), printed)
	clitest.WantText(t, "annotation", "a\nb: c", index.Annotations["note"])
	clitest.WantText(t, "price", "$1.10 $${VERSION} $5", index.Annotations["price"])
	clitest.Run(t, "push", "from-spec", "--expand-env", spec).WantCode(t, 2)
	s.Run(t, "push", "from-spec", spec).WantCode(t, 2)
}

// TestWait waits for images that are pushed before the third look for one of them.
func TestWait(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images[:1])
	var looks atomic.Int32
	front, _ := g.BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/manifests/arm64") && looks.Add(1) == 3 {
			g.PutImages(t, "app", images[1:])
		}
		return false
	})
	spec := clitest.WriteSpec(t, front.Host, images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	done := clitest.Run(t, "push", "from-spec", "--wait", "1m", spec)
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("app"), done.PushedDigest(t)), images.Objects()...)
	if n := strings.Count(done.Stderr, "note: image "+front.Host+"/app:arm64 is not there yet"); n != 2 {
		t.Errorf("%d lines about the image that is missing, want 2: %s", n, done.Stderr)
	}
	spec = clitest.WriteSpec(t, g.Host, "image: REGISTRY/app:2\nmanifests: [{image: 'REGISTRY/app:never'}]\n")
	clitest.Run(t, "push", "from-spec", "--wait", "1s", spec).WantCode(t, 1)
	clitest.Run(t, "push", "from-spec", "--wait", "-1s", spec).WantCode(t, 2)
}

// TestAlways counts what is written when nothing has changed.
func TestAlways(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	front := (&registrytest.RecordingProxy{Backend: g}).Open(t)
	spec := clitest.WriteSpec(t, front.Host, "tags: [latest]\n"+images.Spec("REGISTRY/app:all", "REGISTRY/app:%s"))
	writes := func(env []string, flags ...string) int {
		before := len(front.Seen.Matching(registrytest.Request.IsWrite))
		s := clitest.Session{Env: env}
		s.Run(t, append(append([]string{"push", "from-spec"}, flags...), spec)...).WantCode(t, 0)
		return len(front.Seen.Matching(registrytest.Request.IsWrite)) - before
	}
	for i, c := range []struct {
		env, flags []string
		want       int
	}{{nil, nil, 2}, {nil, nil, 0}, {nil, []string{"--always"}, 2}, {[]string{"MANIFEST_TOOL_ALWAYS=true"}, nil, 2}} {
		if got := writes(c.env, c.flags...); got != c.want {
			t.Errorf("push %d: %d requests that write, want %d", i, got, c.want)
		}
	}
}

// TestPositions: bad input that only the push recognizes has its file and line, too.
func TestPositions(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	digestOf := images[0].Image.Digest().String()
	for name, c := range map[string]struct {
		line int
		text string
	}{
		"image":              {1, "image: REGISTRY/Bad:1\nmanifests:\n- image: REGISTRY/app:amd64\n"},
		"no tag":             {2, "# none\nimage: REGISTRY/bad\nmanifests:\n- image: REGISTRY/app:amd64\n"},
		"target":             {4, "image: REGISTRY/bad:1\ntargets:\n- REGISTRY/bad2:1\n- REGISTRY/Bad:1\nmanifests:\n- image: REGISTRY/app:amd64\n"},
		"digest of a target": {3, "image: REGISTRY/bad:1\ntargets:\n- REGISTRY/bad@" + digestOf + "\nmanifests:\n- image: REGISTRY/app:amd64\n"},
		"subject":            {2, "image: REGISTRY/bad:1\nsubject: REGISTRY/app\nmanifests:\n- image: REGISTRY/app:amd64\n"},
		"source":             {4, "image: REGISTRY/bad:1\nmanifests:\n- image: REGISTRY/app:amd64\n- image: REGISTRY/app\n"},
		"two digests":        {3, "image: REGISTRY/bad:1\nmanifests:\n- image: REGISTRY/app@" + digestOf + "\n  digest: " + digest.FromString("other").String() + "\n"},
		"platform":           {4, "image: REGISTRY/bad:1\nmanifests:\n- image: REGISTRY/app:amd64\n- image: REGISTRY/app:arm64\n  platform: {os: linux, architecture: sparc}\n"},
		"second document":    {5, "image: REGISTRY/bad:1\nmanifests:\n- image: REGISTRY/app:amd64\n---\nimage: REGISTRY/bad:1\nmanifests:\n- image: REGISTRY/app:amd64\n"},
		"alias":              {5, "x-name: &name REGISTRY/app\nimage: REGISTRY/bad:1\nmanifests:\n- image: REGISTRY/app:amd64\n- image: *name\n"},
		"annotations":        {3, "image: REGISTRY/bad:1\ntype: docker\nannotations: {a: b}\nmanifests:\n- image: REGISTRY/app:amd64\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := clitest.WriteSpec(t, g.Host, c.text)
			done := clitest.Run(t, "push", "from-spec", spec)
			done.WantCode(t, 2)
			if at := fmt.Sprintf("%s:%d", spec, c.line); !strings.Contains(done.Stderr, at+": ") && !strings.Contains(done.Stderr, "("+at+")") {
				t.Errorf("no %s in %s", at, done.Stderr)
			}
			clitest.Run(t, "tags", g.Host+"/bad").WantCode(t, 1)
		})
	}
}
