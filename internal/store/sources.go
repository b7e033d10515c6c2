package store

import (
	"context"
	"fmt"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/reference"
	"manifest-tool/internal/system"
)

// BlockedError reports that the settings of another program forbid the use of a
// repository.
type BlockedError struct {
	Repository string
	At         system.Origin
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("%s is blocked by %s", e.Repository, e.At)
}

// Hint says what the user can do.
func (e *BlockedError) Hint() string {
	return "remove the block there, or run without --system-registries"
}

// ExitCode is that of bad input: nothing was sent.
func (e *BlockedError) ExitCode() int { return 2 }

// sourcesOf returns where a reference is read. Settings are by the name that users
// write.
func (m *mirrored) sourcesOf(ref reference.Ref) system.Sources {
	if m.sources == nil {
		return system.Sources{}
	}
	return m.sources(ref.Host() + "/" + ref.Repository.RepositoryStr())
}

// checkBlocked returns a *BlockedError if a reference must not be used.
func (m *mirrored) checkBlocked(ref reference.Ref) error {
	if ref.Host() == "" || m.sources == nil {
		return nil
	}
	if at := m.sourcesOf(ref).Blocked; at != nil {
		return &BlockedError{ref.Host() + "/" + ref.Repository.RepositoryStr(), *at}
	}
	return nil
}

// expand replaces a short name by its alias, unless the run writes its repository.
func (m *mirrored) expand(ref reference.Ref) reference.Ref {
	short := ref.ShortName()
	if m.alias == nil || short == "" || m.isWritten(ref) {
		return ref
	}
	full, at, ok := m.alias(short)
	if !ok {
		return ref
	}
	there, err := reference.Parse(full)
	if err != nil || there.Host() == "" || there.SameRepository(ref) {
		return ref
	}
	m.warnOnce(fmt.Sprintf("%s is read as %s, as %s says", short, full, at))
	ref.Original, ref.Repository = full, there.Repository
	return ref
}

// locate returns the reference at which a reference is read: in the repository that
// the location of its registry has for it. The repositories that a run writes are
// read at the registry.
func (m *mirrored) locate(ref reference.Ref) reference.Ref {
	s := m.sourcesOf(ref)
	if s.Location == "" || m.isWritten(ref) {
		return ref
	}
	if there, err := replacePrefix(ref, s.Location, s.Prefix); err == nil {
		ref.Repository = there.Repository
	}
	return ref
}

// replacePrefix replaces a prefix, HOST[:PORT][/PATH], of a reference's repository.
func replacePrefix(ref reference.Ref, address, prefix string) (reference.Ref, error) {
	_, path, _ := strings.Cut(prefix, "/")
	rest := strings.TrimPrefix(strings.TrimPrefix(ref.Repository.RepositoryStr(), path), "/")
	there, err := reference.Parse(strings.TrimSuffix(address+"/"+rest, "/"))
	if err == nil && !strings.Contains(address, "/") && rest == "" {
		err = fmt.Errorf("%s has no repository for %s", address, prefix)
	}
	return there, err
}

// sourceOf is the reference at a registry from which a reference is read.
func (m *mirrored) sourceOf(ref reference.Ref) reference.Ref { return m.locate(m.expand(ref)) }

func (m *mirrored) isWritten(ref reference.Ref) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.written[ref.Repository.Name()]
}

func (m *mirrored) warnOnce(message string) {
	m.mu.Lock()
	again := m.warned[message]
	m.warned[message] = true
	m.mu.Unlock()
	if !again && m.warn != nil {
		m.warn(message)
	}
}

func (m *mirrored) head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	return m.registry.head(ctx, m.sourceOf(ref))
}

func (m *mirrored) headBlob(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor) (int64, error) {
	return m.registry.headBlob(ctx, m.sourceOf(ref), desc)
}

func (m *mirrored) readAt(ctx context.Context, ref reference.Ref, desc ocispec.Descriptor, offset, length int64) ([]byte, error) {
	return m.registry.readAt(ctx, m.sourceOf(ref), desc, offset, length)
}

func (m *mirrored) tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	return m.registry.tags(ctx, m.sourceOf(ref))
}

// serves reports whether a mirror is for references like this one: by tag or by
// digest. What a tag led to at the mirror is read there too.
func (m *mirror) serves(ref reference.Ref) bool {
	switch m.only {
	case system.OnlyDigests:
		return ref.Digest != ""
	case system.OnlyTags:
		_, read := m.tagsRead.Load(ref.Repository.Name())
		return ref.Digest == "" || read
	}
	return true
}
