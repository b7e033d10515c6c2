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
	tag   string
	image object
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

// images returns the images without their tags.
func (f imageSet) images() []object {
	var images []object
	for _, one := range f {
		images = append(images, one.image)
	}
	return images
}

// blobs returns the digests of all configs and layers, each with whether it is
// a config.
func (f imageSet) blobs() map[digest.Digest]bool {
	found := map[digest.Digest]bool{}
	for _, one := range f {
		for i, blob := range one.image.blobs {
			found[digest.FromBytes(blob)] = i == len(one.image.blobs)-1
		}
	}
	return found
}

// byTag returns the tag to object map of a layout.
func (f imageSet) byTag() map[string]object {
	objects := map[string]object{}
	for _, one := range f {
		objects[one.tag] = one.image
	}
	return objects
}

// spec returns a spec that pushes the fleet to the target. The source of each
// image is the format with its tag put in.
func (f imageSet) spec(target, source string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "image: %s\nmanifests:\n", target)
	for _, one := range f {
		fmt.Fprintf(&out, "  - image: "+source+"\n", one.tag)
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
		f = append(f, tagged{tag, newImage(t, ociMedia(), "wide "+tag, build, wideLayers)})
	}
	return f
}

// declared returns a spec as spec does, with the platform of each image.
func (f imageSet) declared(target, source string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "image: %s\nmanifests:\n", target)
	for _, one := range f {
		p := one.image.platform
		fmt.Fprintf(&out, "  - image: "+source+"\n", one.tag)
		fmt.Fprintf(&out, "    platform: {os: %s, architecture: %s, os.version: %s}\n", p.OS, p.Architecture, p.OSVersion)
	}
	return out.String()
}

// names returns what stands for the digests of the fleet in rows: <image TAG>,
// <config of TAG> and <layer N of TAG>.
func (f imageSet) names() *strings.Replacer {
	var pairs []string
	for _, one := range f {
		pairs = append(pairs, one.image.digest().String(), "<image "+one.tag+">")
		for i, name := range one.blobNames() {
			pairs = append(pairs, digest.FromBytes(one.image.blobs[i]).String(), name)
		}
	}
	return strings.NewReplacer(pairs...)
}

// blobNames returns the names of the layers and, last, of the config.
func (o tagged) blobNames() []string {
	var names []string
	for i := range o.image.blobs[1:] {
		names = append(names, fmt.Sprintf("<layer %d of %s>", i, o.tag))
	}
	return append(names, o.configName())
}

// configName returns the name of the config.
func (o tagged) configName() string { return "<config of " + o.tag + ">" }
