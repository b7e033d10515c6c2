package probe

import (
	"fmt"
	"slices"
	"strings"
)

// Verdict is the conclusion from all checks.
type Verdict struct {
	// Works is yes if everything passed that a multi-platform push needs, no if some of
	// it failed, unknown if some of it could not be tested or was left out.
	Works Works `json:"works"`
	// Sentences say in words whether the registry works and what it supports, one
	// feature each.
	Sentences []string `json:"sentences"`
}

// Works says whether a registry can be used.
type Works string

// The values of Works.
const (
	WorksYes     Works = "yes"
	WorksNo      Works = "no"
	WorksUnknown Works = "unknown"
)

// String returns the verdict in one line.
func (v Verdict) String() string { return strings.Join(v.Sentences, "; ") }

// feature is something that users ask about a registry, and the check that answers.
type feature struct{ name, check string }

func features() []feature {
	return []feature{
		{"OCI indexes", "index-oci"},
		{"Docker lists", "index-docker-list"},
		{"OCI indexes of Docker images", "index-docker-children"},
		{"nested indexes", "index-nested"},
		{"indexes with missing children", "index-sparse"},
		{"manifests of 4 MiB", "limit-manifest"},
		{"sha512", "image-sha512"},
		{"mounts", "mount"},
		{"uploads in chunks", "blob-chunked"},
		{"all tags in one request", "tag-params"},
		{"comparing a tag when it is set", "caching-if-match"},
		{"referrers", "referrers-list"},
		{"pages of tags", "tags-page"},
		{"deleting tags", "delete-tag"},
		{"deleting manifests", "delete-manifest"},
	}
}

// verdictOf concludes from the results of a report.
func verdictOf(r Report) Verdict {
	v := Verdict{Works: worksOf(r.Results)}
	v.Sentences = append(v.Sentences, "works with manifest-tool: "+string(v.Works)+r.obstacles(v.Works))
	var untested []string
	for _, f := range features() {
		one, found := r.Result(f.check)
		switch {
		case found && one.Status == StatusError:
			untested = append(untested, f.name)
		case found:
			v.Sentences = append(v.Sentences, f.name+" "+one.answer())
		}
	}
	if len(untested) > 0 {
		v.Sentences = append(v.Sentences, "not tested: "+joined(untested))
	}
	if failed := r.names(func(one Result) bool { return one.Status == StatusFail }); len(failed) > 0 {
		v.Sentences = append(v.Sentences, "does not follow the specifications in "+joined(failed))
	}
	return v
}

// answer returns the result of a check that was carried out as yes or no, with the status of a response that refused.
func (r Result) answer() string {
	if r.Status == StatusPass {
		return "yes"
	}
	for _, fact := range []string{"put", r.Name} {
		if code, _, _ := strings.Cut(r.Facts[fact], " "); isHTTPStatus(code) {
			return "no (" + code + ")"
		}
	}
	return "no"
}

func isHTTPStatus(s string) bool {
	return len(s) == 3 && '1' <= s[0] && s[0] <= '5' && strings.Trim(s, "0123456789") == ""
}

// obstacles names the required checks because of which a registry does not work, or
// because of which that is unknown.
func (r Report) obstacles(works Works) string {
	status := map[Works]Status{WorksNo: StatusFail, WorksUnknown: StatusError}[works]
	if names := r.Required(status); len(names) > 0 {
		return " (" + joined(names) + ")"
	}
	if works == WorksUnknown {
		return " (not everything that a push needs was tested)"
	}
	return ""
}

// Required returns the names of the required checks with a status.
func (r Report) Required(s Status) []string {
	return r.names(func(one Result) bool { return one.Required && one.Status == s })
}

// names returns the names of the checks that a condition holds for.
func (r Report) names(is func(Result) bool) []string {
	var names []string
	for _, one := range r.Results {
		if is(one) {
			names = append(names, one.Name)
		}
	}
	return names
}

// worksOf combines the results of the required checks.
func worksOf(results []Result) Works {
	required := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return !r.Required })
	is := func(s Status) func(Result) bool { return func(r Result) bool { return r.Status == s } }
	switch {
	case slices.ContainsFunc(required, is(StatusFail)):
		return WorksNo
	case len(required) < countRequired(), slices.ContainsFunc(required, is(StatusError)):
		return WorksUnknown
	}
	return WorksYes
}

func countRequired() int {
	n := 0
	for _, c := range allChecks() {
		if c.required {
			n++
		}
	}
	return n
}

// Untested returns why the registry could not be tested: the first error of a required
// check, or of any if no check had another result; nil if there is none. Checks of
// sections that were left out are not errors.
func (r Report) Untested() error {
	nothing := r.Summary.Passed+r.Summary.Failed == 0
	for _, one := range r.Results {
		if one.Status == StatusError && (one.Required || nothing) {
			return fmt.Errorf("%s: %s", one.Name, one.Detail)
		}
	}
	return nil
}
