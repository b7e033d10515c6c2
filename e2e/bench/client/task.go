//go:build e2e

// Package client knows the commands of each registry client for a piece of
// work: ours in one call, the others in the calls that come nearest to it.
package client

import (
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Task is one piece of work: an index of all sources under a tag and further
// tags, to be pushed, or to be shown with its images when Show is set.
type Task struct {
	Show bool
	// Ask is a question about the index, in place of the work.
	Ask Question
	// Given is set if the platforms are declared and need not be read.
	Given   bool
	Repo    string // HOST/REPOSITORY of the index
	Tag     string
	Tags    []string // further ones
	Sources []Source
	// Together is the name of an index of all sources in their registry, for
	// clients that cannot assemble one.
	Together string
}

// Source is one image.
type Source struct {
	Name     string // HOST/REPOSITORY:TAG
	Digest   digest.Digest
	Platform ocispec.Platform
}

// Target returns the name of the index.
func (t Task) Target() string { return t.Repo + ":" + t.Tag }

// Names returns the names of the sources.
func (t Task) Names() []string {
	var names []string
	for _, s := range t.Sources {
		names = append(names, s.Name)
	}
	return names
}

// children returns the sources by digest in the repository of the index.
func (t Task) children() []string {
	var names []string
	for _, s := range t.Sources {
		names = append(names, t.Repo+"@"+s.Digest.String())
	}
	return names
}

// inOneRepository says whether every source is in the index's repository.
func (t Task) inOneRepository() bool {
	return t.all(func(name string) bool { return cutTag(name) == t.Repo })
}

// inOneRegistry says whether every source is in the index's registry.
func (t Task) inOneRegistry() bool {
	return t.all(func(name string) bool { return hostOf(name) == hostOf(t.Repo) })
}

func (t Task) all(holds func(name string) bool) bool {
	for _, s := range t.Sources {
		if !holds(s.Name) {
			return false
		}
	}
	return true
}

// spec returns the task as manifest-tool's spec file.
func (t Task) spec() string {
	var out strings.Builder
	fmt.Fprintf(&out, "image: %s\ntags: [%s]\nmanifests:\n", t.Target(), strings.Join(t.Tags, ", "))
	for _, s := range t.Sources {
		fmt.Fprintf(&out, "  - image: %s\n", s.Name)
		if t.Given {
			fmt.Fprintf(&out, "    platform: {os: %s, architecture: %s, os.version: %s}\n",
				s.Platform.OS, s.Platform.Architecture, s.Platform.OSVersion)
		}
	}
	return out.String()
}

// cutTag returns a name without its tag.
func cutTag(name string) string {
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		return name[:colon]
	}
	return name
}

// tagOf returns the tag of a name.
func tagOf(name string) string { return strings.TrimPrefix(name, cutTag(name)+":") }

// hostOf returns the registry of a name.
func hostOf(name string) string {
	host, _, _ := strings.Cut(name, "/")
	return host
}
