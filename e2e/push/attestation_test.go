//go:build e2e

package push

import (
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestPushAttestedIndex joins an attested index and an image. Attestations
// follow the images; with them dropped, only images are left.
func TestPushAttestedIndex(t *testing.T) {
	t.Parallel()
	index, images, attestations := fixture.NewAttestedIndex(t)
	single := fixture.NewImage(t, fixture.OCI(), "single", fixture.ParsePlatform("linux/riscv64"), 1)
	kept := append([]fixture.Object{images[0], images[1], single}, attestations...)
	tests := []struct {
		name string
		args []string
		want []fixture.Object
	}{
		{"kept unasked", nil, kept},
		{"kept", []string{"--attestations", "keep"}, kept},
		{"dropped", []string{"--attestations", "drop"}, kept[:3]},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := registrytest.StartOpen(t)
			g.Put(t, "built/app", "all", index)
			g.Put(t, "single/app", "riscv64", single)
			spec := clitest.WriteSpec(t, g.Host, `image: REGISTRY/joined:all
manifests:
  - image: REGISTRY/built/app:all
  - image: REGISTRY/single/app:riscv64
`)
			args := append(append([]string{"push"}, test.args...), "from-spec", spec)
			printed := clitest.Run(t, args...).PushedDigest(t)
			fixture.WantEntries(t, fixture.WantComplete(t, g.Repository("joined"), printed), test.want...)
		})
	}
}

// TestPushIndexForOnePlatform compares the platform with those of the images in the
// index: a difference is a warning, with --strict an error.
func TestPushIndexForOnePlatform(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	index, images, _ := fixture.NewAttestedIndex(t)
	open.Put(t, "built/app", "all", index)
	one := fixture.NewIndex(t, fixture.OCI(), images[0])
	open.Put(t, "built/app", "one", one)
	for _, test := range []struct {
		tag   string
		flags []string
		code  int
	}{{"all", []string{"--strict"}, 2}, {"all", nil, 0}, {"all", []string{"--strict", "--verify-warn"}, 0}, {"one", []string{"--strict"}, 0}} {
		g, seen := open.BehindProxy(t, nil)
		p := images[0].Platform
		spec := clitest.WriteSpec(t, g.Host, "image: REGISTRY/joined:all\nmanifests:\n  - image: REGISTRY/built/app:"+test.tag+
			"\n    platform: {os: "+p.OS+", architecture: "+p.Architecture+"}\n")
		done := clitest.Run(t, append([]string{"push", "from-spec", spec}, test.flags...)...)
		done.WantCode(t, test.code)
		if test.tag == "one" {
			clitest.WantText(t, "stderr", "", done.Stderr)
			continue
		}
		done.WantStderr(t, g.Host+"/built/app:"+test.tag+" is an index: its entries keep their platforms, the declared "+p.OS+"/"+p.Architecture+" is ignored")
		if test.code != 0 {
			seen.WantNoWrites(t)
			open.WantAbsent(t, "joined", "all")
			done.WantStderr(t, "hint: correct the spec")
		}
	}
}
