// Package store reads and writes manifests and blobs in registries and in OCI
// layouts on disk. It handles them as bytes and descriptors and verifies every
// byte it returns; package manifest interprets them.
//
// A Store routes each reference to the implementation of its kind of storage
// (backend.go). All use of go-containerregistry's remote package is here.
package store

import (
	"context"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/progress"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store/transport"
	"manifest-tool/internal/system"
)

// Document is a manifest or an index: the bytes as they were fetched and the
// descriptor that was computed from them.
type Document struct {
	Descriptor ocispec.Descriptor
	Raw        []byte
}

// Options are the settings of a Store.
type Options struct {
	// Transport are the settings of the transport to registries.
	Transport transport.Options
	// Host, if set, returns the settings of a registry, given its name as users
	// write it. It is called from many goroutines.
	Host func(registry string) RegistryConfig
	// Sources, if set, returns where a repository, HOST[:PORT]/REPOSITORY, is read as
	// other programs on this machine say. It is called from many goroutines.
	Sources func(repository string) system.Sources
	// Alias, if set, returns the full name of a short name. It is for reading only.
	Alias func(short string) (name string, at system.Origin, ok bool)
	// Progress, if set, counts the bytes of the blobs that are copied, and of those
	// that OpenBlob and ReadBlobAt read.
	Progress *progress.Tracker
}

// RegistryConfig holds the settings of one registry.
type RegistryConfig struct {
	// Mirrors are read before the registry, in this order: HOST[:PORT][/PATH].
	Mirrors []string
	// TagParams sets several tags in one PUT, for a registry that is known to
	// respond with OCI-Tag.
	TagParams bool
}

func (o Options) host(registry string) RegistryConfig {
	if o.Host == nil {
		return RegistryConfig{}
	}
	return o.Host(registry)
}

// Store reads and writes manifests and blobs wherever a reference points.
type Store struct {
	registry *mirrored
	backends map[reference.Kind]reader
	progress *progress.Tracker
}

// New returns a Store; it sends no request and reads no file.
func New(o Options) (*Store, error) {
	r, err := newRegistry(transport.New(o.Transport))
	if err != nil {
		return nil, err
	}
	m, a := newMirrored(r, o), &archives{}
	return &Store{registry: m, progress: o.Progress, backends: map[reference.Kind]reader{
		reference.Registry:      m,
		reference.Layout:        newLayout(),
		reference.OCIArchive:    newOCIArchive(a),
		reference.DockerArchive: newDockerArchive(a, r.transport.Warn),
	}}, nil
}

// Announce announces what a run will read or write, before its first request:
// one token then covers all of it.
func (s *Store) Announce(ref reference.Ref, write bool) {
	if write {
		s.registry.noteWrite()
	}
	if b, ok := s.backends[ref.Kind]; ok {
		b.announce(ref, write)
	}
}

// Warn reports a doubt about what was read; if the options are strict it returns
// the message as an error.
func (s *Store) Warn(message string) error { return s.registry.transport.Warn(message) }

// Redact removes the secrets of this run from a string that will be shown.
func (s *Store) Redact(text string) string { return s.registry.transport.Redact(text) }

// Transport returns the transport to registries, with the credentials and settings of
// the Store, for requests that no method of Store makes: those of test-registry.
func (s *Store) Transport() *transport.Transport { return s.registry.transport }

// CheckLogin tries the credential of a registry (HOST or HOST:PORT) without
// reading any content. The error is ErrUnauthorized or ErrDenied if the registry
// or its token server rejects it.
func (s *Store) CheckLogin(ctx context.Context, registry string) (transport.LoginResult, error) {
	result, err := s.registry.transport.CheckLogin(ctx, registry)
	if err != nil {
		return transport.LoginResult{}, writeError(registryName(registry), err)
	}
	return result, nil
}

// registryName is the name of a registry in error messages.
type registryName string

func (h registryName) String() string { return string(h) }
