package push

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/DataDog/datadog-agent/pkg/template/text"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
)

// PlatformTags is the pattern of the tags that the images of an index get, too: a
// template over the fields Tag (the first tag of the target), OS, Arch, Variant,
// OSVersion and Digest. The zero value means none.
type PlatformTags struct{ template *template.Template }

// platformTagFields are the fields of the pattern.
type platformTagFields struct {
	Tag, OS, Arch, Variant, OSVersion string
	Digest                            digest.Digest
}

// ParsePlatformTags parses the value of --platform-tags; an empty one means none. The
// error is an InputError, also for a field that does not exist.
func ParsePlatformTags(text string) (PlatformTags, error) {
	if text == "" {
		return PlatformTags{}, nil
	}
	t, err := template.New("--platform-tags").Option("missingkey=error").Parse(text)
	if err == nil {
		err = t.Execute(&strings.Builder{}, longFields())
	}
	if err != nil {
		return PlatformTags{}, &manifest.InputError{
			Err:      fmt.Errorf("reading --platform-tags: %w", err),
			HintText: "the fields are {{.Tag}}, {{.OS}}, {{.Arch}}, {{.Variant}}, {{.OSVersion}} and {{.Digest}}",
		}
	}
	return PlatformTags{t}, nil
}

// longFields returns fields with which a pattern is tried before any image is read. Each
// is as long as a tag can be, since a pattern may cut a field that some images lack.
func longFields() platformTagFields {
	long := strings.Repeat("x", 128)
	return platformTagFields{long, long, long, long, long, digest.FromString("")}
}

// PlatformTag is a tag of one image of the index.
type PlatformTag struct {
	Tag      string        `json:"tag"`
	Platform string        `json:"platform"`
	Digest   digest.Digest `json:"digest"`
	State    TagState      `json:"state"`
	// Error is the message of Err.
	Error string `json:"error,omitempty"`
	Err   error  `json:"-"`

	document store.Document
}

// plan returns the tags of the images for a target. Two images with one tag, and one
// with a tag of the index, are an InputError.
func (t PlatformTags) plan(to Target, a assembled) ([]PlatformTag, error) {
	if t.template == nil {
		return nil, nil
	}
	taken := map[string]string{}
	for _, tag := range append([]string{to.Ref.Tag}, to.Tags...) {
		taken[tag] = "the index"
	}
	var all []PlatformTag
	for _, e := range a.entries {
		if manifest.IsUnknownPlatform(e.Platform) {
			continue
		}
		tag, err := t.tag(to, e)
		if err != nil {
			return nil, err
		}
		name := platform.Format(*e.Platform)
		if other := taken[tag]; other != "" {
			return nil, &manifest.InputError{
				Err:      fmt.Errorf("--platform-tags gives the tag %s to %s and to %s", tag, other, name),
				HintText: "add a field in which they differ, such as {{.Variant}} or {{.OSVersion}}",
			}
		}
		taken[tag] = name
		all = append(all, PlatformTag{Tag: tag, Platform: name, Digest: e.Digest, document: a.child(e.Digest)})
	}
	return all, nil
}

func (t PlatformTags) tag(to Target, e entry) (string, error) {
	var b strings.Builder
	p := *e.Platform
	if err := t.template.Execute(&b, platformTagFields{to.Ref.Tag, p.OS, p.Architecture, p.Variant, p.OSVersion, e.Digest}); err != nil {
		return "", manifest.InputErrorf("the tag of %s: %w", platform.Format(p), err)
	}
	if !reference.IsTag(b.String()) {
		return "", manifest.InputErrorf("--platform-tags makes %.140q of %s, which is not a tag", b.String(), platform.Format(p))
	}
	return b.String(), nil
}

// child returns a manifest that was read.
func (a assembled) child(d digest.Digest) store.Document {
	for _, c := range a.children {
		if c.Document.Descriptor.Digest == d {
			return c.Document
		}
	}
	return store.Document{}
}

// forEachImage calls f for the tags of all images concurrently.
func (t *tagPusher) forEachImage(f func(one *PlatformTag, ref reference.Ref)) {
	var wg sync.WaitGroup
	for i := range t.images {
		one := &t.images[i]
		wg.Go(func() { f(one, t.plan.Target.WithTag(one.Tag)) })
	}
	wg.Wait()
}

// putImages writes the tags of the images; with check only those that name another
// manifest.
func (t *tagPusher) putImages(ctx context.Context, check bool) {
	t.forEachImage(func(one *PlatformTag, ref reference.Ref) {
		if check {
			if now := lookUpTag(ctx, t.w, ref); now.Err == nil && now.Digest == one.Digest {
				one.State = TagUnchanged
				return
			}
		}
		one.Err = t.w.Put(ctx, ref, one.document)
		if store.IsUncertain(one.Err) {
			one.Err = checkUncertain(one.Err, lookUpTag(ctx, t.w, ref), one.Digest)
		}
	})
}

// finalizeImages gives each tag of an image its final state.
func finalizeImages(all []PlatformTag) []PlatformTag {
	for i := range all {
		one := &all[i]
		switch {
		case one.Err != nil:
			one.State, one.Error = failedState(one.Err), one.Err.Error()
		case one.State == "":
			one.State = TagWritten
		}
	}
	return all
}

// imagesError returns the first failure.
func imagesError(to reference.Ref, all []PlatformTag) error {
	for _, one := range all {
		if one.Err != nil {
			return fmt.Errorf("tagging %s as %s: %w", one.Platform, to.WithTag(one.Tag), one.Err)
		}
	}
	return nil
}
