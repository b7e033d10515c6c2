//go:build e2e

package chaos

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fault"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
	"manifest-tool/internal/store/transport"
)

// chaosEnv is where a schedule plays: two registries that things go wrong in, and
// a layout.
type chaosEnv struct {
	schedule
	source, target           *fault.Registry
	sourceStage, targetStage *registrytest.Registry
	dir                      fixture.Layout
	at                       fault.CopyTarget
	src, app                 string // the repositories
	home                     string
	logins                   []*atomic.Int64
	images                   fixture.ImageSet
	oldIndex, newIndex       fixture.Object
}

// newChaosEnv makes the content of a schedule. The new index is as the product
// writes it. Both registries are in memory, or the real one with repositories
// of the schedule's own.
func newChaosEnv(t *testing.T, s schedule, images fixture.ImageSet, newIndex fixture.Object, standing *registrytest.Registry) *chaosEnv {
	t.Helper()
	w := &chaosEnv{schedule: s, images: images, newIndex: newIndex}
	w.src, w.app = fmt.Sprintf("src-%d", s.seed), fmt.Sprintf("app-%d", s.seed)
	w.oldIndex = newOldIndex(t)
	w.source, w.sourceStage = w.open(t, "source", standing)
	w.target, w.targetStage = w.open(t, "target", standing)
	w.home = fault.HomeWithLogin(t, w.source.Host, w.target.Host)
	if s.op == "copy" {
		w.sourceStage.PutImages(t, w.src, images)
	} else {
		w.targetStage.PutImages(t, w.app, images)
	}
	tagged := map[string]fixture.Object{}
	for _, tag := range s.old {
		tagged[tag] = w.oldIndex
	}
	if s.op == "tag" {
		tagged[s.tags[0]] = newIndex
	}
	if s.into == "layout" {
		w.dir = fixture.WriteLayout(t, tagged)
		w.at = fault.CopyTarget{Reader: w.dir, Layout: w.dir}
		return w
	}
	for tag, index := range tagged {
		w.targetStage.Put(t, w.app, tag, index)
	}
	w.at = fault.CopyTarget{Reader: w.targetStage.Repository(w.app), Name: w.app, Registry: w.targetStage}
	return w
}

func newOldIndex(t *testing.T) fixture.Object {
	t.Helper()
	return fixture.NewIndex(t, fixture.OCI(), fixture.NewImage(t, fixture.OCI(), "chaos old", fixture.ParsePlatform("linux/amd64"), 1))
}

// open starts one of the registries, with the storage that it leads to.
func (w *chaosEnv) open(t *testing.T, name string, standing *registrytest.Registry) (*fault.Registry, *registrytest.Registry) {
	t.Helper()
	stage, handler := fault.NewBackend(t, standing)
	p := &fault.Registry{Backend: handler, Pick: w.picks(name)}
	storage, logins := fault.StartStorage(t, handler)
	p.Storage, w.logins = storage, append(w.logins, logins)
	return p.Open(t), stage
}

// run carries the operation out. In the rough run little time is given to a
// silent host.
func (w *chaosEnv) run(t *testing.T, roughly bool) fault.InProcessResult {
	t.Helper()
	target, source := w.target.Host+"/"+w.app, w.target.Host+"/"+w.app
	if w.into == "layout" {
		target = "oci-layout://" + string(w.dir)
	}
	if w.op == "copy" {
		source = w.source.Host + "/" + w.src
	}
	spec := w.images.Spec(target+":"+w.tags[0], source+":%s")
	if len(w.tags) > 1 {
		spec = fmt.Sprintf("tags: [%s]\n", strings.Join(w.tags[1:], ", ")) + spec
	}
	limit := fault.RunLimit
	if roughly {
		limit = 250 * time.Millisecond
	}
	return fault.InProcess{
		Args:   []string{"push", "from-spec", clitest.WriteSpec(t, "", spec), "--debug"},
		Home:   w.home,
		Timing: transport.Timing{ResponseHeader: limit, BlobResponse: limit, BodyIdle: limit},
	}.Run()
}

// stopFaults lets nothing go wrong any more.
func (w *chaosEnv) stopFaults() {
	for _, p := range []*fault.Registry{w.source, w.target} {
		p.ClearFaults()
	}
}

// before returns what a tag named before the run.
func (w *chaosEnv) before(tag string) digest.Digest {
	if w.op == "tag" && tag == w.tags[0] {
		return w.newIndex.Digest()
	}
	for _, old := range w.old {
		if old == tag {
			return w.oldIndex.Digest()
		}
	}
	return ""
}
