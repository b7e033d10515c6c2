package probe

import (
	"slices"
	"strings"
)

// Verdict is the conclusion from all checks.
type Verdict struct {
	// Works is yes if everything passed that a multi-platform push needs, no if some of
	// it failed, unknown if some of it could not be tested or was left out.
	Works Works `json:"works"`
	// Sentences say what works, in words, one feature each.
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

// conclude returns the verdict of a report and the settings that fit the registry.
func conclude(report Report, _ map[string]string) (Verdict, string) {
	v := Verdict{Works: worksOf(report.Results), Sentences: []string{}}
	for _, one := range report.Results {
		v.Sentences = append(v.Sentences, one.Title+": "+string(one.Status))
	}
	return v, ""
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

// String returns the verdict in one line.
func (v Verdict) String() string { return strings.Join(v.Sentences, "; ") }
