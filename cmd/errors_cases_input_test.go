package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/manifest/manifesttest"
	"manifest-tool/internal/reference"
)

// typed is a case of a command line that needs nothing else.
func typed(id, condition string, args ...string) errorCase {
	return errorCase{id: id, condition: condition, run: func(_ *testing.T, m *machine) outcome { return m.main(args...) }}
}

func referenceCases() []errorCase {
	return []errorCase{
		typed("ref-without-tag", "a name without tag and digest", "inspect", "registry.example.com/app"),
		typed("ref-host", "a `_` in the name of the host", "inspect", "my_registry:5000/app:1"),
		typed("ref-tag", "a `+` in the tag, as in versions", "inspect", "registry.example.com/app:1.0+build.3"),
		typed("ref-digest", "a digest without its algorithm", "inspect", "registry.example.com/app@"+strings.Repeat("0123456789abcdef", 4)),
		typed("ref-https", "the address as in a browser", "inspect", "https://registry.example.com/app:1"),
		typed("ref-http", "an address with `http://`", "inspect", "http://registry.example.com/app:1"),
		typed("ref-docker", "`docker://` twice", "inspect", "docker://docker://registry.example.com/app:1"),
		typed("ref-docker-path", "`docker:` and a `/` before the name", "inspect", "docker:/app:1"),
		typed("ref-layout-tag", "a `+` in the tag of a layout", "inspect", "oci-layout://app:1+0"),
		typed("ref-scheme", "another scheme", "inspect", "ftp://registry.example.com/app:1"),
		typed("ref-oci", "skopeo's name for a layout", "inspect", "oci:./dir:1"),
		typed("ref-dir", "skopeo's name for a directory", "inspect", "dir:./images"),
		typed("ref-archive", "skopeo's name for an archive", "inspect", "docker-archive:./images.tar"),
		typed("ref-ocifile", "regctl's name for an archive", "inspect", "ocifile:./images.tar"),
		typed("ref-tar", "the path of an archive", "inspect", "./images.tar:1"),
		typed("ref-storage", "skopeo's name for an image of this machine", "inspect", "docker-daemon:./app:1"),
		typed("ref-path", "the path of a layout", "inspect", "./dir:1"),
		{id: "ref-layout", condition: "the name of a directory that is a layout", run: func(t *testing.T, m *machine) outcome {
			return m.main("inspect", m.layoutCopy(t)+"_:1")
		}},
	}
}

// spec pushes a spec to a layout in the home directory.
func (m *machine) spec(t *testing.T, text string, flags ...string) outcome {
	t.Helper()
	args := append([]string{"push", "from-spec"}, flags...)
	args = append(args, m.file(t, "spec.yaml", strings.NewReplacer("TARGET", "oci-layout://"+m.dir+"/app:1", "oci-layout://LAYOUTS/", layouts).Replace(text)))
	return m.main(args...)
}

func specCase(id, condition, text string, flags ...string) errorCase {
	return errorCase{id: id, condition: condition, run: func(t *testing.T, m *machine) outcome { return m.spec(t, text, flags...) }}
}

// imageCase pushes an image with that config and one layer of that type.
func imageCase(id, condition, config, layer string) errorCase {
	return errorCase{id: id, condition: condition, run: func(t *testing.T, m *machine) outcome {
		t.Helper()
		r := manifesttest.NewRegistry(t)
		s := manifesttest.NewStore(t)
		at, err := reference.Parse(r.Host + "/app:1")
		if err != nil {
			t.Fatal(err)
		}
		s.Announce(at, true)
		manifesttest.PutManifest(t, s, at, ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, ocispec.Manifest{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
			Config: manifesttest.PutBlob(t, s, at, ocispec.MediaTypeImageConfig, []byte(config)),
			Layers: []ocispec.Descriptor{manifesttest.PutBlob(t, s, at, layer, []byte("a layer"))},
		}))
		return m.spec(t, "image: TARGET\nmanifests:\n- image: "+m.name("REGISTRY", r.Host)+"/app:1\n")
	}}
}

func variantCase(arch, variant string) errorCase {
	text := "image: TARGET\nmanifests:\n- image: " + amd64Source + "\n  platform: {os: linux, architecture: " + arch + ", variant: " + variant + "}\n"
	return specCase("variant-"+arch+"-"+variant, "variant "+variant+" of "+arch, text)
}

// putArtifact stores an artifact with an empty config.
func putArtifact(t *testing.T, ref, title string) {
	t.Helper()
	s := manifesttest.NewStore(t)
	at, err := reference.Parse(ref)
	if err != nil {
		t.Fatal(err)
	}
	s.Announce(at, true)
	empty := manifesttest.PutBlob(t, s, at, ocispec.MediaTypeEmptyJSON, []byte("{}"))
	manifesttest.PutManifest(t, s, at, ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		ArtifactType: "application/vnd.example.sbom", Config: empty, Layers: []ocispec.Descriptor{empty},
		Annotations: map[string]string{ocispec.AnnotationTitle: title},
	}))
}

const (
	amd64Source = "oci-layout://../testdata/layouts/linux-amd64:1.0"
	arm64Source = "oci-layout://../testdata/layouts/linux-arm64:1.0"
)

func fromArgs(platforms, template string, flags ...string) []string {
	return append([]string{"push", "from-args", "--platforms", platforms, "--template", template, "--target", "registry.example.com/app:1"}, flags...)
}

func specCases() []errorCase {
	one := "image: TARGET\nmanifests:\n- image: " + amd64Source + "\n"
	return []errorCase{
		specCase("platform-tags-field", "`--platform-tags` with a field that does not exist", "image: TARGET\nmanifests: [{image: 'oci-layout://LAYOUTS/linux-amd64:1.0'}]\n", "--platform-tags", "{{.Architecture}}"),
		specCase("platform-tags-equal", "`--platform-tags` with one tag for two images", "image: TARGET\nmanifests: [{image: 'oci-layout://LAYOUTS/linux-amd64:1.0'}, {image: 'oci-layout://LAYOUTS/linux-arm64:1.0'}]\n", "--platform-tags", "{{.Tag}}-{{.OS}}"),
		specCase("spec-required", "a required platform is missing", "image: TARGET\nrequire: [linux/arm64]\nmanifests: [{image: 'oci-layout://LAYOUTS/linux-amd64:1.0'}]\n"),
		specCase("spec-moved", "the tag of an image was moved", "image: TARGET\nmanifests: [{image: 'oci-layout://LAYOUTS/linux-amd64:1.0', digest: 'sha256:"+strings.Repeat("0", 64)+"'}]\n"),
		specCase("spec-variable", "`--expand-env`: a variable is not set", "image: TARGET\nmanifests: [{image: 'registry.example.com/app:${VERSION}'}]\n", "--expand-env"),
		specCase("spec-key-near", "a key that is nearly one of a spec", one+"  platfrom: {os: linux}\n"),
		specCase("spec-image", "an image without its key", "image: TARGET\nmanifests:\n- "+amd64Source+"\n"),
		specCase("spec-platform", "a platform in one word", one+"  platform: linux/amd64\n"),
		specCase("spec-tags", "a tag that is not in a list", "tags: latest\n"+one),
		specCase("spec-key", "an unknown key, with `--strict`", one+"  lifecycle: x\n", "--strict"),
		specCase("platform-variant", "an architecture that contradicts its variant", one+"  platform: {os: linux, architecture: armv7l, variant: v6}\n"),
		specCase("platform-short-key", "a short key that contradicts the image", one+"  platform: {os: linux, arch: arm64}\n"),
		specCase("platform-release", "the name of a Windows release as architecture", one+"  platform: {os: windows, architecture: ltsc2022}\n"),
		imageCase("platform-missing", "neither config nor spec has os and architecture", "{}", ocispec.MediaTypeImageLayer),
		imageCase("platform-attestation", "a source is an attestation", `{"os":"unknown","architecture":"unknown"}`, "application/vnd.in-toto+json"),
		specCase("platform-unknown", "an os or architecture that is not known", one+"  platform: {os: linux, architecture: sparc64}\n"),
		variantCase("arm", "v8"), variantCase("arm", "armhf"), variantCase("arm", "v7hf"), variantCase("amd64", "v8"), variantCase("amd64", "fast"), variantCase("arm64", "v7"), variantCase("arm64", "big"),
		variantCase("ppc64le", "le"), variantCase("riscv64", "v1"), variantCase("386", "i686"), variantCase("mips", "x"), variantCase("s390x", "v8"),
		specCase("variant-windows", "a Windows version as the variant", one+"  platform: {os: windows, architecture: amd64, variant: 1809}\n"),
		specCase("platform-windows-build", "an os.version that is not a build of Windows", one+"  platform: {os: windows, architecture: amd64, os.version: latest}\n"),
		specCase("platform-windows", "the name of a Windows version", one+"  platform: {os: windows, architecture: amd64, os.version: ltsc2022}\n"),
		specCase("platform-contradiction", "spec and image contradict each other, with `--strict`", one+"  platform: {os: linux, architecture: arm64}\n", "--strict"),
		specCase("duplicate-platform", "two images for one platform", one+"- image: "+arm64Source+"\n  platform: {os: linux, architecture: amd64}\n"),
		typed("duplicate-image", "a `--template` without placeholders", fromArgs("linux/amd64,linux/arm64", "registry.example.com/app:1")...),
		typed("template-braces", "a placeholder of `--template` in the form of a variable", fromArgs("linux/amd64", "registry.example.com/app:${OS}-${ARCH}")...),
		typed("arch-name", "an os in a key of --arch-name", fromArgs("linux/amd64", "registry.example.com/app-ARCH:1", "--arch-name", "linux/amd64=x86_64")...),
		typed("annotation", "an annotation without a value", fromArgs("linux/amd64", "registry.example.com/app-ARCH:1", "--annotations", "a")...),
		typed("annotation-level", "an annotation for the manifests of images", fromArgs("linux/amd64", "registry.example.com/app-ARCH:1", "--annotation", "manifest:a=b")...),
		typed("annotation-near", "a prefix that is nearly a level", fromArgs("linux/amd64", "registry.example.com/app-ARCH:1", "--annotation", "INDEX:a=b")...),
		specCase("annotation-index", "an annotation for another level than the index, in a spec", "image: TARGET\nannotations: {\"manifest-descriptor:a\": b}\nmanifests:\n- image: "+amd64Source+"\n"),
		specCase("annotation-entry", "an annotation for another level than an entry", one+"  annotations: {\"index:a\": b}\n"),
		specCase("docker-annotations", "annotations in a Docker list", "image: TARGET\nannotations: {a: b}\nmanifests:\n- image: "+amd64Source+"\n", "--type", "docker"),
		{id: "docker-entry", condition: "a Docker list cannot have a field of an entry", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			d := manifesttest.PutImage(t, r.Host+"/app:amd64", ocispec.MediaTypeImageManifest, manifesttest.Linux("amd64", ""))
			d.URLs, d.Platform = []string{"https://images.example.com/app"}, &ocispec.Platform{OS: "linux", Architecture: "amd64"}
			manifesttest.PutIndex(t, r.Host+"/app:all", d)
			return m.spec(t, "image: TARGET\nmanifests:\n- image: "+r.Host+"/app:all\n", "--type", "docker")
		}},
		{id: "artifact", condition: "an artifact without a declared platform", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			putArtifact(t, r.Host+"/app:sbom", "")
			return m.spec(t, "image: TARGET\nmanifests:\n- image: "+m.name("REGISTRY", r.Host)+"/app:sbom\n")
		}},
		{id: "duplicate-artifact", condition: "two artifacts of one type for one platform, with `--strict`", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			m.name("REGISTRY", r.Host)
			putArtifact(t, r.Host+"/app:a", "")
			putArtifact(t, r.Host+"/app:b", "b")
			entry := "- image: " + r.Host + "/app:TAG\n  platform: {os: linux, architecture: amd64}\n"
			return m.spec(t, "image: TARGET\nmanifests:\n"+strings.ReplaceAll(entry, "TAG", "a")+strings.ReplaceAll(entry, "TAG", "b"), "--strict")
		}},
		{id: "config", condition: "the config of an image is not JSON, and no platform is declared", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewRegistry(t)
			s := manifesttest.NewStore(t)
			at, err := reference.Parse(r.Host + "/app:1")
			if err != nil {
				t.Fatal(err)
			}
			s.Announce(at, true)
			config := manifesttest.PutBlob(t, s, at, ocispec.MediaTypeImageConfig, []byte("none"))
			manifesttest.PutManifest(t, s, at, ocispec.MediaTypeImageManifest, manifesttest.EncodeJSON(t, ocispec.Manifest{
				Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, Config: config, Layers: []ocispec.Descriptor{},
			}))
			return m.spec(t, "image: TARGET\nmanifests:\n- image: "+m.name("REGISTRY", r.Host)+"/app:1\n")
		}},
		{id: "same-image", condition: "one image is listed twice, with different annotations", run: func(t *testing.T, m *machine) outcome {
			return m.spec(t, one+"- image: "+amd64Source+"\n  annotations: {a: b}\n")
		}},
		{id: "findings", condition: "`--verify` finds an error", run: func(t *testing.T, m *machine) outcome {
			return m.spec(t, "image: TARGET\nmanifests:\n- image: oci-layout://../testdata/layouts/mislabelled:1.0\n", "--verify", "binaries")
		}},
	}
}

func settingCases() []errorCase {
	settings := func(id, condition, text string, args ...string) errorCase {
		return errorCase{id: id, condition: condition, run: func(t *testing.T, m *machine) outcome {
			return m.main(append([]string{"--config", m.file(t, "config.yaml", text)}, args...)...)
		}}
	}
	return []errorCase{
		typed("usage", "a command line that is not valid", "inspect"),
		typed("command", "an unknown command of a group", "auth", "nonsense"),
		typed("expand-config", "`--expand-config` without `--raw`", "inspect", "--expand-config", "registry.example.com/app:1"),
		typed("ignore-unknown", "a code for `--ignore` that is like none", "verify", "--ignore", "something", "registry.example.com/app:1"),
		typed("raw-output", "`--raw` together with `--output`", "inspect", "--raw", "--output", "yaml", "registry.example.com/app:1"),
		typed("login-without-user", "`login` without a user name, and without a terminal", "login", "registry.example.com"),
		typed("login-without-password", "`login` without a password, and without a terminal", "--username", "alice", "login", "registry.example.com"),
		typed("ignore", "an unknown code for `--ignore`", "verify", "--ignore", "platform-undeclard", "registry.example.com/app:1"),
		{id: "template", condition: "a template that names an unknown field", run: func(t *testing.T, m *machine) outcome {
			r := manifesttest.NewScripted(t)
			r.AddImage("1", "x")
			return m.main("inspect", "--output", "template={{.nam}}", r.Host+"/app:1")
		}},
		typed("github", "`--github` outside GitHub Actions", fromArgs("linux/amd64", "registry.example.com/app:OS-ARCH", "--github")...),
		settings("setting-value", "a setting has a value that is not valid", "jobs: many\n", "config"),
		settings("setting-near", "a key that is nearly one of the settings", "job: 3\n", "config"),
		settings("setting-key", "an unknown key in the settings", "something: 3\n", "config"),
		settings("setting-merge", "a merge key in the settings", "registries:\n- <<: {jobs: 3}\n  name: registry.example.com\n", "config"),
		settings("setting-password", "a password in the settings", "password: "+canary+"\n", "config"),
		settings("setting-userinfo", "a password in the name of a registry", "registries:\n- name: alice:"+canary+"@registry.example.com\n", "config"),
	}
}

func fileCases() []errorCase {
	return []errorCase{
		typed("certificate-file", "a certificate file that cannot be used", "--ca-file", "missing.pem", "inspect", "registry.example.com/app:1"),
		{id: "login-file", condition: "the file with the logins cannot be read, and was named", run: func(t *testing.T, m *machine) outcome {
			return m.main("--docker-cfg", m.file(t, "config.json", "{"), "inspect", "registry.example.com/app:1")
		}},
		typed("login-named", "the file of `--docker-cfg` does not exist", "--docker-cfg", "missing", "inspect", "registry.example.com/app:1"),
		{id: "layout-missing", condition: "the directory of a layout does not exist", run: func(_ *testing.T, m *machine) outcome {
			return m.main("inspect", "oci-layout://"+m.dir+"/none:1")
		}},
		{id: "layout-manifest", condition: "a layout does not have a manifest that it lists", run: func(t *testing.T, m *machine) outcome {
			m.damagedLayout(t, `"layers"`)
			return m.main("inspect", "oci-layout://"+m.dir+"/layout:1.0")
		}},
		typed("layout-digest", "a layout does not have the manifest of a digest", "inspect", "oci-layout://../testdata/layouts/linux-amd64@sha256:"+strings.Repeat("0", 64)),
		{id: "layout-blob", condition: "a layout does not have a blob that an image lists", run: func(t *testing.T, m *machine) outcome {
			m.damagedLayout(t, `"rootfs"`)
			return m.main("inspect", "oci-layout://"+m.dir+"/layout:1.0")
		}},
		{id: "system-file", condition: "the settings of another program cannot be read, with `--strict`", run: func(t *testing.T, m *machine) outcome {
			m.file(t, ".config/containers/registries.conf", "[[registry]]\nlocation = x\n")
			return m.main("--system-registries", "--strict", "inspect", "registry.example.com/app:1")
		}},
		{id: "blocked", condition: "the settings of another program block a registry", run: func(t *testing.T, m *machine) outcome {
			m.file(t, ".config/containers/registries.conf", "[[registry]]\nprefix = \"registry.example.com\"\nblocked = true\n")
			return m.main("--system-registries", "inspect", "registry.example.com/app:1")
		}},
		{id: "layout-ambiguous", condition: "a layout has more than one image", run: func(t *testing.T, m *machine) outcome {
			for _, source := range []string{amd64Source, arm64Source} {
				tag := source[len(source)-9 : len(source)-4]
				if got := m.main("push", "from-spec", m.file(t, "spec.yaml", "image: oci-layout://"+m.dir+"/layout:"+tag+"\nmanifests:\n- image: "+source+"\n")); got.code != 0 {
					t.Fatal(got.errOut)
				}
			}
			return m.main("inspect", "oci-layout://"+m.dir+"/layout")
		}},
		{id: "layout-bytes", condition: "a blob of a layout does not have the bytes of its digest", run: func(t *testing.T, m *machine) outcome {
			if err := os.CopyFS(filepath.Join(m.dir, "layout"), os.DirFS("../testdata/layouts/linux-amd64")); err != nil {
				t.Fatal(err)
			}
			blobs, err := filepath.Glob(filepath.Join(m.dir, "layout/blobs/sha256/*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, blob := range blobs {
				raw, err := os.ReadFile(blob)
				if err == nil && strings.Contains(string(raw), `"rootfs"`) { // the config
					err = os.WriteFile(blob, []byte(strings.Replace(string(raw), "linux", "linus", 1)), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			return m.main("inspect", "oci-layout://"+m.dir+"/layout:1.0")
		}},
		{id: "layout-link", condition: "a file of a layout is a link to a file outside of it (Bazel)", run: func(t *testing.T, m *machine) outcome {
			m.file(t, "layout/oci-layout", `{"imageLayoutVersion":"1.0.0"}`)
			if err := os.Symlink(m.file(t, "cache/index.json", "{}"), filepath.Join(m.dir, "layout", "index.json")); err != nil {
				t.Fatal(err)
			}
			return m.main("inspect", "oci-layout://"+m.dir+"/layout:1")
		}},
		{id: "layout-document", condition: "an entry of a layout is not an image", run: func(t *testing.T, m *machine) outcome {
			raw := "hello"
			d := digest.FromString(raw)
			m.file(t, "layout/oci-layout", `{"imageLayoutVersion":"1.0.0"}`)
			m.file(t, "layout/blobs/sha256/"+d.Encoded(), raw)
			m.file(t, "layout/index.json", string(manifesttest.EncodeJSON(t, manifesttest.NewIndex([]ocispec.Descriptor{{MediaType: ocispec.MediaTypeImageManifest, Digest: d, Size: int64(len(raw)), Annotations: map[string]string{ocispec.AnnotationRefName: "1"}}}, nil))))
			return m.main("inspect", "oci-layout://"+m.dir+"/layout:1")
		}},
		{id: "layout-keys", condition: "other programs read the index.json of a layout differently", run: func(t *testing.T, m *machine) outcome {
			m.file(t, "layout/oci-layout", `{"imageLayoutVersion":"1.0.0"}`)
			m.file(t, "layout/index.json", `{"schemaVersion":2,"Manifests":[]}`)
			return m.main("inspect", "oci-layout://"+m.dir+"/layout:1")
		}},
		{id: "layout-json", condition: "the index.json of a layout cannot be read; also if the layout is the target of a push", run: func(t *testing.T, m *machine) outcome {
			m.file(t, "layout/oci-layout", `{"imageLayoutVersion":"1.0.0"}`)
			m.file(t, "layout/index.json", `{"schemaVersion":2,`)
			return m.main("push", "from-images", "oci-layout://"+m.dir+"/layout:1", amd64Source)
		}},
		{id: "layout-none", condition: "a directory is not a layout", run: func(_ *testing.T, m *machine) outcome {
			return m.main("inspect", "oci-layout://"+m.dir+":1")
		}},
		{id: "target-file", condition: "the target is a layout, and there is a file; also if a source is", run: func(t *testing.T, m *machine) outcome {
			return m.main("push", "from-images", "oci-layout://"+m.file(t, "images.tar", "")+":1", amd64Source)
		}},
	}
}

// damagedLayout copies a layout without the documents that contain a text.
func (m *machine) damagedLayout(t *testing.T, text string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(m.dir, "layout"), os.DirFS("../testdata/layouts/linux-amd64")); err != nil {
		t.Fatal(err)
	}
	blobs, err := filepath.Glob(filepath.Join(m.dir, "layout/blobs/sha256/*"))
	for _, blob := range blobs {
		if raw, readErr := os.ReadFile(blob); readErr == nil && strings.Contains(string(raw), text) {
			err = errors.Join(err, os.Remove(blob))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// layoutCopy makes the directory of a layout, whose path is not the name of an image.
func (m *machine) layoutCopy(t *testing.T) string {
	t.Helper()
	m.file(t, "dir_/oci-layout", `{"imageLayoutVersion":"1.0.0"}`)
	return m.dir + "/dir"
}
