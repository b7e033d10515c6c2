//go:build e2e

package e2e

import (
	"fmt"
	"manifest-tool/internal/store/transport"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
)

// chaosEnv is where a schedule plays: two registries that things go wrong in, and
// a layout.
type chaosEnv struct {
	schedule
	source, target           *faultyRegistry
	sourceStage, targetStage *registry
	dir                      layout
	at                       killTarget
	src, app                 string // the repositories
	home                     string
	logins                   []*atomic.Int64
	images                   imageSet
	oldIndex, newIndex       object
}

// newChaosEnv makes the content of a schedule. The new index is as the product
// writes it. Both registries are in memory, or the real one with repositories
// of the schedule's own.
func newChaosEnv(t *testing.T, s schedule, images imageSet, newIndex object, standing *registry) *chaosEnv {
	t.Helper()
	w := &chaosEnv{schedule: s, images: images, newIndex: newIndex}
	w.src, w.app = fmt.Sprintf("src-%d", s.seed), fmt.Sprintf("app-%d", s.seed)
	w.oldIndex = newOldIndex(t)
	w.source, w.sourceStage = w.open(t, "source", standing)
	w.target, w.targetStage = w.open(t, "target", standing)
	w.home = homeWithSecrets(t, w.source.Host, w.target.Host)
	if s.op == "copy" {
		w.sourceStage.PutImages(t, w.src, images)
	} else {
		w.targetStage.PutImages(t, w.app, images)
	}
	tagged := map[string]object{}
	for _, tag := range s.old {
		tagged[tag] = w.oldIndex
	}
	if s.op == "tag" {
		tagged[s.tags[0]] = newIndex
	}
	if s.into == "layout" {
		w.dir = writeLayout(t, tagged)
		w.at = killTarget{place: w.dir, Layout: w.dir}
		return w
	}
	for tag, index := range tagged {
		w.targetStage.Put(t, w.app, tag, index)
	}
	w.at = killTarget{place: w.targetStage.Repository(w.app), Name: w.app, Registry: w.targetStage}
	return w
}

func newOldIndex(t *testing.T) object {
	t.Helper()
	return newIndex(t, ociMedia(), newImage(t, ociMedia(), "chaos old", platform("linux/amd64"), 1))
}

// open starts one of the registries, with the storage that it leads to.
func (w *chaosEnv) open(t *testing.T, name string, standing *registry) (*faultyRegistry, *registry) {
	t.Helper()
	stage, handler := matrixBackend(t, standing)
	p := &faultyRegistry{Backend: handler, Pick: w.picks(name)}
	storage, logins := storageHost(t, handler)
	p.Storage, w.logins = storage, append(w.logins, logins)
	return p.Open(t), stage
}

// run carries the operation out. In the rough run little time is given to a
// silent host.
func (w *chaosEnv) run(t *testing.T, roughly bool) insideResult {
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
	limit := insideLimit
	if roughly {
		limit = 250 * time.Millisecond
	}
	return inside{
		Args:   []string{"push", "from-spec", specFile(t, "", spec), "--debug"},
		Home:   w.home,
		Timing: transport.Timing{ResponseHeader: limit, BlobResponse: limit, BodyIdle: limit},
	}.Run()
}

// stopFaults lets nothing go wrong any more.
func (w *chaosEnv) stopFaults() {
	for _, p := range []*faultyRegistry{w.source, w.target} {
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
