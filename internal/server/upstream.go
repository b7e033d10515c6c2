package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/manifest"
	"manifest-tool/internal/reference"
	"manifest-tool/internal/store"
	"manifest-tool/internal/store/transport"
)

const (
	// maxUpstreamReaders limits the repositories whose tokens are remembered.
	maxUpstreamReaders = 256
	// upstreamLife is how long a reader of a repository is used: it holds what it
	// received, among it tokens that have ended.
	upstreamLife = 10 * time.Minute
)

// UpstreamOptions are the settings of an Upstream.
type UpstreamOptions struct {
	// Open returns a reader for one repository, with the stored logins or anonymous.
	Open func(login bool) (RedactingReader, error)
	// Logins are the repositories that are read with a login: HOST[:PORT][/PATH], each
	// with all below it.
	Logins []string
	Log    *slog.Logger
	Now    func() time.Time
}

// RedactingReader is a manifest.Reader that knows the secrets which it sends and gets.
// *store.Store implements it.
type RedactingReader interface {
	manifest.Reader
	// Redact removes the secrets from a text.
	Redact(text string) string
}

// Upstream reads from registries that strangers name. It is a manifest.Reader, to be
// used through a cache. Each repository has a reader of its own, so that no token and
// no login is used for another one; those used longest ago are forgotten.
type Upstream struct {
	UpstreamOptions

	readers recent[string, *upstreamReader]
}

type upstreamReader struct {
	RedactingReader

	err error
}

// NewUpstream returns an Upstream; it sends nothing.
func NewUpstream(o UpstreamOptions) *Upstream {
	logins := make([]string, 0, len(o.Logins))
	for _, name := range o.Logins {
		logins = append(logins, canonicalNamespace(name))
	}
	o.Logins = logins
	return &Upstream{UpstreamOptions: o, readers: recent[string, *upstreamReader]{limit: maxUpstreamReaders}}
}

// canonicalNamespace is a namespace with the name of its registry as in reference.Ref.
func canonicalNamespace(name string) string {
	host, path, found := strings.Cut(name, "/")
	switch host = strings.ToLower(host); host {
	case "index.docker.io", "registry-1.docker.io":
		host = "docker.io"
	}
	if found {
		return host + "/" + path
	}
	return host
}

// IsWithLogin reports whether a repository is read with a stored login (fault 97).
func (u *Upstream) IsWithLogin(ref reference.Ref) bool {
	name := canonicalNamespace(ref.Host() + "/" + ref.Repository.RepositoryStr())
	for _, listed := range u.Logins {
		if name == listed || strings.HasPrefix(name, listed+"/") {
			return true
		}
	}
	return false
}

// reader returns the reader of a repository.
func (u *Upstream) reader(ref reference.Ref) (RedactingReader, error) {
	epoch := u.Now().UnixNano() / int64(upstreamLife)
	r := u.readers.get(fmt.Sprintf("%d %s", epoch, ref.Repository.Name()), func() *upstreamReader {
		opened, err := u.Open(u.IsWithLogin(ref))
		if err == nil {
			opened.Announce(ref, false)
		}
		return &upstreamReader{opened, err}
	})
	return r.RedactingReader, r.err
}

// UnreachableError reports that a registry cannot be reached, without the reason: it
// would show to strangers which names and addresses exist in the network of the
// service.
type UnreachableError struct{ Host string }

func (e *UnreachableError) Error() string { return e.Host + " cannot be reached at a public address" }

// Unreachable marks the error for package cache, which leaves such hosts alone.
func (e *UnreachableError) Unreachable() bool { return true }

// public returns an error that strangers may see; what it leaves out is logged. A
// registry may repeat the login of the service in its message.
func (u *Upstream) public(ref reference.Ref, err error, redact func(string) string) error {
	if err == nil {
		return nil
	}
	err = errtext.Replace(err, redact(err.Error()))
	var (
		private *transport.PrivateAddressError
		name    *net.DNSError
		network *net.OpError
	)
	if errors.As(err, &private) || errors.As(err, &name) || errors.As(err, &network) {
		u.Log.Warn("registry", "host", ref.Host(), "error", err.Error())
		return &UnreachableError{ref.Host()}
	}
	return err
}

// upstreamRead reads with the reader of a repository.
//
// It runs in a goroutine of the cache, where a panic would end the process: it becomes
// an error (fault 103).
func upstreamRead[T any](u *Upstream, ref reference.Ref, read func(manifest.Reader) (T, error)) (value T, err error) {
	defer func() {
		if failure := recover(); failure != nil {
			u.Log.Error("panic", "image", ref.String(), "error", fmt.Sprint(failure), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	r, err := u.reader(ref)
	if err != nil {
		return value, err
	}
	value, err = read(r)
	return value, u.public(ref, err, r.Redact)
}

var errPanic = errors.New("the service failed at this image")

// Announce implements manifest.Reader: each repository is announced to its own reader.
func (u *Upstream) Announce(reference.Ref, bool) {}

// Get implements manifest.Reader.
func (u *Upstream) Get(ctx context.Context, ref reference.Ref) (store.Document, error) {
	return upstreamRead(u, ref, func(r manifest.Reader) (store.Document, error) { return r.Get(ctx, ref) })
}

// Head implements manifest.Reader.
func (u *Upstream) Head(ctx context.Context, ref reference.Ref) (ocispec.Descriptor, error) {
	return upstreamRead(u, ref, func(r manifest.Reader) (ocispec.Descriptor, error) { return r.Head(ctx, ref) })
}

// ReadBlob implements manifest.Reader.
func (u *Upstream) ReadBlob(ctx context.Context, ref reference.Ref, d ocispec.Descriptor) ([]byte, error) {
	return upstreamRead(u, ref, func(r manifest.Reader) ([]byte, error) { return r.ReadBlob(ctx, ref, d) })
}

// Tags implements manifest.Reader.
func (u *Upstream) Tags(ctx context.Context, ref reference.Ref) ([]string, error) {
	return upstreamRead(u, ref, func(r manifest.Reader) ([]string, error) { return r.Tags(ctx, ref) })
}

// Untagged implements manifest.Reader: registries list no manifests without a tag.
func (u *Upstream) Untagged(context.Context, reference.Ref) ([]digest.Digest, error) {
	return nil, nil
}

// Referrers implements manifest.Reader.
func (u *Upstream) Referrers(ctx context.Context, ref reference.Ref) ([]ocispec.Descriptor, error) {
	return upstreamRead(u, ref, func(r manifest.Reader) ([]ocispec.Descriptor, error) { return r.Referrers(ctx, ref) })
}

// Warn implements manifest.Reader.
func (u *Upstream) Warn(message string) error {
	u.Log.Warn("registry", "warning", message)
	return nil
}
