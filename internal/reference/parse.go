package reference

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// Parse reads a reference: a bare one names a registry, as Docker reads it
// (busybox:1 is docker.io/library/busybox:1); oci-layout://DIR[:TAG][@DIGEST] or DIR:NAME
// names an OCI layout, and oci-archive:// and docker-archive:// with a file an archive,
// whatever exists on disk (decision 5): only the hint of an error depends on the disk. An error contains no password that was typed into the
// reference, and has a hint if the intended reference is likely.
func Parse(s string) (Ref, error) {
	if err := rejectUserinfo(s); err != nil {
		return Ref{}, err
	}
	for _, kind := range pathKinds() {
		if rest, ok := strings.CutPrefix(s, kind.prefix()); ok {
			return parsePath(s, kind, rest)
		}
	}
	if rest, ok := strings.CutPrefix(s, DockerPrefix); ok {
		return parseRegistry(s, rest)
	}
	return parseRegistry(s, s)
}

func parseRegistry(s, bare string) (Ref, error) {
	if prefix, _, ok := strings.Cut(bare, "://"); ok {
		return Ref{}, withSuggestion(s, fmt.Errorf("%q: unknown kind of reference %q", s, prefix+"://"))
	}
	p, err := splitReference(bare)
	if err != nil {
		return Ref{}, withSuggestion(s, fmt.Errorf("%q: %w", s, err))
	}
	repo, err := name.NewRepository(p.domain + "/" + p.path)
	if err != nil {
		return Ref{}, withSuggestion(s, fmt.Errorf("%q: %w", s, err))
	}
	if err := checkPort(repo.RegistryStr()); err != nil {
		return Ref{}, fmt.Errorf("%q: %w", s, err)
	}
	return Ref{Original: s, Repository: repo, Tag: p.tag, Digest: p.digest}, nil
}

// checkPort rejects HOST:PORT whose port is not a port number.
func checkPort(registry string) error {
	port := (&url.URL{Host: registry}).Port()
	if _, err := strconv.ParseUint(port, 10, 16); port != "" && err != nil {
		return fmt.Errorf("%s is not a port", port)
	}
	return nil
}
