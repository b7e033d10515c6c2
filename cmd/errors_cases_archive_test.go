package cmd

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

// archive writes an archive of some files, in their order: a name, then the content, or
// "-> TARGET" for a link. It returns the path.
func (m *machine) archive(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: files[i], Mode: 0o644, Size: int64(len(files[i+1]))}
		if target, isLink := strings.CutPrefix(files[i+1], "-> "); isLink {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, target, 0
		}
		err := w.WriteHeader(h)
		if err == nil && h.Size > 0 {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return m.file(t, "images.tar", b.String())
}

// layoutArchive is an archive of a layout of testdata, without the file that has a
// text, if there is one.
func (m *machine) layoutArchive(t *testing.T, without string) string {
	t.Helper()
	root := os.DirFS("../testdata/layouts/linux-amd64")
	var files []string
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(root, name)
		if without == "" || !strings.Contains(string(raw), without) {
			files = append(files, name, string(raw))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m.archive(t, files...)
}

// archiveCase inspects the archive that pack writes.
func archiveCase(id, condition, prefix string, pack func(t *testing.T, m *machine) string) errorCase {
	return errorCase{id: id, condition: condition, run: func(t *testing.T, m *machine) outcome {
		return m.main("inspect", prefix+pack(t, m))
	}}
}

// filesCase inspects an archive of some files.
func filesCase(id, condition, prefix string, files ...string) errorCase {
	return archiveCase(id, condition, prefix, func(t *testing.T, m *machine) string { return m.archive(t, files...) })
}

// savedCase inspects a Docker archive with a config, one layer and a manifest.json.
func savedCase(id, condition, config, layer, manifest string) errorCase {
	return filesCase(id, condition, "docker-archive://", "config.json", config, "layer.tar", layer, "manifest.json", manifest)
}

func archiveCases() []errorCase {
	const oci, docker = "oci-archive://", "docker-archive://"
	const saved = `[{"Config":"config.json","RepoTags":["app:1"],"Layers":["layer.tar"]}]`
	config := `{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":["` + digest.FromString("layer").String() + `"]}}`
	return []errorCase{
		archiveCase("archive-missing", "the file of an archive does not exist", oci, func(_ *testing.T, m *machine) string { return m.dir + "/none.tar:1" }),
		archiveCase("archive-directory", "an archive is a directory", oci, func(_ *testing.T, m *machine) string { return m.dir }),
		typed("archive-pipe", "an archive is a pipe or a device", "inspect", docker+os.DevNull),
		archiveCase("archive-text", "an archive is another file", oci, func(t *testing.T, m *machine) string {
			return m.file(t, "images.tar", strings.Repeat("hello\n", 200))
		}),
		archiveCase("archive-xz", "an archive has another compression", oci, func(t *testing.T, m *machine) string {
			return m.file(t, "images.tar.xz", "\xfd7zXZ\x00"+strings.Repeat(" ", 100))
		}),
		archiveCase("archive-cut", "an archive is not complete", oci, func(t *testing.T, m *machine) string {
			path := m.layoutArchive(t, "")
			if err := os.Truncate(path, 3000); err != nil {
				t.Fatal(err)
			}
			return path
		}),
		filesCase("archive-outside", "an archive has a name that leads out of it", oci, "../../etc/cron.d/x", "x"),
		filesCase("archive-links", "a link of an archive leads to itself", docker, "manifest.json", "-> a", "a", "-> manifest.json"),
		filesCase("archive-twice", "an archive has two files of one name", docker, "manifest.json", "[]", "./manifest.json", "[]"),
		filesCase("archive-kind-docker", "a Docker archive is read as an OCI archive", oci, "manifest.json", "[]"),
		filesCase("archive-kind-oci", "an OCI archive is read as a Docker archive", docker, "oci-layout", "{}", "index.json", "{}"),
		filesCase("archive-other", "an archive is of something else", oci, "hello.txt", "hello"),
		filesCase("archive-other-docker", "an archive is of something else, and read as a Docker archive", docker, "hello.txt", "hello"),
		filesCase("archive-old", "a Docker archive is older than Docker 1.10", docker, "repositories", "{}"),
		archiveCase("archive-blob", "an archive does not have a blob that an image lists", oci, func(t *testing.T, m *machine) string {
			return m.layoutArchive(t, `"rootfs"`)
		}),
		savedCase("archive-layer", "a Docker archive does not have a layer that it lists", config, "layer", strings.Replace(saved, "layer.tar", "none.tar", 1)),
		savedCase("archive-layers", "a Docker archive has another number of layers", config, "layer", strings.Replace(saved, `["layer.tar"]`, "[]", 1)),
		savedCase("archive-json", "the manifest.json of a Docker archive cannot be read", config, "layer", "{"),
		savedCase("archive-zstd", "a Docker archive has a layer with zstd", config, "\x28\xb5\x2f\xfd layer", saved),
		filesCase("archive-ambiguous", "a Docker archive has several images", docker, "a.json", config, "b.json", config+" ", "layer.tar", "layer", "manifest.json",
			`[{"Config":"a.json","RepoTags":["app:1"],"Layers":["layer.tar"]},{"Config":"b.json","RepoTags":["web:1"],"Layers":["layer.tar"]}]`),
		archiveCase("archive-sparse", "an archive has a sparse file", oci, sparseArchive),
		archiveCase("archive-limit", "an archive has 70 000 files", oci, largeArchive),
		{id: "archive-bytes", condition: "a layer of an archive does not have the bytes of its digest", run: func(t *testing.T, m *machine) outcome {
			return m.spec(t, "image: TARGET\nmanifests:\n- image: "+docker+m.archive(t, "config.json", config, "layer.tar", "other", "manifest.json", saved)+"\n")
		}},
		targetCase("target-docker", "the target is a Docker archive", docker, func(_ *testing.T, m *machine) string { return m.dir + "/new.tar" }),
		targetCase("target-compressed", "the target is a compressed archive", oci, func(t *testing.T, m *machine) string {
			return m.file(t, "images.tar.gz", compress(t, m.layoutArchive(t, "")))
		}),
		targetCase("target-links", "the target is an archive with links", oci, func(t *testing.T, m *machine) string {
			return m.archive(t, "oci-layout", `{"imageLayoutVersion":"1.0.0"}`, "index.json", `{"schemaVersion":2,"manifests":[]}`, "link", "-> index.json")
		}),
	}
}

// targetCase pushes to an archive.
func targetCase(id, condition, prefix string, path func(t *testing.T, m *machine) string) errorCase {
	return errorCase{id: id, condition: condition, run: func(t *testing.T, m *machine) outcome {
		return m.main("push", "from-spec", m.file(t, "spec.yaml", "image: "+prefix+path(t, m)+":1\nmanifests:\n- image: "+amd64Source+"\n"))
	}}
}

// compress returns a file compressed with gzip.
func compress(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err = w.Write(raw)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sparseArchive has a file of which GNU tar has left out the zeros.
func sparseArchive(t *testing.T, m *machine) string {
	t.Helper()
	header := make([]byte, 512)
	copy(header, "sparse")
	copy(header[124:], "00000001000\x00")
	header[156] = tar.TypeGNUSparse
	copy(header[257:], "ustar  \x00")
	copy(header[386:], "00000000000\x0000000001000\x00")
	copy(header[483:], "00000001000\x00")
	copy(header[148:], "        ")
	sum := 0
	for _, b := range header {
		sum += int(b)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
	return m.file(t, "images.tar", string(header)+strings.Repeat("x", 512)+strings.Repeat("\x00", 1024))
}

// largeArchive has more members than are read.
func largeArchive(t *testing.T, m *machine) string {
	t.Helper()
	one, err := os.ReadFile(m.archive(t, "a", ""))
	if err != nil {
		t.Fatal(err)
	}
	one[156] = tar.TypeFifo // of which there may be many with one name
	sum := 0
	copy(one[148:156], "        ")
	for _, b := range one[:512] {
		sum += int(b)
	}
	copy(one[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return m.file(t, "images.tar", strings.Repeat(string(one[:512]), 70_000))
}
