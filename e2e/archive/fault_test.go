//go:build e2e

package archive

import (
	"archive/tar"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fault"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// hostile are archives that must not be used, with what is said of each.
func hostile(t *testing.T) map[string][2]string {
	t.Helper()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	layout := fixture.WriteLayout(t, images.ByTag())
	good, err := os.ReadFile(layout.Pack(t))
	clitest.Must(t, err)
	write := func(content []byte) string {
		path := filepath.Join(t.TempDir(), "images.tar")
		clitest.Must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	member := func(h tar.Header) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		clitest.Must(t, w.WriteHeader(&h))
		return append(b.Bytes(), good...)
	}
	layer := fixture.BlobPath(digest.FromBytes(images[0].Image.Blobs[0]))
	layout.WriteFile(t, layer, bytes.Repeat([]byte("x"), len(images[0].Image.Blobs[0])))
	return map[string][2]string{
		"truncated":   {write(good[:len(good)/2]), "it is truncated"},
		"cut gzip":    {write(cut(t, fixture.Compress(t, write(good), "gzip"))), "it is truncated"},
		"a text":      {write([]byte(strings.Repeat("hello\n", 1000))), "it is not a tar archive"},
		"outside":     {write(member(tar.Header{Name: "../../etc/x", Typeflag: tar.TypeReg})), "leads out of the archive"},
		"absolute":    {write(member(tar.Header{Name: "/etc/x", Typeflag: tar.TypeSymlink, Linkname: "y"})), "leads out of the archive"},
		"links":       {write(member(tar.Header{Name: "index.json", Typeflag: tar.TypeSymlink, Linkname: "index.json"})), "two members of one name"},
		"huge":        {write(member(tar.Header{Name: "blobs/x", Typeflag: tar.TypeReg, Size: 1 << 50})), "it is truncated"},
		"a bomb":      {bomb(t), "200 times its size after decompression"},
		"wrong bytes": {layout.Pack(t), "another digest"},
	}
}

func cut(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	clitest.Must(t, err)
	return raw[:len(raw)-9]
}

// bomb is an archive of 600 MB of zeros in less than a megabyte.
func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	clitest.Must(t, w.WriteHeader(&tar.Header{Name: "blobs/x", Typeflag: tar.TypeReg, Size: 600 << 20}))
	head := filepath.Join(t.TempDir(), "bomb.tar")
	// Members of gzip follow each other: one of the header, and many of zeros.
	clitest.Must(t, os.WriteFile(head, b.Bytes(), 0o600))
	zeros := filepath.Join(t.TempDir(), "zeros")
	clitest.Must(t, os.WriteFile(zeros, make([]byte, 20<<20), 0o600))
	first, err := os.ReadFile(fixture.Compress(t, head, "gzip"))
	clitest.Must(t, err)
	more, err := os.ReadFile(fixture.Compress(t, zeros, "gzip"))
	clitest.Must(t, err)
	clitest.Must(t, os.WriteFile(head, append(first, bytes.Repeat(more, 30)...), 0o600))
	return head
}

// TestFault128AHostileArchiveIsBadInput pushes from archives that must not be used: to a
// registry, where no manifest is written, and to an archive, of which nothing is left.
func TestFault128AHostileArchiveIsBadInput(t *testing.T) {
	t.Parallel()
	g, seen := registrytest.StartOpen(t).BehindProxy(t, nil)
	n := 0
	for name, bad := range hostile(t) {
		n++
		dir := t.TempDir()
		for _, target := range []string{g.Host + fmt.Sprintf("/app%d:1", n), "oci-archive://" + dir + "/new.tar:1"} {
			spec := clitest.WriteSpec(t, g.Host, "image: "+target+"\nmanifests:\n- image: oci-archive://"+bad[0]+":amd64\n")
			used, done := clitest.PeakMemory(t, "push", "from-spec", spec)
			done.WantCode(t, 2)
			done.WantStderr(t, bad[1])
			done.WantStderr(t, "hint: ")
			if used > clitest.MemoryLimit+(32<<10) {
				t.Errorf("%s: it takes %d KiB", name, used)
			}
		}
		wantFiles(t, dir)
	}
	if put := seen.Matching(func(r registrytest.Request) bool {
		return r.Method == http.MethodPut && strings.Contains(r.Path, "/manifests/")
	}); len(put) > 0 {
		t.Errorf("manifests were written: %+v", put)
	}
}

// wantFiles fails unless a directory has these files and no others.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	clitest.Must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	clitest.WantText(t, "files of "+dir, strings.Join(want, " "), strings.Join(names, " "))
}

// job is a push of images of a registry to an archive that has another image.
type job struct {
	images fixture.ImageSet
	dir    string
	before []byte
}

func newJob(t *testing.T, source *registrytest.Registry) job {
	t.Helper()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	source.PutImages(t, "app", images)
	j := job{images: images, dir: t.TempDir()}
	clitest.Must(t, os.Rename(fixture.WriteLayout(t, map[string]fixture.Object{"old": images[0].Image}).Pack(t), j.path()))
	var err error
	j.before, err = os.ReadFile(j.path())
	clitest.Must(t, err)
	return j
}

func (j job) path() string { return filepath.Join(j.dir, "a.tar") }

func (j job) spec(t *testing.T, host string) string {
	t.Helper()
	return clitest.WriteSpec(t, host, j.images.Spec("oci-archive://"+j.path()+":all", "REGISTRY/app:%s"))
}

// wantUnchanged fails unless the archive is as it was, and alone.
func (j job) wantUnchanged(t *testing.T) {
	t.Helper()
	wantFiles(t, j.dir, "a.tar")
	after, err := os.ReadFile(j.path())
	clitest.Must(t, err)
	if !bytes.Equal(j.before, after) {
		t.Error("the archive was changed")
	}
}

// wantPushed fails unless the archive has the images and what it had.
func (j job) wantPushed(t *testing.T, done clitest.Result) {
	t.Helper()
	wantFiles(t, j.dir, "a.tar")
	archive := fixture.ReadArchive(t, j.path())
	j.images.WantPushed(t, done, archive)
	tags := archive.Tags(t)
	clitest.WantText(t, "the tag that was there", j.images[0].Image.Digest().String(), tags["old"].String())
	clitest.WantText(t, "the new tag", done.PushedDigest(t).String(), tags["all"].String())
}

// TestFault130AnInterruptedPushLeavesTheArchive ends a push at several of its requests,
// before anything is stored and in the middle of it.
func TestFault130AnInterruptedPushLeavesTheArchive(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	all := &fault.Killer{}
	behind, _ := g.BehindProxy(t, all.Intercept)
	first := newJob(t, g)
	first.wantPushed(t, all.Run(t, "push", "from-spec", first.spec(t, behind.Host)).Result)
	j := newJob(t, g)
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGKILL} {
		for _, nth := range []int{2, all.Seen / 2, all.Seen - 1} {
			e := &fault.Killer{Nth: nth, Signal: signal}
			behind, _ := g.BehindProxy(t, e.Intercept)
			done := e.Run(t, "push", "from-spec", j.spec(t, behind.Host))
			if !done.Reached || done.Code == 0 {
				t.Errorf("%v at request %d of %d: exit code %d, reached %v", signal, nth, all.Seen, done.Code, done.Reached)
			}
			j.wantUnchanged(t)
		}
	}
	j.wantPushed(t, clitest.Run(t, "push", "from-spec", j.spec(t, g.Host)))
}

// TestFault130AFullDiskLeavesTheArchive limits the size of files, so that a blob does
// not fit, or the archive.
func TestFault130AFullDiskLeavesTheArchive(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	j := newJob(t, g)
	failed := 0
	for _, blocks := range []string{"2", "20"} { // of 1024 bytes
		done := clitest.Session{}.RunProgram(t, "/bin/sh", "-c", `ulimit -f "$0" && exec "$@"`, blocks, clitest.Binary(), "push", "from-spec", j.spec(t, g.Host))
		if done.Code == 1 && strings.Contains(done.Stderr, "writing ") && strings.Contains(done.Stderr, "file too large") {
			failed++
		}
		j.wantUnchanged(t)
	}
	if failed != 2 {
		t.Errorf("%d of 2 pushes report the disk", failed)
	}
	j.wantPushed(t, clitest.Run(t, "push", "from-spec", j.spec(t, g.Host)))
}

// TestTargetIsCheckedFirst has several targets, of which one cannot be written: nothing
// is written to the others either.
func TestTargetIsCheckedFirst(t *testing.T) {
	t.Parallel()
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	from := fixture.WriteLayout(t, images.ByTag())
	dir := t.TempDir()
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "notes"), []byte("notes"), 0o600))
	for target, want := range map[string]string{
		"docker-archive://" + dir + "/new.tar":                       "it can only be read",
		"oci-archive://" + fixture.Compress(t, from.Pack(t), "gzip"): "the archive is compressed",
		"oci-archive://" + dir + "/notes":                            "it is not a tar archive",
		"oci-archive://" + dir:                                       "it is a directory",
	} {
		spec := clitest.WriteSpec(t, "", images.Spec("oci-layout://"+dir+"/layout:1", "oci-layout://"+string(from)+":%s")+"targets: ["+target+":1]\n")
		for _, flags := range [][]string{{"push"}, {"push", "--dry-run"}} {
			done := clitest.Run(t, append(flags, "from-spec", spec)...)
			done.WantCode(t, 2)
			done.WantStderr(t, want)
		}
		wantFiles(t, dir, "notes")
	}
}

// TestALinkToANewArchiveIsKept pushes to a symbolic link whose file does not exist yet.
func TestALinkToANewArchiveIsKept(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not let every user create links")
	}
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	dir := t.TempDir()
	clitest.Must(t, os.Symlink("new.tar", filepath.Join(dir, "link.tar")))
	source := "oci-layout://" + string(fixture.WriteLayout(t, images.ByTag())) + ":" + images[0].Tag
	for _, tag := range []string{"1", "2"} {
		clitest.Run(t, "push", "from-images", "oci-archive://"+dir+"/link.tar:"+tag, source).WantCode(t, 0)
		to, err := os.Readlink(filepath.Join(dir, "link.tar"))
		clitest.Must(t, err)
		clitest.WantText(t, "the link", "new.tar", to)
		if _, there := fixture.ReadArchive(t, filepath.Join(dir, "new.tar")).Tags(t)[tag]; !there {
			t.Errorf("new.tar has no tag %s", tag)
		}
	}
}
