package page

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/bytesize"
	"manifest-tool/internal/manifest/inspect"
	"manifest-tool/internal/manifest/resolve"
	"manifest-tool/internal/manifest/selection"
	"manifest-tool/internal/platform"
)

// View is what the page shows.
type View struct {
	// Image, Platform and Rule are what was asked, as typed. An empty Platform is that
	// of the browser, which is Guess.
	Image, Platform, Guess string
	Rule                   platform.SelectionRule
	// Base is the URL of the service, without a slash at its end.
	Base    string
	Version string
	// Problem is the reason for a missing Result; neither is set if no image was asked for.
	Problem *Problem
	Result  *Result
}

// Problem is an error.
type Problem struct {
	Message string
	// Invalid is set if the question cannot be asked.
	Invalid bool
	// Temporary is set if the image may exist; RetryAfter is then how many seconds to
	// wait, 0 if that is not known.
	Temporary  bool
	RetryAfter int
}

// Result is the answer about an image.
type Result struct {
	Query inspect.QueryResult
	// Answer is the choice for one platform.
	Answer resolve.ResolvedPlatform
	// Sizes are how much is downloaded for an image, its config and layers, by its
	// digest. Images whose manifests were not read are missing.
	Sizes map[digest.Digest]int64
	// IsCounted is set if Sizes has only the answer, because the registry counts every
	// manifest that is read.
	IsCounted bool
	// Checked is when the tag was compared with the registry; zero for a digest.
	Checked time.Time
	// Stale is why it could not be compared again; empty if it could.
	Stale string
}

// Card is a platform of an image.
type Card struct {
	OS, Arch, Variant, Version string
	// Text is the platform in one word, Link the page with it as the machine.
	Text, Link string
	// Machine describes the architecture, Size is how much is downloaded; either may be
	// empty.
	Machine, Size string
	Digest        digest.Digest
	// Chosen is set for the answer.
	Chosen bool
}

// Title is the title of the page.
func (v View) Title() string {
	switch {
	case v.Result != nil:
		return v.Image + ": " + v.Result.Count()
	case v.Problem != nil:
		return v.Image + ": " + v.Headline()
	}
	return "Image platforms"
}

// IsMissing reports whether a registry answered that the image does not exist.
func (p Problem) IsMissing() bool { return !p.Invalid && !p.Temporary }

// Headline is the kind of the problem.
func (v View) Headline() string {
	switch {
	case v.Problem.Invalid:
		return "not a valid question"
	case v.Problem.Temporary:
		return "no answer at the moment"
	}
	return "not found"
}

// Machine is the platform that is answered for.
func (v View) Machine() string { return cmp.Or(v.Platform, v.Guess) }

// Options are the platforms that the form offers, those of the image first.
func (v View) Options() []string {
	var all []string
	if v.Result != nil {
		for _, c := range v.Cards() {
			all = append(all, c.Text)
		}
	}
	all = append(append(all, commonPlatforms()...), v.Platform)
	all = slices.DeleteFunc(all, func(name string) bool { return name == "" })
	var unique []string
	for _, name := range all {
		if !slices.Contains(unique, name) {
			unique = append(unique, name)
		}
	}
	return unique
}

// Cards are the platforms of the image.
func (v View) Cards() []Card {
	var all []Card
	for _, p := range v.Result.Query.Platforms {
		c := Card{Text: p.PlatformText, Machine: describeMachine(p.Platform), Digest: p.Digest, Size: v.Result.size(p.Digest), Chosen: p.Digest == v.Result.Answer.Digest}
		if p.Platform != nil {
			c.OS, c.Arch, c.Variant, c.Version = p.Platform.OS, p.Platform.Architecture, p.Platform.Variant, p.Platform.OSVersion
			c.Link = v.link(p.PlatformText)
		}
		all = append(all, c)
	}
	return all
}

// Size is how much is downloaded for the answer.
func (v View) Size() string { return v.Result.size(v.Result.Answer.Digest) }

func (r Result) size(d digest.Digest) string {
	n, known := r.Sizes[d]
	if !known {
		return ""
	}
	return bytesize.Format(n)
}

// Count counts the images.
func (r Result) Count() string {
	if n := len(r.Query.Platforms); n != 1 {
		return fmt.Sprintf("%d platforms", n)
	}
	return "1 platform"
}

// Chosen is the selected candidate, or nil.
func (r Result) Chosen() *selection.Candidate {
	for i, c := range r.Answer.Candidates {
		if c.State == selection.Chosen {
			return &r.Answer.Candidates[i]
		}
	}
	return nil
}

// link is the address of the page about the image, for a platform.
func (v View) link(name string) string {
	values := url.Values{"image": {v.Image}}
	if name != "" {
		values.Set("platform", name)
	}
	if v.Rule != "" && v.Rule != platform.RuleContainerd {
		values.Set("rule", string(v.Rule))
	}
	return "/?" + readable(values.Encode())
}

// readable writes the characters of a name that a query may have as they are
// (RFC 3986, section 3.4).
func readable(query string) string {
	return strings.NewReplacer("%2F", "/", "%3A", ":", "%40", "@").Replace(query)
}
