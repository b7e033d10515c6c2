//go:build e2e

package realimages

import (
	_ "embed"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"manifest-tool/e2e/internal/clitest"
)

// openText lists runs whose fault is known: TAG MODE REASON.
//
//go:embed open.txt
var openText string

// contentEnv is the environment variable with the directory that fetch prints.
const contentEnv = "REAL_IMAGES"

// TestRealImages runs verify on every image in both modes. REAL_IMAGES_ONLY is a
// regular expression of the tags to run.
func TestRealImages(t *testing.T) {
	images := selected(t)
	content := os.Getenv(contentEnv)
	if content == "" {
		t.Skip("needs packages of Debian and npm: run make test-binaries")
	}
	layers := openCache(t, content)
	layers.add(t, images)
	store := newStore(t, layers)
	var runs []run
	var entries []ocispec.Descriptor
	for _, i := range images {
		entries = append(entries, store.add(t, i))
		for _, mode := range modes() {
			runs = append(runs, run{image: i, mode: mode})
		}
	}
	store.writeIndex(t, entries)
	verifyAll(t, store, runs)
	fmt.Print(countTable(runs))
	reportFaults(t, runs)
}

// selected returns the images whose tags match REAL_IMAGES_ONLY.
func selected(t *testing.T) []image {
	t.Helper()
	var images []image
	only, err := regexp.Compile(os.Getenv(contentEnv + "_ONLY"))
	clitest.Must(t, err)
	known := map[string]bool{}
	for _, i := range slices.Concat(readImages(t, "*"), mislabelledBases(t), mislabelledPrograms(t, readImages(t, "debian")), mislabelledPrograms(t, readImages(t, "starting"))) {
		if !only.MatchString(i.tag) {
			continue
		}
		if known[i.tag] {
			t.Fatalf("two images are called %s", i.tag)
		}
		known[i.tag] = true
		images = append(images, i)
	}
	return images
}

// verifyAll runs verify as often at a time as the machine has processors.
func verifyAll(t *testing.T, s *store, runs []run) {
	t.Helper()
	session := clitest.Session{Home: t.TempDir()}
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	for n := range runs {
		group.Go(func() error {
			runs[n] = verify(t, session, s.reference(runs[n].image), runs[n])
			return nil
		})
	}
	_ = group.Wait()
}

// reportFaults fails the test for each fault that open.txt does not have, and
// for each of its rows that is not needed any more.
func reportFaults(t *testing.T, runs []run) {
	t.Helper()
	open := map[string]bool{}
	for line := range strings.Lines(openText) {
		if f := strings.Fields(line); len(f) > 2 && f[0] != "#" {
			open[f[0]+" "+f[1]] = true
		}
	}
	for _, r := range runs {
		name := r.image.tag + " " + r.mode
		switch {
		case r.fault != "" && !open[name]:
			t.Errorf("%s: %s", name, r.fault)
		case r.fault != "":
			t.Logf("open: %s: %s", name, r.fault)
		case open[name]:
			t.Errorf("%s is in open.txt and has no fault any more", name)
		}
	}
}
