package probe

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/store/transport"
)

// TestVerdict probes registries that lack something.
func TestVerdict(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault    fault
		only     []Section
		works    Works
		want     []string
		untested string
	}{
		"complete":           {none, nil, WorksYes, []string{"works with manifest-tool: yes", "OCI indexes yes", "Docker lists yes"}, ""},
		"only tags":          {none, []Section{SectionTags}, WorksUnknown, []string{"works with manifest-tool: unknown (not everything that a push needs was tested)", "all tags in one request no"}, ""},
		"no lists":           {whenType("manifest.list.v2", refuse(http.StatusUnsupportedMediaType, "")), nil, WorksYes, []string{"Docker lists no (415)"}, ""},
		"no OCI index":       {whenType("oci.image.index", refuse(http.StatusUnsupportedMediaType, "")), nil, WorksNo, []string{"OCI indexes no (415)"}, "tag-put-digest: "},
		"nothing but errors": {hangUp, []Section{SectionListing}, WorksUnknown, []string{"not tested: pages of tags"}, "tags-list: "},
	} {
		t.Run(name, func(t *testing.T) {
			r := probeFaulty(t, tt.fault, tt.only...)
			if r.Verdict.Works != tt.works {
				t.Errorf("works: %s, want %s: %s", r.Verdict.Works, tt.works, r.Verdict)
			}
			for _, sentence := range tt.want {
				if !strings.Contains("; "+r.Verdict.String()+"; ", "; "+sentence+"; ") {
					t.Errorf("no sentence %q in %s", sentence, r.Verdict)
				}
			}
			if err := r.Untested(); (err != nil) != (tt.untested != "") || err != nil && !strings.HasPrefix(err.Error(), tt.untested) {
				t.Errorf("untested: %v, want %q", err, tt.untested)
			}
		})
	}
}

// TestURLsOfExchanges have the scheme that was used, which the transport chooses.
func TestURLsOfExchanges(t *testing.T) {
	t.Parallel()
	trusting := func(caFile string) transport.HostConfig { return transport.HostConfig{CAFile: caFile} }
	for scheme, r := range map[string]Report{"http": probeFaulty(t, none, SectionConnection), "https": probeTLS(t, false, trusting)} {
		for _, one := range r.Results {
			for _, e := range one.Exchanges {
				if !strings.HasPrefix(e.URL, scheme+"://") {
					t.Errorf("%s: %s, want %s", one.Name, e.URL, scheme)
				}
			}
		}
	}
}

// hangUp closes the connection without a response.
func hangUp(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }

// whenType applies a fault to pushes of a media type.
func whenType(part string, f fault) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.Contains(r.Header.Get("Content-Type"), part) {
			f(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

func TestVerdictOfResults(t *testing.T) {
	t.Parallel()
	r := Report{Results: []Result{
		{Name: "index-oci", Required: true, Status: StatusError, Detail: "no route to host"},
		{Name: "image-sha512", Status: StatusSkip, Facts: map[string]string{"put": "refused"}},
		{Name: "mount", Status: StatusSkip, Facts: map[string]string{"mount": "202"}},
		{Name: "delete-tag", Status: StatusFail, Facts: map[string]string{"delete-tag": "500"}},
	}, Summary: Summary{Errors: 1, Skipped: 2, Failed: 1}}
	want := []string{
		"works with manifest-tool: unknown (index-oci)", "sha512 no", "mounts no (202)",
		"deleting tags no (500)", "not tested: OCI indexes", "does not follow the specifications in delete-tag",
	}
	if diff := cmp.Diff(want, verdictOf(r).Sentences); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := r.Untested(); err == nil || err.Error() != "index-oci: no route to host" {
		t.Error(err)
	}
}

// TestFeaturesAreChecks holds that the checks of the verdict exist.
func TestFeaturesAreChecks(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, c := range allChecks() {
		known[c.name] = true
	}
	for _, f := range features() {
		if !known[f.check] {
			t.Errorf("%s: there is no check %s", f.name, f.check)
		}
	}
}
