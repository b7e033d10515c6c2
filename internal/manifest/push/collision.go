package push

import (
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
)

// addsTags reports whether indexes get tags that are known only after all sources are
// read.
func (o Options) addsTags() bool { return len(o.Floating) > 0 || o.PlatformTags.template != nil }

// checkCollisions returns an InputError if the plans of two requests set one tag.
func (r *run) checkCollisions() error {
	seen := map[string]*job{}
	for _, j := range r.jobs {
		for _, tag := range j.planned {
			if first := seen[tag.Location()]; first != nil && first != j {
				return manifest.InputErrorf("two documents of %s set the tag %s, with --floating or --platform-tags", fileNames(first.spec, j.spec), tag)
			}
			seen[tag.Location()] = j
		}
	}
	return nil
}

// plannedTags returns the tags that the plans of a request set, each with its
// repository.
func plannedTags(plans []Plan) []reference.Ref {
	var all []reference.Ref
	for _, p := range plans {
		all = append(all, Target{p.Target, p.Tags}.refs()...)
		for _, t := range p.platformTags {
			all = append(all, p.Target.WithTag(t.Tag))
		}
	}
	return all
}
