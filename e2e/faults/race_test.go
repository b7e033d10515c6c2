//go:build e2e

package faults

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault77TwoProcessesRaceForATag has two processes push two indexes to one
// new tag at the same time, each of which expects that there is none yet. The
// tag is in the end what one of them says it is; the other one may say so too,
// as a registry has no step that compares and writes, or says who came first or
// last. RACE_ROUNDS is how often, 20 times by default.
func TestFault77TwoProcessesRaceForATag(t *testing.T) {
	t.Parallel()
	rounds := 20
	if text := os.Getenv("RACE_ROUNDS"); text != "" {
		var err error
		rounds, err = strconv.Atoi(text)
		clitest.Must(t, err)
	}
	g := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "race")[:2]
	g.PutImages(t, "app", images)
	lost := 0
	for round := range rounds {
		tag := fmt.Sprintf("race-%d", round)
		var runs [2]clitest.Result
		var both sync.WaitGroup
		for i := range runs {
			file := clitest.WriteSpec(t, "", images[i:i+1].Spec(g.Host+"/app:"+tag, g.Host+"/app:%s"))
			both.Go(func() { runs[i] = clitest.Run(t, "push", "--type", "oci", "--expect", "absent", "from-spec", file) })
		}
		both.Wait()
		now, _ := g.Manifest(t, "app", tag)
		won := false
		for _, done := range runs {
			switch done.Code {
			case 0:
				won = won || done.PushedDigest(t) == now.Digest
			case 3:
				lost++
			default:
				t.Errorf("round %d: exit code %d\n%s", round, done.Code, done.Stderr)
			}
		}
		if !won {
			t.Errorf("round %d: the tag names %s, which nobody says\n%+v", round, now.Digest, runs)
		}
	}
	t.Logf("%d rounds, %d pushes said that they had lost", rounds, lost)
	if lost == 0 {
		t.Error("no push ever met the other: this is no race")
	}
}

// TestFault77OneOfManyWritersOfALayoutWins has processes push to a layout at the
// same time, all of which expect what was there before: nothing at first, then
// what the round before has left. One wins each time, and sets all its tags; the
// others set none.
func TestFault77OneOfManyWritersOfALayoutWins(t *testing.T) {
	t.Parallel()
	const rounds, writers = 5, 6
	images := fixture.NewImageSet(t, fixture.OCI(), "race")
	from := fixture.WriteLayout(t, images.ByTag())
	to := fixture.Layout(filepath.Join(t.TempDir(), "new"))
	target, expect := "oci-layout://"+string(to)+":1", "absent"
	for round := range rounds {
		runs := make([]clitest.Result, writers)
		var all sync.WaitGroup
		for i := range runs {
			note := fmt.Sprintf("annotations: {writer: \"%d of round %d\"}\ntags: [2, 3]\n", i, round)
			file := clitest.WriteSpec(t, "", note+images.Spec(target, "oci-layout://"+string(from)+":%s"))
			all.Go(func() { runs[i] = clitest.Run(t, "push", "--expect", expect, "from-spec", file) })
		}
		all.Wait()
		now := to.ResolveTag(t, "1")
		won := 0
		for _, done := range runs {
			switch done.Code {
			case 0:
				won++
				clitest.WantText(t, "digest of the tag", now.String(), done.PushedDigest(t).String())
			case 3:
				done.WantStderr(t, "not to the expected "+expect, "written")
				clitest.WantText(t, "stdout", "", done.Stdout)
			default:
				t.Errorf("round %d: exit code %d\n%s", round, done.Code, done.Stderr)
			}
		}
		if won != 1 {
			t.Errorf("round %d: %d writers won", round, won)
		}
		for _, tag := range []string{"2", "3"} {
			clitest.WantText(t, "digest of tag "+tag, now.String(), to.ResolveTag(t, tag).String())
		}
		expect = now.String()
	}
}

// TestFault77AnotherPushComesFirstOrLast has the tag of a real registry set by
// another push at one of the three looks at it: while the images are copied, and
// right after it was written. The further tag is left alone then.
func TestFault77AnotherPushComesFirstOrLast(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := fixture.WriteLayout(t, images.ByTag())
	other := images[0].Image
	open.Put(t, "app", "other", other)
	for name, c := range map[string]struct {
		look      int32
		says, tag string
	}{
		"while-it-copies": {2, "another push came first; no tag was written", "while-it-copies      not written: "},
		"after-its-put":   {3, "another push came after this one", "after-its-put        lost: "},
	} {
		var looks atomic.Int32
		g, _ := open.BehindProxy(t, func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodHead && strings.HasSuffix(r.URL.Path, "/manifests/"+name) && looks.Add(1) == c.look {
				open.PutManifest(t, "app", name, other.MediaType, other.Raw)
			}
			return false
		})
		spec := clitest.WriteSpec(t, g.Host, "tags: [further]\n"+images.Spec("REGISTRY/app:"+name, "oci-layout://"+string(from)+":%s"))
		done := clitest.Run(t, "push", "--expect", "absent", "from-spec", spec)
		done.WantCode(t, 3)
		done.WantStderr(t, c.says, other.Digest().String(), c.tag)
		now, _ := open.Manifest(t, "app", name)
		clitest.WantText(t, "digest of the tag", other.Digest().String(), now.Digest.String())
		open.WantAbsent(t, "app", "further")
	}
}
