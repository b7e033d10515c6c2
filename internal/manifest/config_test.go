package manifest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

func TestParseConfig_UnexpectedValues(t *testing.T) {
	when := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, tt := range map[string]struct {
		fields     string
		want       ocispec.Image
		unexpected []string
	}{
		"as specified":    {`"created":"2020-01-02T03:04:05Z"`, ocispec.Image{Created: &when}, nil},
		"empty time":      {`"created":""`, ocispec.Image{}, []string{`created is "", which is ignored`}},
		"two zones":       {`"created":"2022-02-21T14:44:59+00:00Z"`, ocispec.Image{}, []string{`created is "2022-02-21T14:44:59+00:00Z", which is ignored`}},
		"time as number":  {`"created":1577934245`, ocispec.Image{}, []string{"created is 1577934245, which is ignored"}},
		"author object":   {`"author":{"name":"x"}`, ocispec.Image{}, []string{`author is {"name":"x"}, which is ignored`}},
		"command string":  {`"config":{"Entrypoint":"/app","Cmd":["x"]}`, runtime(ocispec.ImageConfig{Entrypoint: []string{"/app"}, Cmd: []string{"x"}}), []string{`config.Entrypoint is "/app", read as ["/app"]`}},
		"numeric user":    {`"config":{"User":1000}`, runtime(ocispec.ImageConfig{User: "1000"}), []string{`config.User is 1000, read as "1000"`}},
		"labels as list":  {`"config":{"Labels":["a=b"],"WorkingDir":"/"}`, runtime(ocispec.ImageConfig{WorkingDir: "/"}), []string{`config.Labels is ["a=b"], which is ignored`}},
		"label as number": {`"config":{"Labels":{"a":1}}`, ocispec.Image{}, []string{`config.Labels is {"a":1}, which is ignored`}},
		"runtime as list": {`"config":[]`, ocispec.Image{}, []string{"config is [], which is ignored"}},
		"time of a step": {
			`"history":[{"created":"","created_by":"a"},null,7]`,
			ocispec.Image{History: []ocispec.History{{CreatedBy: "a"}, {}, {}}},
			[]string{`history[0].created is "", which is ignored`, "history[2] is 7, which is ignored"},
		},
		"history as text":     {`"history":"x"`, ocispec.Image{}, []string{`history is "x", which is ignored`}},
		"root file system":    {`"rootfs":[]`, ocispec.Image{}, []string{"rootfs is [], which is ignored"}},
		"two in one document": {`"created":"","config":{"User":0}`, runtime(ocispec.ImageConfig{User: "0"}), []string{`created is "", which is ignored`, `config.User is 0, read as "0"`}},
		"long value":          {`"created":"` + strings.Repeat("x", 100) + `"`, ocispec.Image{}, []string{`created is "` + strings.Repeat("x", 59) + "…, which is ignored"}},
	} {
		raw := `{"os":"linux","architecture":"arm","variant":"v7","os.version":"1","os.features":["a"],` + tt.fields + `}`
		got, err := ParseConfig([]byte(raw))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		tt.want.Platform = ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v7", OSVersion: "1", OSFeatures: []string{"a"}}
		if diff := cmp.Diff(tt.want, got.Image); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(tt.unexpected, got.Unexpected); diff != "" || string(got.Raw) != raw {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func runtime(c ocispec.ImageConfig) ocispec.Image { return ocispec.Image{Config: c} }

func TestParseConfig_Unreadable(t *testing.T) {
	for _, raw := range []string{
		"", "not JSON", "[]", "7", `"x"`, `{"os":"linux"`, `{"os":7}`, `{"os":"linux","architecture":["amd64"]}`, `{"variant":7,"created":""}`,
		`{"os.features":"win32k"}`, `{"os.version":10}`, `{"OS":1}`,
	} {
		if got, err := ParseConfig([]byte(raw)); err == nil || string(got.Raw) != raw {
			t.Errorf("%q: %+v, %v", raw, got, err)
		}
	}
}

func TestParseConfig_PlatformMessages(t *testing.T) {
	for raw, want := range map[string]string{
		`{"os":"linux","architecture":"amd64","variant":7}`: "variant is 7, which is not a string",
		`{"os":"linux","os.features":"win32k"}`:             `os.features is "win32k", which is not a list of strings`,
		"{\n\"os\": \"linux\"\n":                            "it is not JSON: it ends too early",
	} {
		if _, err := ParseConfig([]byte(raw)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", raw, err, want)
		}
	}
}

// TestParseConfig_ManyUnexpectedValues bounds what a hostile config costs.
func TestParseConfig_ManyUnexpectedValues(t *testing.T) {
	history := func(steps int) string { return `"history":[` + strings.Repeat("1,", steps-1) + "1]" }
	for _, tt := range []struct {
		fields, last string
		list, steps  int
	}{
		{history(maxUnexpected), "history[19] is 1, which is ignored", maxUnexpected, maxUnexpected},
		{history(maxHistory), "and 9980 more", maxUnexpected + 1, maxHistory},
		{history(2 << 20), "history is [" + strings.Repeat("1,", 29) + "1…, which is ignored: it has 2097152 steps", 1, 0},
		{`"config":{` + strings.Repeat(`"User":{},`, 99) + `"User":[]}`, "and 80 more", maxUnexpected + 1, 0},
	} {
		got, err := ParseConfig([]byte(`{"os":"linux",` + tt.fields + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(got.Unexpected); n != tt.list || got.Unexpected[n-1] != tt.last || len(got.History) != tt.steps {
			t.Errorf("%d values, the last %q, %d steps; want %d, %q, %d", n, got.Unexpected[n-1], len(got.History), tt.list, tt.last, tt.steps)
		}
	}
}
