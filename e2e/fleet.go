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

// put stores the images under their tags in one repository.
func (f imageSet) put(t *testing.T, g *registry, repo string) {
	t.Helper()
	for _, one := range f {
		g.put(t, repo, one.tag, one.image)
	}
}

// putApart stores each image in a repository of its own, REPO-TAG, as 1.0.
func (f imageSet) putApart(t *testing.T, g *registry, repo string) {
	t.Helper()
	for _, one := range f {
		g.put(t, repo+"-"+one.tag, "1.0", one.image)
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
