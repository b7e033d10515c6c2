package push

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/manifest/spec"
	"manifest-tool/internal/store"
)

// TestConvergeInEveryOrder runs jobs that each push an image and then the same command,
// in every order of their requests for tags: the index is complete at the end of each.
// Orders that lead to a state that was seen before are not followed twice. Three jobs
// have 156 681 states, which takes minutes: make converge follows all of them, the test
// by itself a part.
func TestConvergeInEveryOrder(t *testing.T) {
	for _, c := range []struct {
		jobs  []string
		limit int
	}{{[]string{"amd64", "arm64"}, 0}, {[]string{"amd64", "arm64", "s390x"}, 3000}} {
		if os.Getenv("CONVERGE_ALL") != "" {
			c.limit = 0
		}
		e := exploration{jobs: c.jobs, options: Options{Converge: true}, limit: c.limit, seen: map[string]bool{}}
		e.explore(t)
		t.Logf("%d jobs: %d states, %d orders to their end", len(c.jobs), len(e.seen), e.ends)
		if e.incomplete > 0 {
			t.Errorf("%d of %d orders end with an incomplete index, such as:\n%s", e.incomplete, e.ends, e.example)
		}
		if e.ends < 5 {
			t.Errorf("only %d orders were followed", e.ends)
		}
	}
}

// Without --converge some orders lose an image, or the test above would show nothing.
func TestWithoutConvergeSomeOrdersLoseAnImage(t *testing.T) {
	e := exploration{jobs: []string{"amd64", "arm64"}, seen: map[string]bool{}}
	e.explore(t)
	if e.incomplete == 0 {
		t.Errorf("all %d orders are complete", e.ends)
	}
}

// TestConvergeWithReplacedImages has the tag of each image exist before, with an older
// one: the index has the new ones at the end of every order.
func TestConvergeWithReplacedImages(t *testing.T) {
	e := exploration{jobs: []string{"amd64", "arm64"}, options: Options{Converge: true}, seen: map[string]bool{}, replaced: true}
	if os.Getenv("CONVERGE_ALL") == "" {
		e.limit = 3000
	}
	e.explore(t)
	t.Logf("%d states, %d orders to their end", len(e.seen), e.ends)
	if e.incomplete > 0 || e.ends < 5 {
		t.Errorf("%d of %d orders end with an old image, such as:\n%s", e.incomplete, e.ends, e.example)
	}
}

// exploration follows every order of the requests of some jobs.
type exploration struct {
	jobs    []string
	options Options
	// limit bounds the states, 0 for all.
	limit int
	seen  map[string]bool
	// replaced has an older image be there for each job.
	replaced bool
	// ends counts the orders that were followed to their end, incomplete those whose
	// index then lacks an image.
	ends, incomplete int
	example          string
}

func (e *exploration) explore(t *testing.T) {
	t.Helper()
	for todo := [][]int{nil}; len(todo) > 0 && (e.limit == 0 || len(e.seen) < e.limit); {
		prefix := todo[len(todo)-1]
		todo = append(todo[:len(todo)-1], e.follow(t, prefix)...)
	}
}

// follow carries out the requests that prefix chooses, and then the first one that waits
// each time, until a state was seen before. It returns the other choices on that way.
func (e *exploration) follow(t *testing.T, prefix []int) (others [][]int) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule()
		if s.replaced = e.replaced; e.replaced {
			for _, job := range e.jobs {
				s.tags[job] = s.addImage(job, "old")
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		for _, job := range e.jobs {
			go e.runJob(ctx, t, s, job)
		}
		var order []int
		trace := ""
		for {
			synctest.Wait()
			waiting := s.choices()
			if len(waiting) == 0 {
				break
			}
			if len(order) >= len(prefix) {
				state := s.state()
				if e.seen[state] {
					s.abandon(stop)
					return
				}
				e.seen[state] = true
				for i := 1; i < len(waiting); i++ {
					others = append(others, append(slices.Clone(order), i))
				}
			}
			next := 0
			if len(order) < len(prefix) {
				next = prefix[len(order)]
			}
			order = append(order, next)
			trace += waiting[next].String() + "\n"
			s.carryOut(waiting[next])
		}
		e.ends++
		if missing := s.missing(t, e.jobs); len(missing) > 0 {
			e.incomplete++
			e.example = fmt.Sprintf("%swithout %v", trace, missing)
		}
	})
	return others
}

// runJob pushes the image of a job and then the index of all images.
func (e *exploration) runJob(ctx context.Context, t *testing.T, s *schedule, job string) {
	image := s.addImage(job, "new")
	s.request(job, "PUT", job, func() string { s.tags[job] = image; return "" })
	in := spec.Spec{Image: "registry.example.com/app:" + indexTag}
	for _, other := range e.jobs {
		in.Manifests = append(in.Manifests, spec.Source{Image: "registry.example.com/app:" + other})
	}
	requests, err := NewRequests([]spec.Spec{in})
	o := e.options
	o.Type, o.IgnoreMissing, o.Warn, o.Note = TypeAuto, true, func(string) {}, func(string) {}
	o.Sleep = func(ctx context.Context, d time.Duration) error { time.Sleep(d); return ctx.Err() }
	if err == nil {
		err = All(ctx, scheduleClient{s: s, name: job}, requests, o, func([]Result) error { return nil })
	}
	if err != nil && ctx.Err() == nil {
		t.Errorf("job %s: %v", job, err)
	}
}

// addImage stores an image without a tag.
func (s *schedule) addImage(arch, content string) store.Document {
	config, _ := json.Marshal(manifesttest.Linux(arch, ""))
	layer := []byte(arch + content)
	m, _ := json.Marshal(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageConfig, Digest: digest.FromBytes(config), Size: int64(len(config))},
		Layers: []ocispec.Descriptor{{MediaType: ocispec.MediaTypeImageLayer, Digest: digest.FromBytes(layer), Size: int64(len(layer))}},
	})
	o := store.Document{Raw: m, Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.FromBytes(m), Size: int64(len(m))}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blobs[digest.FromBytes(config)], s.objects[o.Descriptor.Digest] = config, o
	return o
}

// missing returns the images that the index lacks.
func (s *schedule) missing(t *testing.T, jobs []string) (missing []string) {
	index, err := manifest.ParseIndex(s.tags[indexTag].Raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		if !slices.ContainsFunc(index.Manifests, func(d ocispec.Descriptor) bool { return d.Digest == s.tags[job].Descriptor.Digest }) {
			missing = append(missing, job)
		}
	}
	return missing
}

// abandon ends the run of jobs whose further steps were followed before.
func (s *schedule) abandon(stop func()) {
	stop()
	for {
		synctest.Wait()
		waiting := s.choices()
		if len(waiting) == 0 {
			return
		}
		for _, r := range waiting {
			s.carryOut(r)
		}
	}
}
