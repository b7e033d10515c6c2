package reference

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
)

// withSuggestion adds the spelling that was most likely meant, if there is one, to
// an error about a reference.
func withSuggestion(typed string, err error) error {
	bare := typed
	for strings.HasPrefix(bare, DockerPrefix) && bare != DockerPrefix {
		bare = strings.TrimPrefix(bare, DockerPrefix)
	}
	hint := layoutSpelling(bare)
	if hint == "" {
		hint = addressSpelling(bare)
	}
	if hint == "" && strings.HasPrefix(typed, DockerPrefix+DockerPrefix) {
		hint = addressSpelling(DockerPrefix + bare)
	}
	if hint == "" && strings.Contains(typed, "://") {
		hint = "a reference is NAME:TAG, NAME@DIGEST or " + LayoutPrefix + "DIR:TAG"
	}
	if hint == "" {
		return err
	}
	return errtext.WithHint(err, hint)
}

// WithSuggestion is withSuggestion for a registry's response to a reference that
// Docker's grammar reads as an image of Docker Hub, such as oci:DIR. No official
// image has such a name.
func (r Ref) WithSuggestion(err error) error {
	hint := layoutSpelling(r.Original)
	if hint == "" || r.Kind != Registry || r.Repository.RegistryStr() != name.DefaultRegistry {
		return err
	}
	return errtext.WithHint(err, hint)
}

// layoutSpelling is the spelling here of skopeo's and regctl's names for images on
// this machine, and of the path of a layout or an archive; "" for other strings.
func layoutSpelling(typed string) string {
	const made = " oci:DIR:TAG makes an OCI layout, written " + LayoutPrefix + "DIR:TAG"
	if isArchive(typed) {
		return "an archive is written " + OCIArchivePrefix + typed + ", or " + DockerArchivePrefix + typed + " if docker save made it"
	}
	if isPath(typed) {
		return "an OCI layout is written " + LayoutPrefix + typed
	}
	switch kind, rest := splitScheme(typed); kind {
	case "oci", "oci-layout", "ocidir":
		return "an OCI layout is written " + LayoutPrefix + rest
	case "dir":
		return "skopeo's dir: directories are not supported: skopeo copy --all dir:" + rest + made
	case "oci-archive", "ocifile": // ocifile is regctl's name
		return "an OCI archive is written " + OCIArchivePrefix + rest
	case "docker-archive":
		return "a Docker archive is written " + DockerArchivePrefix + withRegistry(rest)
	case "containers-storage", "docker-daemon":
		place := kind
		if kind == "docker-daemon" {
			place = "the local Docker daemon"
		}
		return "images in " + place + " are not supported: push them to a registry first, or skopeo copy " + kind + ":" + rest + made
	}
	if isLayout(typed) {
		return "an OCI layout is written " + LayoutPrefix + typed
	}
	return ""
}

// withRegistry returns FILE:NAME:TAG, as skopeo takes it for a Docker archive, with
// the registry of the name, which full names need here.
func withRegistry(typed string) string {
	file, image, _ := strings.Cut(typed, ":")
	if p, err := splitReference(image); err != nil || p.tag == "" || hasImageHost(image) {
		return typed
	}
	return file + ":" + CanonicalName(image)
}

// isArchive reports whether a string is the path of a file with the name of a tar
// archive; one that may be the name of an image is a path if the file exists. It is
// used only for hints.
func isArchive(typed string) bool {
	file, _, _ := strings.Cut(typed, ":")
	if !regexp.MustCompile(`\.(tar|tar\.gz|tgz|tar\.zst|tzst)$`).MatchString(file) {
		return false
	}
	info, err := os.Stat(file)
	return isPath(typed) || err == nil && info.Mode().IsRegular()
}

// isPath reports whether a string begins like a path, not like a name.
func isPath(typed string) bool {
	return strings.HasPrefix(typed, "/") || strings.HasPrefix(typed, "./") || strings.HasPrefix(typed, "../")
}

// isLayout reports whether an invalid name is the path of an existing layout, with
// or without a tag and a digest. It is used only for hints: the meaning of a
// reference does not depend on the disk.
func isLayout(typed string) bool {
	path, _, _ := strings.Cut(typed, "@")
	if i := strings.LastIndex(path, ":"); i > strings.LastIndexAny(path, `/\`) {
		path = path[:i]
	}
	_, err := os.Stat(filepath.Join(path, ocispec.ImageLayoutFile))
	return path != "" && err == nil
}

// addressSpelling is layoutSpelling for URLs as in a browser.
func addressSpelling(typed string) string {
	kind, rest := splitScheme(typed)
	for strings.Contains(rest, "://") {
		_, rest, _ = strings.Cut(rest, "://")
	}
	switch kind {
	case "https":
		return "write it without https://, as " + rest
	case "http":
		return "write it without http://, as " + rest + ", and --plain-http for any host other than localhost"
	case "docker":
		if rest = strings.TrimLeft(rest, "/"); rest == "" {
			return ""
		}
		if _, err := splitReference(rest); err != nil {
			return ""
		}
		return "write it " + rest + ", or docker://" + rest
	}
	return ""
}

// splitScheme splits KIND:REST and KIND://REST; both are "" if REST is empty.
func splitScheme(typed string) (kind, rest string) {
	kind, rest, _ = strings.Cut(typed, ":")
	if rest = strings.TrimRight(strings.TrimPrefix(rest, "//"), "/"); rest == "" {
		return "", ""
	}
	return strings.ToLower(kind), rest
}
