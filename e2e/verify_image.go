//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"sort"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// files are the entries of a layer by name. A name that ends in a slash is a
// folder, a content that begins with "-> " a symlink, other contents are
// programs.
type files map[string]string

// tar returns the layer as an archive, in the order of the names.
func (f files) tar(t *testing.T) []byte {
	t.Helper()
	var names []string
	for name := range f {
		names = append(names, name)
	}
	sort.Strings(names)
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range names {
		h := &tar.Header{Name: name, Mode: 0o755, Typeflag: tar.TypeReg, Size: int64(len(f[name]))}
		target, isLink := strings.CutPrefix(f[name], "-> ")
		switch {
		case isLink:
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, target, 0
		case strings.HasSuffix(name, "/"):
			h.Typeflag = tar.TypeDir
		}
		must(t, w.WriteHeader(h))
		if h.Size > 0 {
			_, err := w.Write([]byte(f[name]))
			must(t, err)
		}
	}
	must(t, w.Close())
	return out.Bytes()
}

// gzipped compresses bytes with gzip.
func gzipped(t *testing.T, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(plain)
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

// runnableImage makes an image of a config and of layers, lowest first.
func runnableImage(t *testing.T, config ocispec.Image, layers ...files) object {
	t.Helper()
	family := ociMedia()
	var blobs [][]byte
	var descriptors []ocispec.Descriptor
	config.RootFS.Type = "layers"
	for _, layer := range layers {
		plain := layer.tar(t)
		blob := gzipped(t, plain)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, digest.FromBytes(plain))
		descriptors, blobs = append(descriptors, describe(family.layer, blob)), append(blobs, blob)
	}
	return manifestOf(t, family.manifest, family.config, encode(t, config), descriptors, blobs, config.Platform)
}

// configFor is the config of an image of a platform that starts a command.
func configFor(build string, command ...string) ocispec.Image {
	return ocispec.Image{Platform: platform(build), Config: ocispec.ImageConfig{Entrypoint: command}}
}

// startedIn is started in a working directory.
func startedIn(dir, build string, command ...string) ocispec.Image {
	config := configFor(build, command...)
	config.Config.WorkingDir = dir
	return config
}

// declared returns an object whose entry declares another platform than its
// config.
func (o object) declared(build string) object {
	p := platform(build)
	o.platform = &p
	return o
}

// verification is the part of a verify/v1 document that tests look at. Its
// fields are written again here on purpose: what is published must not change
// with the product's structs.
type verification struct {
	Images []struct {
		Name     string        `json:"name"`
		Digest   digest.Digest `json:"digest"`
		Error    string        `json:"error"`
		Findings []finding     `json:"findings"`
		Entries  []struct {
			Digest   digest.Digest `json:"digest"`
			Kind     string        `json:"kind"`
			Verdict  string        `json:"verdict"`
			Programs []struct {
				Role          string `json:"role"`
				Path          string `json:"path"`
				Platform      string `json:"platform"`
				Compatibility string `json:"compatibility"`
			} `json:"programs"`
			Counts []struct {
				Platform      string   `json:"platform"`
				Compatibility string   `json:"compatibility"`
				Count         int      `json:"count"`
				Paths         []string `json:"paths"`
			} `json:"counts"`
		} `json:"entries"`
	} `json:"images"`
	Summary struct{ Errors, Warnings, Infos int } `json:"summary"`
}

type finding struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Entry    *struct {
		Platform string        `json:"platform"`
		Digest   digest.Digest `json:"digest"`
	} `json:"entry"`
	Field    string `json:"field"`
	Subject  string `json:"subject"`
	Expected string `json:"expected"`
	Actual   string `json:"actual"`
	Evidence string `json:"evidence"`
	Message  string `json:"message"`
}

// verify runs the command with -o json and returns what it printed.
func (s session) verify(t *testing.T, code int, args ...string) verification {
	t.Helper()
	done := s.manifestTool(t, append([]string{"verify", "-o", "json"}, args...)...)
	done.wantCode(t, code)
	var v verification
	if err := json.Unmarshal([]byte(done.stdout), &v); err != nil {
		t.Fatalf("%v: %s", err, done.stdout)
	}
	wantSchema(t, "verify", done.stdout)
	return v
}

// codes are the findings of an image as "code platform field subject".
func (v verification) codes() []string {
	var all []string
	for _, image := range v.Images {
		for _, f := range image.Findings {
			words := []string{f.Code}
			if f.Entry != nil {
				words = append(words, f.Entry.Platform)
			}
			if f.Field != "" {
				words = append(words, f.Field)
			}
			if !strings.HasPrefix(f.Subject, "sha256:") && f.Subject != "" {
				words = append(words, f.Subject)
			}
			all = append(all, strings.Join(words, " "))
		}
	}
	sort.Strings(all)
	return all
}
