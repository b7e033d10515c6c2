package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	"golang.org/x/mod/semver"
	"golang.org/x/sync/errgroup"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// TagOptions are the choices of ListTags.
type TagOptions struct {
	// Semver keeps the tags that are versions, in the order of semver.org, the
	// newest last.
	Semver bool
	// Platforms reads the document behind every tag.
	Platforms bool
}

// TagsSchema names the fields of the result and what they mean, as docs/output.md
// describes them. Within a version fields are only added.
const TagsSchema = "tags/v1"

// TagList is the tags of a repository: tags/v1 of docs/output.
type TagList struct {
	Schema string `json:"schema"`
	// Repository is its full name, or the layout's.
	Repository string `json:"repository"`
	Tags       []Tag  `json:"tags"`
}

// Tag is one tag. All fields but its name are set if TagOptions.Platforms is. An
// untagged manifest of a layout has no name, but always a digest.
type Tag struct {
	Name      string        `json:"name"`
	Kind      manifest.Kind `json:"kind,omitempty"`
	MediaType string        `json:"mediaType,omitempty"`
	Digest    digest.Digest `json:"digest,omitempty"`
	// Size of the document, in bytes.
	Size int64 `json:"size,omitempty"`
	// Platforms are those of an index, one for each image with a platform, in
	// its order. An image's would cost another request: inspect shows it.
	Platforms []platform.Platform `json:"platforms,omitempty"`
	// Missing is set when the place lists the tag and has nothing under it.
	Missing bool `json:"missing,omitempty"`
	// Error says why what is under it could not be read; the fields above are
	// empty then, but for the name.
	Error string `json:"error,omitempty"`
	// Err is the error that Error is the text of.
	Err error `json:"-"`
}

// ListTags lists the tags of the repository or layout that name means, sorted
// by their bytes, or as o says. A name with a tag or a digest is an InputError.
func ListTags(ctx context.Context, r manifest.Reader, name string, o TagOptions) (TagList, error) {
	ref, err := reference.Parse(name)
	if err == nil && !ref.IsRepository() {
		err = ref.WithSuggestion(fmt.Errorf("%q has a tag or a digest: a repository is HOST[:PORT]/NAME", name))
	}
	if err != nil {
		return TagList{}, &manifest.InputError{Err: fmt.Errorf("error parsing repository name: %w", err)}
	}
	r.Announce(ref, false)
	names, err := r.Tags(ctx, ref)
	if err != nil {
		return TagList{}, fmt.Errorf("listing tags: %w", err)
	}
	list := TagList{Schema: TagsSchema, Repository: ref.String(), Tags: []Tag{}}
	for _, n := range sortTags(names, o.Semver) {
		list.Tags = append(list.Tags, Tag{Name: n})
	}
	if !o.Semver {
		untagged, err := r.Untagged(ctx, ref)
		if err != nil {
			return TagList{}, fmt.Errorf("listing tags: %w", err)
		}
		for _, d := range untagged {
			list.Tags = append(list.Tags, Tag{Digest: d})
		}
	}
	if o.Platforms {
		err = describeTags(ctx, r, ref, list.Tags)
	}
	return list, err
}

// Label is the tag, or @DIGEST if there is none: what follows the name of the
// layout in a reference.
func (t Tag) Label() string {
	if t.Name == "" {
		return "@" + t.Digest.String()
	}
	return t.Name
}

// Problems returns how many tags have nothing under them, and how many could not be
// read.
func (l TagList) Problems() (missing, unreadable int) {
	for _, t := range l.Tags {
		switch {
		case t.Missing:
			missing++
		case t.Err != nil:
			unreadable++
		}
	}
	return missing, unreadable
}

// sortTags returns the tags in order, each once.
func sortTags(names []string, versions bool) []string {
	names = slices.Clone(names)
	if !versions {
		slices.Sort(names)
		return slices.Compact(names)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !semver.IsValid(withV(n)) })
	slices.SortFunc(names, func(a, b string) int {
		if order := semver.Compare(withV(a), withV(b)); order != 0 {
			return order
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(names)
}

// withV writes a tag as the library wants versions: with a v. 1 and 1.2 are
// versions too.
func withV(tag string) string { return "v" + strings.TrimPrefix(tag, "v") }

// describeTags reads what is under each tag, one request for each. An error is
// that of the run, which ended.
func describeTags(ctx context.Context, r manifest.Reader, ref reference.Ref, tags []Tag) error {
	var g errgroup.Group
	g.SetLimit(manifest.MaxConcurrent)
	for i := range tags {
		t, listed := &tags[i], tags[i].Digest
		g.Go(func() error {
			at := ref.WithTag(t.Name)
			if t.Name == "" {
				at = ref.WithDigest(t.Digest)
			}
			o, err := r.Get(ctx, at)
			if err == nil {
				err = t.describe(o)
			}
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case errors.Is(err, store.ErrNotFound):
				t.Missing = true
			case err != nil:
				*t = Tag{Name: t.Name, Digest: listed, Err: err, Error: err.Error()}
			}
			return nil
		})
	}
	return g.Wait()
}

func (t *Tag) describe(o store.Document) error {
	t.MediaType, t.Digest, t.Size = o.Descriptor.MediaType, o.Descriptor.Digest, o.Descriptor.Size
	switch {
	case manifest.IsIndex(t.MediaType):
		index, err := manifest.ParseIndex(o.Raw)
		if err != nil {
			return err
		}
		t.Kind = manifest.KindIndex
		for _, d := range index.Manifests {
			if d.Platform != nil && !manifest.IsAttestation(d) {
				t.Platforms = append(t.Platforms, *d.Platform)
			}
		}
	case manifest.IsImage(t.MediaType):
		m, err := manifest.ParseManifest(o.Raw)
		if err != nil {
			return err
		}
		t.Kind = manifest.Image{Manifest: m}.Kind()
	default:
		t.Kind = manifest.KindUnknown
	}
	return nil
}
