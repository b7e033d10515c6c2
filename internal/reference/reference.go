// Package reference parses what users type to name an image: a reference to a
// registry, an OCI layout as oci-layout://DIR[:TAG][@DIGEST], or an archive as
// oci-archive://FILE[:TAG][@DIGEST] or docker-archive://FILE[:TAG]. Parsing does no
// I/O: the meaning of a string does not depend on the disk.
package reference

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/opencontainers/go-digest"

	"manifest-tool/internal/errtext"
)

// Kind is the kind of storage that a Ref points to. Only package store's router
// depends on it: other packages use the methods of Ref and of store.Store.
type Kind int

// The kinds of storage.
const (
	Registry Kind = iota
	Layout
	OCIArchive
	DockerArchive
)

// String is the name of the kind in messages.
func (k Kind) String() string {
	switch k {
	case Registry:
		return "registry"
	case Layout:
		return "layout"
	case OCIArchive:
		return "OCI archive"
	case DockerArchive:
		return "Docker archive"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// The prefixes of references. A reference without one is a registry reference.
const (
	LayoutPrefix        = "oci-layout://"
	OCIArchivePrefix    = "oci-archive://"
	DockerArchivePrefix = "docker-archive://"
	DockerPrefix        = "docker://"
)

// prefix is what introduces the path in references of a kind, "" for registries.
func (k Kind) prefix() string {
	switch k {
	case Layout:
		return LayoutPrefix
	case OCIArchive:
		return OCIArchivePrefix
	case DockerArchive:
		return DockerArchivePrefix
	}
	return ""
}

// pathKinds are the kinds of storage that are named by a path.
func pathKinds() []Kind { return []Kind{Layout, OCIArchive, DockerArchive} }

// Ref names a manifest, or a repository when it has neither tag nor digest.
// It is a parsed string: creating one accesses neither disk nor network.
type Ref struct {
	// Original is the string as typed.
	Original string
	Kind     Kind
	// Repository is the repository in a registry.
	Repository name.Repository
	// Path is the directory of a layout, or the file of an archive.
	Path string
	// Name is the full name of an image in a layout or an archive, as other tools
	// write it into index.json (docker.io/library/app:1); Tag is empty then.
	Name   string
	Tag    string
	Digest digest.Digest
	// DefaultTag is the tag to read in a layout or an archive if the reference
	// selects none of several images.
	DefaultTag string
}

// ErrNoTagOrDigest is returned for a reference that does not name a manifest.
var ErrNoTagOrDigest = errtext.WithHint(errors.New("image reference must include a tag or a digest; manifest-tool does not default to 'latest'"),
	"add a tag (NAME:TAG) or a digest (NAME@sha256:...)")

// RequireTagOrDigest returns ErrNoTagOrDigest unless r can name a manifest. A
// layout or an archive alone can: it may have only one (decision 5).
func (r Ref) RequireTagOrDigest() error {
	if r.Kind == Registry && r.IsRepository() {
		return ErrNoTagOrDigest
	}
	return nil
}

// IsRepository reports whether r selects no manifest of its repository, layout or
// archive.
func (r Ref) IsRepository() bool { return r.Tag == "" && r.Digest == "" && r.Name == "" }

// CheckDigest returns an error for an invalid digest: those of a document's entries
// may be any string, and they become part of paths.
func (r Ref) CheckDigest() error {
	if r.Digest == "" {
		return nil
	}
	if err := r.Digest.Validate(); err != nil {
		return fmt.Errorf("%s: digest %q: %w", r.WithTag(r.Tag), r.Digest, err)
	}
	return nil
}

// String is the full reference, as in error messages.
func (r Ref) String() string {
	s := r.Prefix() + r.Path
	if r.Kind == Registry {
		s = r.Host() + "/" + r.Repository.RepositoryStr()
	}
	if tag := r.Tag + r.Name; tag != "" {
		s += ":" + tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest.String()
	}
	return s
}

// Location is String with an absolute path: references with different paths to one
// layout or archive have one location, unless links are on the way.
func (r Ref) Location() string {
	if path, err := filepath.Abs(r.Path); err == nil && r.Kind != Registry {
		r.Path = path
	}
	return r.String()
}

// Prefix is what introduces the path of a layout or an archive, such as
// oci-layout://; empty for a registry.
func (r Ref) Prefix() string { return r.Kind.prefix() }

// Storage is what holds the image, in a sentence: registry, layout or archive.
func (r Ref) Storage() string {
	switch r.Kind {
	case OCIArchive, DockerArchive:
		return "archive"
	}
	return r.Kind.String()
}

// ClaimPrefix introduces, in a sentence, a digest that store.Head returned: a
// registry reports it, and no byte was hashed. In a layout or an archive all bytes
// were hashed, and the prefix is empty.
func (r Ref) ClaimPrefix() string {
	if r.Kind == Registry {
		return "the registry reports that "
	}
	return ""
}

// Host is the registry as users name it; empty for a layout or an archive. Docker Hub is
// docker.io, whatever its servers are called.
func (r Ref) Host() string {
	if r.Kind != Registry {
		return ""
	}
	if host := r.Repository.RegistryStr(); host != name.DefaultRegistry {
		return host
	}
	return "docker.io"
}

// WithTag returns the manifest of that tag in the same repository.
func (r Ref) WithTag(tag string) Ref {
	r.Tag, r.Name, r.Digest = tag, "", ""
	return r
}

// WithDigest returns the manifest of that digest in the same repository.
func (r Ref) WithDigest(d digest.Digest) Ref {
	r.Tag, r.Name, r.Digest = "", "", d
	return r
}

// SameRepository reports whether both references point into one repository, one
// layout or one archive. The same file as archives of two kinds is not one.
func (r Ref) SameRepository(o Ref) bool {
	if r.Kind != o.Kind {
		return false
	}
	if r.Kind != Registry {
		return samePath(r.Path, o.Path)
	}
	return r.Repository.Name() == o.Repository.Name()
}

// SameRegistry reports whether both references point into one registry, so that
// blobs can be mounted between their repositories.
func (r Ref) SameRegistry(o Ref) bool {
	return r.Kind == Registry && o.Kind == Registry &&
		r.Repository.RegistryStr() == o.Repository.RegistryStr()
}

func samePath(a, b string) bool {
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absA == absB
}

// ReferrersTag is the tag under which clients maintain the referrers of a digest
// (distribution-spec, "Referrers Tag Schema"); cosign appends a suffix to it for its
// signatures and attestations.
func (r Ref) ReferrersTag() string { return r.Digest.Algorithm().String() + "-" + r.Digest.Encoded() }
