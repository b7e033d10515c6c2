package push

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/platform"
)

func TestPush_Wait(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	in := spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: r.Host + "/app:amd64"}, {Image: r.Host + "/app:late"}}}
	var pauses []time.Duration
	notes := 0
	o := Options{Wait: 5 * time.Second, Note: func(string) { notes++ }, AllowDuplicates: true, Sleep: func(_ context.Context, d time.Duration) error {
		if pauses = append(pauses, d); len(pauses) == 2 {
			manifesttest.PutImage(t, r.Host+"/app:late", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64) //nolint:contextcheck // has that of the test
		}
		return nil
	}}
	if _, _, err := pushed(t, in, o); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{time.Second, 1500 * time.Millisecond}; !slices.Equal(pauses, want) || notes != 2 {
		t.Errorf("pauses %v with %d notes, want %v", pauses, notes, want)
	}
	in.Manifests[1].Image = r.Host + "/app:never"
	pauses = nil
	if _, _, err := pushed(t, in, o); err == nil || !strings.Contains(err.Error(), "app:never") {
		t.Errorf("error %v", err)
	}
	var sum time.Duration
	for _, p := range pauses {
		sum += p
	}
	if sum != o.Wait {
		t.Errorf("waited %s, want %s", sum, o.Wait)
	}
}

func TestPush_RequiredPlatforms(t *testing.T) {
	r := manifesttest.NewRegistry(t)
	manifesttest.PutImage(t, r.Host+"/app:amd64", manifest.MediaTypeDockerImage, manifesttest.LinuxAMD64)
	r.ResetRequests()
	amd64, arm64 := platform.Platform{OS: "linux", Architecture: "amd64"}, platform.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}
	in := spec.Spec{Image: r.Host + "/app:1", Manifests: []spec.Source{{Image: r.Host + "/app:amd64"}, {Image: r.Host + "/app:arm64", Optional: true}}}
	_, _, err := pushed(t, in, Options{Require: []platform.Platform{amd64, arm64}})
	var lacking *RequiredError
	if !errors.As(err, &lacking) || !slices.Equal(lacking.Missing, []string{"linux/arm64/v8"}) || !slices.Equal(lacking.Have, []string{"linux/amd64"}) {
		t.Errorf("error %v", err)
	}
	r.AssertNoWrites(t)
	in.Require = []string{"linux/amd64"}
	_, warnings, err := pushed(t, in, Options{})
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "is optional and was not found") {
		t.Errorf("error %v, warnings %q", err, warnings)
	}
}
