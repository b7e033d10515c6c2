//go:build e2e

package realimages

import (
	"slices"
	"testing"
)

// mislabelledBases returns the bases of a suite under the label of every other
// architecture, and under one other label in the index or in the config only.
func mislabelledBases(t *testing.T) []image {
	t.Helper()
	var all []image
	for _, suite := range []string{"bookworm", "trixie"} {
		archs := architectures(suite)
		for n, arch := range archs {
			b := base{suite, arch}
			d := description{Bases: []string{b.String()}, Cmd: []string{"sh"}, Class: "mislabelled", Default: "config-platform "}
			index, config := d, d
			index.Name, index.Index = "index-says-other", b.next().platform()
			config.Name, config.Config = "config-says-other", base{suite, archs[(n+3)%len(archs)]}.platform()
			all = append(append(all, index.images(t)...), config.images(t)...)
			for _, label := range archs {
				if label != arch {
					all = append(all, mislabel(t, d, b, base{suite, label}.platform())...)
				}
			}
		}
	}
	return all
}

// mislabel returns the images of a base under a label in index and config.
func mislabel(t *testing.T, d description, b base, label string) []image {
	t.Helper()
	d.Name, d.Platform = "says-"+label, label
	d.Default, d.All = expectedOf(b, label)
	if d.Default == "" && d.All == "" {
		d.Class = ""
	}
	return d.images(t)
}

// expectedOf returns what verify must find in a base under another label. An
// i386 system starts on most nodes of amd64, so that only the numbers of its
// programs show the mistake; one for ARMv5 runs on every ARM.
func expectedOf(b base, label string) (standard, all string) {
	switch b.arch + " " + label {
	case "armel linux/arm/v7":
		return "", ""
	case "i386 linux/amd64":
		return "any", "image-platform "
	}
	return "bin/dash", "bin/dash"
}

// mislabelledPrograms returns images of programs, one of each description, under
// the label of the next architecture: whatever starts first must be named.
func mislabelledPrograms(t *testing.T, described []image) []image {
	t.Helper()
	var all []image
	known := map[string]bool{"base": true}
	for _, i := range described {
		if known[i.Name] || i.Default != "" || i.All != "" {
			continue
		}
		known[i.Name] = true
		d := i.description
		d.Name, d.Class, d.Bases = i.Name+"-as-other", "mislabelled", []string{i.base.String()}
		d.Platform, d.Default, d.All = i.base.next().platform(), "/", "/"
		all = append(all, d.images(t)...)
	}
	return all
}

// next returns the base of the next architecture of the suite. No program for an
// architecture runs on the next one.
func (b base) next() base {
	archs := architectures(b.suite)
	b.arch = archs[(slices.Index(archs, b.arch)+1)%len(archs)]
	return b
}
