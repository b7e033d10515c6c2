package reference

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/opencontainers/go-digest"
)

// Parse reads a reference: a bare one names a registry, as Docker reads it
// (busybox:1 is docker.io/library/busybox:1); oci-layout://DIR[:TAG][@DIGEST]
// names an OCI layout, whatever exists on disk (decision 5): only the hint of an
// error depends on the disk. An error contains no password that was typed into the
// reference, and has a hint if the intended reference is likely.
func Parse(s string) (Ref, error) {
	if err := rejectUserinfo(s); err != nil {
		return Ref{}, err
	}
	if rest, ok := strings.CutPrefix(s, LayoutPrefix); ok {
		return parseLayout(s, rest)
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

func parseLayout(s, rest string) (Ref, error) {
	ref := Ref{Original: s, Kind: Layout}
	if i := strings.LastIndex(rest, "@"); i > strings.LastIndexAny(rest, `/\`) {
		parsed, err := digest.Parse(rest[i+1:])
		if err != nil {
			return Ref{}, fmt.Errorf("%q: %w", s, err)
		}
		rest, ref.Digest = rest[:i], parsed
	}
	if i := strings.LastIndex(rest, ":"); i > strings.LastIndexAny(rest, `/\`) {
		rest, ref.Tag = rest[:i], rest[i+1:]
		if !IsTag(ref.Tag) {
			return Ref{}, fmt.Errorf("%q: invalid tag %q", s, ref.Tag)
		}
	}
	if rest == "" {
		return Ref{}, fmt.Errorf("%q: no directory is named", s)
	}
	if strings.Contains(rest, "\x00") {
		return Ref{}, fmt.Errorf("%q: no directory has a zero byte in its name", s)
	}
	ref.Path = filepath.Clean(rest)
	return ref, nil
}
