//go:build e2e

package plugin

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"go.yaml.in/yaml/v3"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// rejected are the renderings that are not specs of an image, with the message.
func rejected(name string) string {
	return map[string]string{
		// Pipelines with this template run for tags only.
		"tag-only.branch":  specPath + " (rendered):1: this is not YAML",
		"tag-only.release": specPath + " (rendered):1: this is not YAML",
		"tag-only.pull":    specPath + " (rendered):1: this is not YAML",
		"branches.release": specPath + " (rendered):1: the spec is empty",
		// The name of the branch has a slash.
		"config-target.release": "invalid reference format",
	}[name]
}

// TestTemplates runs each template of testdata/plugin for each build. The setting dump
// prints the expected file, and what it describes is pushed.
func TestTemplates(t *testing.T) {
	t.Parallel()
	g := registrytest.StartOpen(t)
	templates, err := filepath.Glob(clitest.RepoPath("testdata", "plugin", "*.tmpl"))
	if err != nil || len(templates) < 10 {
		t.Fatalf("%d templates: %v", len(templates), err)
	}
	for _, path := range templates {
		template := strings.TrimSuffix(filepath.Base(path), ".tmpl")
		builds := []string{"tag", "branch", "pull"}
		if text := readFile(t, "", template+".tmpl"); strings.Contains(text, "build.ref") || strings.Contains(text, "build.branch") {
			builds = append(builds, "release") // else it is that of branch
		}
		for _, build := range builds {
			name := template + "." + build
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				runTemplate(t, g, name, build)
			})
		}
	}
}

func runTemplate(t *testing.T, g *registrytest.Registry, name, build string) {
	template, _, _ := strings.Cut(name, ".")
	host := g.Host + "/" + build
	want := readFile(t, host, "expected", name+".yaml")
	s := step{
		files: map[string]string{specPath: readFile(t, host, template+".tmpl")},
		env:   append(buildVariables(t, build), "PLUGIN_SPEC="+specPath, "PLUGIN_DUMP=true", "PLUGIN_TARGET=store"),
	}
	if template == "tags-file" {
		s.files[".tags"] = "nightly\n"
		s.env = append(s.env, "PLUGIN_AUTO_TAG=", "PLUGIN_DEFAULT_TAGS=")
	}
	var pushed rendered
	var images []fixture.Object
	message := rejected(name)
	if message == "" {
		clitest.Must(t, yaml.Unmarshal([]byte(want), &pushed))
		images = pushed.putImages(t, g)
	}
	done := s.run(t)
	done.WantStderr(t, want)
	if message != "" {
		done.WantCode(t, 2)
		done.WantStderr(t, message)
		clitest.WantText(t, "stdout", "", done.Stdout)
		return
	}
	digest := done.PushedDigest(t)
	for _, tag := range pushed.tags() {
		if got, _ := g.Manifest(t, pushed.repository(), tag); got.Digest != digest {
			t.Errorf("%s is %s, pushed is %s", tag, got.Digest, digest)
		}
	}
	fixture.WantEntries(t, fixture.WantComplete(t, g.Repository(pushed.repository()), digest), images...)
}

// rendered is a rendered template.
type rendered struct {
	Image     string
	Tags      []string
	Manifests []struct {
		Image    string
		Platform struct{ OS, Architecture, Variant, Version string }
	}
}

// split returns repository and tag of a name HOST/REPOSITORY[:TAG].
func split(name string) (repository, tag string) {
	_, path, _ := strings.Cut(name, "/")
	repository, tag, _ = strings.Cut(path, ":")
	return repository, tag
}

func (r rendered) repository() string {
	repository, _ := split(r.Image)
	return repository
}

// tags returns the tags of the index, each once.
func (r rendered) tags() []string {
	all := slices.Clone(r.Tags)
	if _, tag := split(r.Image); tag != "" {
		all = append(all, tag)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// putImages stores the images that a rendered template names, and returns them.
func (r rendered) putImages(t *testing.T, g *registrytest.Registry) []fixture.Object {
	t.Helper()
	var images []fixture.Object
	for _, m := range r.Manifests {
		p := ocispec.Platform{OS: m.Platform.OS, Architecture: m.Platform.Architecture, Variant: m.Platform.Variant}
		repository, tag := split(m.Image)
		switch {
		case p.OS == "": // as the template of Go: it is that of the config
			at := strings.LastIndexAny(tag, ":-")
			p = ocispec.Platform{OS: "linux", Architecture: tag[at+1:]}
		case m.Platform.Version == "1809":
			p.OSVersion = "10.0.17763.6054"
		case m.Platform.Version != "":
			p.OSVersion = "10.0.20348.2582"
		}
		image := fixture.NewImage(t, fixture.Docker(), m.Image, p, 1)
		images = append(images, image)
		g.Put(t, repository, tag, image)
	}
	return images
}
