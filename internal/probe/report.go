package probe

import "time"

// Schema is the version of the report's fields, which docs/output/test-registry.md
// describes. Within a version, fields are only added.
const Schema = "test-registry/v1"

// Report is the result of Run (test-registry/v1).
type Report struct {
	Schema string `json:"schema"`
	// Registry is the host and port, Repository the path that was written to.
	Registry   string `json:"registry"`
	Repository string `json:"repository"`
	// Embedded is set if the registry is the one that this program contains.
	Embedded bool `json:"embedded,omitempty"`
	// Server is the Server header of the registry, if it sends one.
	Server  string        `json:"server,omitempty"`
	Started time.Time     `json:"started"`
	Took    time.Duration `json:"tookNanoseconds"`
	// Requests is the number of requests that were sent, those of the cleanup and to
	// token servers included.
	Requests int      `json:"requests"`
	Results  []Result `json:"results"`
	Summary  Summary  `json:"summary"`
	Verdict  Verdict  `json:"verdict"`
	// Settings is the entry for this registry in the settings file, as YAML; empty
	// if the defaults fit.
	Settings string `json:"settings,omitempty"`
	// Left are the references of what was written and could not be deleted.
	Left []string `json:"left,omitempty"`
}

// Result is the outcome of one check.
type Result struct {
	Name    string  `json:"name"`
	Section Section `json:"section"`
	Title   string  `json:"title"`
	// Spec is the section of the specification that the check is from.
	Spec string `json:"spec"`
	// Required is set if a push of a multi-platform image needs it.
	Required bool   `json:"required,omitempty"`
	Status   Status `json:"status"`
	// Detail says what the registry did.
	Detail string `json:"detail"`
	// Facts are measured values by name.
	Facts     map[string]string `json:"facts,omitempty"`
	Took      time.Duration     `json:"tookNanoseconds"`
	Exchanges []Exchange        `json:"exchanges,omitempty"`
}

// Exchange is one request of a check and its response, without secrets.
type Exchange struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	// RequestHeaders are those that the check set, without credentials.
	RequestHeaders map[string]string `json:"requestHeaders,omitempty"`
	RequestBytes   int               `json:"requestBytes,omitempty"`
	// Status is 0 if there was no response; Error is the reason then.
	Status  int               `json:"status,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	// Body is the beginning of the response, if it is text.
	Body  string `json:"body,omitempty"`
	Error string `json:"error,omitempty"`
}

// Summary counts results by status.
type Summary struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Errors  int `json:"errors"`
	Skipped int `json:"skipped"`
}

// add counts a result.
func (s *Summary) add(status Status) {
	switch status {
	case StatusPass:
		s.Passed++
	case StatusFail:
		s.Failed++
	case StatusSkip:
		s.Skipped++
	default:
		s.Errors++
	}
}

// Result returns the result of a check by its name.
func (r Report) Result(name string) (Result, bool) {
	for _, one := range r.Results {
		if one.Name == name {
			return one, true
		}
	}
	return Result{}, false
}
