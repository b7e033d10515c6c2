//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
)

// TestFault77TwoProcessesRaceForATag has two processes push two indexes to one
// new tag at the same time, each of which expects that there is none yet. The
// tag is in the end what one of them says it is; the other one may say so too,
// when it looked before, or says who came first or last. RACE_ROUNDS is how
// often, 20 times by default.
func TestFault77TwoProcessesRaceForATag(t *testing.T) {
	t.Parallel()
	rounds := 20
	if text := os.Getenv("RACE_ROUNDS"); text != "" {
		var err error
		rounds, err = strconv.Atoi(text)
		must(t, err)
	}
	g := startOpen(t)
	images := newFleet(t, ociMedia(), "race")[:2]
	images.put(t, g, "app")
	lost := 0
	for round := range rounds {
		tag := fmt.Sprintf("race-%d", round)
		var runs [2]result
		var both sync.WaitGroup
		for i := range runs {
			file := specFile(t, "", images[i:i+1].spec(g.host+"/app:"+tag, g.host+"/app:%s"))
			both.Go(func() { runs[i] = manifestTool(t, "push", "--type", "oci", "--expect", "absent", "from-spec", file) })
		}
		both.Wait()
		now, _ := g.manifest(t, "app", tag)
		won := false
		for _, done := range runs {
			switch done.code {
			case 0:
				won = won || done.pushed(t) == now.Digest
			case 3:
				lost++
			default:
				t.Errorf("round %d: exit code %d\n%s", round, done.code, done.stderr)
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
