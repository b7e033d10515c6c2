//go:build e2e

package probe

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/registrytest"
)

// sparseConfig lets a registry of distribution v3 take an index without its images.
const sparseConfig = "validation:\n  manifests:\n    indexes:\n      platforms: none\n"

// manifestReport is what the tests of manifests read of a report.
type manifestReport struct {
	Requests int
	Results  []struct {
		Name, Status, Detail string
		Facts                map[string]string
	}
}

// testManifests runs the sections about manifests on a registry, "" for the embedded
// one. It returns the checks that do not pass, as "status name".
func testManifests(t *testing.T, host string) (notPassed []string, facts map[string]string) {
	t.Helper()
	args := []string{"test-registry", "--only", "images,indexes,tags,accept,referrers", "-o", "json"}
	if host != "" {
		args = append(args, host+"/team/scratch")
	}
	done := clitest.Run(t, args...)
	var r manifestReport
	if err := json.Unmarshal([]byte(done.Stdout), &r); err != nil {
		t.Fatalf("%v: %s%s", err, done.Stdout, done.Stderr)
	}
	facts = map[string]string{}
	for _, one := range r.Results {
		maps.Copy(facts, one.Facts)
		if one.Status != "pass" {
			t.Logf("%s %s: %s", one.Status, one.Name, one.Detail)
			notPassed = append(notPassed, one.Status+" "+one.Name)
		}
	}
	if len(r.Results) != 44 || r.Requests > 95 {
		t.Errorf("%d checks with %d requests", len(r.Results), r.Requests)
	}
	slices.Sort(notPassed)
	return notPassed, facts
}

// TestManifestChecks compares what registries do with manifests.
func TestManifestChecks(t *testing.T) {
	t.Parallel()
	common := []string{"skip index-child-size", "skip tag-params"}
	sparse := []string{"skip index-sparse", "skip index-sparse-list"}
	// ggcr's registry stores under any name, converts nothing, and takes the type of the
	// config for artifactType. Its PUT has no Location.
	embedded := slices.Concat(common, sparse, []string{
		"fail tag-location", "fail tag-wrong-digest", "fail referrers-fields", "fail referrers-header", "skip referrers-filter", "skip referrers-fallback",
	})
	// distribution converts Docker lists for old clients, and has no referrers API.
	distribution := slices.Concat(common, []string{
		"skip image-sha512", "skip accept-list-none", "skip accept-list-other-index", "skip accept-list-image",
		"skip referrers-list", "skip referrers-fields", "skip referrers-header", "skip referrers-filter", "skip referrers-none",
	})
	// Version 2 returns an OCI index only to clients that name its type.
	if !registrytest.IsVersion3(t) {
		distribution = append(distribution, "fail accept-none", "fail accept-any", "fail accept-head-none", "skip accept-other-index", "skip accept-image")
	}
	for name, tt := range map[string]struct {
		start func(*testing.T) string
		want  []string
		facts map[string]string
	}{
		"embedded": {func(*testing.T) string { return "" }, embedded, map[string]string{"sparse-index": "refused", "referrers-api": "yes", "oci-subject": "no", "digest-compared": "no"}},
		"distribution": {func(t *testing.T) string { return registrytest.StartOpen(t).Host }, slices.Concat(distribution, sparse), map[string]string{
			"sparse-index": "refused", "sparse-list": "refused", "referrers-api": "no", "tag-params": "no", "digest-header": "right",
		}},
		"distribution with sparse indexes": {func(t *testing.T) string {
			if !registrytest.IsVersion3(t) {
				t.Skip("version 2 does not have this setting, make test-v3 has it")
			}
			return registrytest.Launch(t, "", sparseConfig)
		}, distribution, map[string]string{"sparse-index": "accepted", "sparse-list": "accepted"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, facts := testManifests(t, tt.start(t))
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("the checks that do not pass: %s", diff)
			}
			for fact, want := range tt.facts {
				if facts[fact] != want {
					t.Errorf("fact %s is %q, want %q", fact, facts[fact], want)
				}
			}
		})
	}
}
