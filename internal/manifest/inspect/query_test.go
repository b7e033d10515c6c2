package inspect

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/platform"
	"manifest-tool/internal/store"
)

// queryImages is Query with QueryOne.
func queryImages(ctx context.Context, r manifest.Reader, names iter.Seq2[string, error], has []platform.Platform, each func(QueryResult) error) (QuerySummary, error) {
	return Query(ctx, names, func(ctx context.Context, name string) QueryResult { return QueryOne(ctx, r, name, has) }, each)
}

// queryAll collects what Query hands on.
func queryAll(t *testing.T, names iter.Seq2[string, error], has ...string) ([]QueryResult, QuerySummary) {
	t.Helper()
	var all []QueryResult
	sum, err := queryImages(t.Context(), manifesttest.NewStore(t), names, manifesttest.ParsePlatforms(t, has...), func(q QueryResult) error {
		all = append(all, q)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, sum
}

func texts(q QueryResult) []string {
	all := []string{}
	for _, p := range q.Platforms {
		all = append(all, p.PlatformText)
	}
	return all
}

func TestQuery_Requests(t *testing.T) {
	r := manifesttest.NewScripted(t)
	amd64, none := manifesttest.MissingEntry("linux/amd64"), manifesttest.MissingEntry("none")
	other := manifesttest.MissingEntry("unknown/unknown other")
	other.Annotations = map[string]string{manifest.AnnotationReferenceType: "sbom"}
	r.AddIndex(t, "latest", amd64, manifesttest.MissingEntry("linux/arm64/v8"), none, manifesttest.MissingAttestation(amd64), other, manifesttest.MissingEntry("windows/amd64:10.0.20348.1"))
	all, sum := queryAll(t, FromSlice([]string{r.Host + "/app"}), "linux/arm64", "linux/arm/v6", "windows/amd64")
	want := []string{"linux/amd64", "linux/arm64/v8", "", "unknown/unknown", "windows/amd64:10.0.20348.1"}
	if diff := cmp.Diff(want, texts(all[0])); diff != "" {
		t.Errorf("platforms (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"linux/arm/v6"}, all[0].Missing); diff != "" || sum.Incomplete != 1 {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if q := all[0]; !q.Index || q.Attestations != 1 || q.Reference != r.Host+"/app:latest" || q.Name != r.Host+"/app" {
		t.Errorf("%+v", q)
	}
	if diff := cmp.Diff([]string{"GET /v2/app/manifests/latest"}, r.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestQuery_SingleManifests(t *testing.T) {
	r := manifesttest.NewScripted(t)
	r.AddPlatformImage(t, "1", ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v6"})
	r.AddArtifact("artifact")
	all, _ := queryAll(t, FromSlice([]string{r.Host + "/app:1", r.Host + "/app:artifact"}))
	if diff := cmp.Diff([]string{"linux/arm/v6"}, texts(all[0])); diff != "" || all[0].Index {
		t.Errorf("an image (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{""}, texts(all[1])); diff != "" || all[1].Err != nil {
		t.Errorf("an artifact (-want +got):\n%s%v", diff, all[1].Err)
	}
	if len(r.Requests()) != 3 {
		t.Errorf("requests: %q, want two manifests and one config", r.Requests())
	}
}

func TestQuery_OrderAndErrors(t *testing.T) {
	r := manifesttest.NewScripted(t)
	r.AddIndex(t, "1", manifesttest.MissingEntry("linux/amd64"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		time.Sleep(time.Duration(len(req.URL.Path)%7) * time.Millisecond)
		switch {
		case strings.HasPrefix(req.URL.Path, "/v2/broken"):
			w.WriteHeader(http.StatusForbidden)
		case strings.HasPrefix(req.URL.Path, "/v2/none"):
			w.WriteHeader(http.StatusNotFound)
		default:
			r.ServeHTTP(w, req)
		}
	}))
	t.Cleanup(server.Close)
	host := server.Listener.Addr().String()
	var names []string
	for i := range 500 {
		names = append(names, []string{host + "/app:1", host + "/none" + strings.Repeat("x", i%9) + ":1", host + "/broken:1", "Not A Name"}[i%4])
	}
	all, sum := queryAll(t, FromSlice(names))
	for i, q := range all {
		if q.Name != names[i] || (q.Err == nil) != (i%4 == 0) || (q.Error == "") != (q.Err == nil) {
			t.Fatalf("result %d: %+v, want one for %s", i, q, names[i])
		}
	}
	if sum.Images != 500 || sum.Failed != 375 || !errors.Is(all[1].Err, store.ErrNotFound) || !errors.Is(all[2].Err, store.ErrDenied) {
		t.Errorf("%+v", sum)
	}
}

// What comes from a pipe may have no end: only so much of it is taken ahead.
func TestQuery_Streaming(t *testing.T) {
	r := manifesttest.NewScripted(t)
	r.AddIndex(t, "1", manifesttest.MissingEntry("linux/amd64"))
	var taken atomic.Int32
	endless := func(yield func(string, error) bool) {
		for yield(r.Host+"/app:1", nil) {
			taken.Add(1)
		}
	}
	enough := errors.New("enough")
	seen := 0
	_, err := queryImages(t.Context(), manifesttest.NewStore(t), endless, nil, func(QueryResult) error {
		if seen++; seen == 300 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || taken.Load() > 300+manifest.MaxConcurrent+2 {
		t.Errorf("%d names were taken for %d results: %v", taken.Load(), seen, err)
	}
}

// TestQuery_Cancelled stops a run whose request is not answered; it
// would be given up by itself after half a minute.
func TestQuery_Cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		cancel()
		<-req.Context().Done()
	}))
	t.Cleanup(server.Close)
	start := time.Now()
	_, err := queryImages(ctx, manifesttest.NewStore(t), FromSlice([]string{server.Listener.Addr().String() + "/app:1"}), nil, func(q QueryResult) error {
		t.Errorf("a result of a run that was stopped: %+v", q)
		return nil
	})
	if err == nil || time.Since(start) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

func TestReadReferences(t *testing.T) {
	long := strings.Repeat("x", maxLine+5)
	for name, c := range map[string]struct {
		in   string
		want []string // an error begins with "! "
	}{
		"nothing":             {"", nil},
		"one, no line end":    {"app:1", []string{"app:1"}},
		"comments and blanks": {"# images\n\n  app:1 \r\n\t\n#\nb:2\n", []string{"app:1", "b:2"}},
		"a line too long":     {"a:1\n" + long + "\nb:2\n", []string{"a:1", "! line 2: it is longer than 8192 bytes", "b:2"}},
		"too long at the end": {long, []string{"! line 1: it is longer than 8192 bytes"}},
	} {
		var got []string
		for line, err := range ReadReferences(strings.NewReader(c.in)) {
			if err != nil {
				line = "! " + err.Error()
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadReferences_LongLine(t *testing.T) {
	for line, err := range ReadReferences(strings.NewReader("x" + strings.Repeat("ä", maxLine))) {
		if want := "x" + strings.Repeat("ä", 63) + "..."; line != want || err == nil {
			t.Errorf("the line is named %q, want %q", line, want)
		}
	}
}

func TestReadReferences_ReadError(t *testing.T) {
	broken := errors.New("broken pipe")
	var got []string
	for line, err := range ReadReferences(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("a:1\n")))) {
		got = append(got, fmt.Sprint(line, err))
	}
	for _, err := range ReadReferences(iotest.ErrReader(broken)) {
		if !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
	}
	if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "timeout") }) {
		t.Errorf("%q", got)
	}
}

func TestValidateReferences(t *testing.T) {
	var bad *manifest.InputError
	if err := ValidateReferences([]string{"app", "a/b:1", "oci-layout://d:1", "UPPER/case"}); !errors.As(err, &bad) || !strings.Contains(err.Error(), "UPPER/case") {
		t.Errorf("error %v", err)
	}
	if err := ValidateReferences([]string{"app", "oci-layout://d"}); err != nil {
		t.Error(err)
	}
}
