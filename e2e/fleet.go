//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

// tagged is an image under a tag.
type tagged struct {
	Tag   string
	Image object
}

// imageSet is the images of one program, one for each platform.
type imageSet []tagged

// newImageSet makes one image for each of three platforms, the tags of which are
// amd64, arm64 and armv7. Another name gives other images.
func newImageSet(t *testing.T, family media, name string) imageSet {
	t.Helper()
	return imageSet{
		{"amd64", newImage(t, family, name+" amd64", platform("linux/amd64"), 2)},
		{"arm64", newImage(t, family, name+" arm64", platform("linux/arm64/v8"), 1)},
		{"armv7", newImage(t, family, name+" armv7", platform("linux/arm/v7"), 3)},
	}
}

// Objects returns the images without their tags.
func (f imageSet) Objects() []object {
	var images []object
	for _, one := range f {
		images = append(images, one.Image)
	}
	return images
}

// Blobs returns the digests of all configs and layers, each with whether it is
// a config.
func (f imageSet) Blobs() map[digest.Digest]bool {
	found := map[digest.Digest]bool{}
	for _, one := range f {
		for i, blob := range one.Image.Blobs {
			found[digest.FromBytes(blob)] = i == len(one.Image.Blobs)-1
		}
	}
	return found
}

// ByTag returns the tag to object map of a layout.
func (f imageSet) ByTag() map[string]object {
	objects := map[string]object{}
	for _, one := range f {
		objects[one.Tag] = one.Image
	}
	return objects
}

// Spec returns a spec that pushes the fleet to the target. The source of each
// image is the format with its tag put in.
func (f imageSet) Spec(target, source string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "image: %s\nmanifests:\n", target)
	for _, one := range f {
		fmt.Fprintf(&out, "  - image: "+source+"\n", one.Tag)
	}
	return out.String()
}

// wideLayers is how many layers each image of a wide fleet has.
const wideLayers = 3

// newLargeImageSet makes n images of one platform each, which share nothing.
// Their tags are i00, i01 and so on.
func newLargeImageSet(t *testing.T, n int) imageSet {
	t.Helper()
	var f imageSet
	for i := range n {
		tag := fmt.Sprintf("i%02d", i)
		build := platform(fmt.Sprintf("windows/amd64:10.0.20348.%d", i))
		f = append(f, tagged{Tag: tag, Image: newImage(t, ociMedia(), "wide "+tag, build, wideLayers)})
	}
	return f
}

// SpecWithPlatforms returns a spec as spec does, with the platform of each image.
func (f imageSet) SpecWithPlatforms(target, source string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "image: %s\nmanifests:\n", target)
	for _, one := range f {
		p := one.Image.Platform
		fmt.Fprintf(&out, "  - image: "+source+"\n", one.Tag)
		fmt.Fprintf(&out, "    platform: {os: %s, architecture: %s, os.version: %s}\n", p.OS, p.Architecture, p.OSVersion)
	}
	return out.String()
}

// DigestNames returns what stands for the digests of the fleet in rows: <image TAG>,
// <config of TAG> and <layer N of TAG>.
func (f imageSet) DigestNames() *strings.Replacer {
	var pairs []string
	for _, one := range f {
		pairs = append(pairs, one.Image.Digest().String(), "<image "+one.Tag+">")
		for i, name := range one.BlobNames() {
			pairs = append(pairs, digest.FromBytes(one.Image.Blobs[i]).String(), name)
		}
	}
	return strings.NewReplacer(pairs...)
}

// BlobNames returns the names of the layers and, last, of the config.
func (o tagged) BlobNames() []string {
	var names []string
	for i := range o.Image.Blobs[1:] {
		names = append(names, fmt.Sprintf("<layer %d of %s>", i, o.Tag))
	}
	return append(names, o.ConfigName())
}

// ConfigName returns the name of the config.
func (o tagged) ConfigName() string { return "<config of " + o.Tag + ">" }
