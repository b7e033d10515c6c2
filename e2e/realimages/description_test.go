//go:build e2e

package realimages

import (
	"embed"
	"io/fs"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"manifest-tool/e2e/internal/clitest"
)

// rows are the descriptions of images, by kind of content.
//
//go:embed images/*.yaml
var rows embed.FS

// description describes one image for each of its bases.
type description struct {
	Name   string
	Bases  []string // SUITE/ARCH
	Layers []layer  // on top of those of the base, the lowest first

	// Platform is the platform in config and index, that of the base by default;
	// Index and Config replace it in one of them.
	Platform, Index, Config string

	Entrypoint, Cmd, Env []string
	Dir                  string // the working directory

	// Default and All are what verify must find with `--binaries entrypoint` and
	// with `all`: [CODE ]PATH of a finding that is a warning or an error, or "any"
	// if both answers are right. Empty means no such finding. All is Default if it
	// is not set.
	Default, All string
	// Class is the column of the table: "mislabelled" or "wrong inside". Images
	// without a class are labelled rightly, in modes that find nothing too.
	Class string
}

// image is one image of a description.
type image struct {
	description
	base base
	tag  string
}

// readImages returns the images of the descriptions in the files whose names, but
// for the extension, match a pattern.
func readImages(t *testing.T, pattern string) []image {
	t.Helper()
	files, err := fs.Glob(rows, "images/"+pattern+".yaml")
	clitest.Must(t, err)
	var all []image
	for _, name := range files {
		raw, err := rows.ReadFile(name)
		clitest.Must(t, err)
		var described []description
		if err := yaml.UnmarshalStrict(raw, &described); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, d := range described {
			all = append(all, d.images(t)...)
		}
	}
	return all
}

// images returns an image for each base.
func (d description) images(t *testing.T) []image {
	t.Helper()
	if len(d.Bases) == 0 {
		t.Fatalf("%s has no bases", d.Name)
	}
	if d.All == "" {
		d.All = d.Default
	}
	var all []image
	for _, name := range d.Bases {
		one := image{description: d, base: parseBase(name)}
		one.Platform = orDefault(d.Platform, one.base.platform())
		one.tag = tagOf(d.Name + "-" + name)
		all = append(all, one)
	}
	return all
}

// isLabelledRight reports whether the image has the label of its base.
func (i image) isLabelledRight() bool {
	return i.Platform == i.base.platform() && i.Index == "" && i.Config == ""
}

// tagOf returns a text as a tag.
func tagOf(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", r) {
			return r
		}
		return '-'
	}, s)
}

// allLayers returns the layers of the base and of the image.
func (i image) allLayers() []layer {
	all := i.base.layersAt("")
	for _, l := range i.Layers {
		all = append(all, l.in(i.base)...)
	}
	return all
}
