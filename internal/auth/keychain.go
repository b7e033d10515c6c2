// Package auth finds the credential for a repository: from the flags of the
// command line, else from the config files of Docker and Podman, the variable
// DOCKER_AUTH_CONFIG, and the credential helpers that they name. It also stores
// credentials there (Login) and erases them (Logout). A Keychain runs each helper
// once per registry, however many requests wait for the result.
//
// The package does not print, and does not read the process's environment except
// for PATH, in which the operating system finds a helper's program.
package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"manifest-tool/internal/oncemap"
)

// helperLimit bounds a run of a credential helper.
const helperLimit = 30 * time.Second

// Options are the sources of credentials. The zero value has none.
type Options struct {
	// Username and Password come from the command line. They are only used for
	// the registries in Hosts.
	Username, Password string
	Hosts              []string
	// PasswordOrigin is the flag or the variable with Username, for Explain; ""
	// means --username.
	PasswordOrigin string
	// Anonymous disables all sources, including Username: requests are sent
	// without a login.
	Anonymous bool
	// DockerConfig is a config file or a directory with a config.json. If set,
	// it must exist; the config.json of a directory need not exist.
	DockerConfig string
	// Getenv reads the environment (DOCKER_CONFIG, DOCKER_AUTH_CONFIG,
	// REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME); nil is an empty
	// one.
	Getenv func(string) string
	// Home is the user's home directory; "" means none.
	Home string
	// RunDir is the directory of Podman's auth.json if XDG_RUNTIME_DIR is not
	// set: /run/containers/UID on Linux; "" means none.
	RunDir string
	// Strict makes errors of warnings about sources that cannot be read.
	Strict bool
	// Warn is called with one-line warnings; nil discards them.
	Warn func(message string)
}

// Keychain returns the credentials of repositories. It is safe for concurrent use.
type Keychain struct {
	anonymous      bool
	strict         bool
	flagCredential authn.AuthConfig
	flagSource     string
	keys           map[string]bool // the registries of flagCredential
	sources        []*source
	limit          time.Duration
	warn           func(string)
	// namespaces returns those with a credential of their own, by registry.
	namespaces func() map[string][]string

	helpers oncemap.Map[string, authn.AuthConfig]

	mu     sync.Mutex
	warned map[string]bool
}

// New returns a Keychain. The error is that of a DockerConfig that does not exist,
// or of a password without a username: both are bad input. Files are read when a
// registry first needs them, so that an invalid one does not stop work without a
// login.
func New(o Options) (*Keychain, error) {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	if o.Username == "" && o.Password != "" {
		return nil, errors.New("a password requires a username")
	}
	all, err := sourcesInOrder(o)
	if err != nil {
		return nil, err
	}
	k := &Keychain{
		anonymous:      o.Anonymous,
		strict:         o.Strict,
		flagCredential: authn.AuthConfig{Username: o.Username, Password: o.Password},
		flagSource:     cmp.Or(o.PasswordOrigin, authFlag),
		keys:           map[string]bool{},
		sources:        all,
		limit:          helperLimit,
		warn:           o.Warn,
		warned:         map[string]bool{},
	}
	k.namespaces = sync.OnceValue(k.readNamespaces)
	if o.Username != "" && !o.Anonymous {
		for _, host := range o.Hosts {
			k.keys[dockerKey(host)] = true
		}
	}
	return k, nil
}

// Namespace returns the part of a registry (host or host:port) whose repositories
// share the credential of a repository: the longest path for which any source has
// an entry, "" for the registry as a whole. It runs no helper and does not fail:
// sources that cannot be read have no entries, and Credential returns their error.
func (k *Keychain) Namespace(host, repository string) string {
	key := dockerKey(host)
	if k.keys[key] {
		return ""
	}
	for _, namespace := range k.namespaces()[key] {
		if isWithin(namespace, repository) {
			return namespace
		}
	}
	return ""
}

// Credential returns the credential for a repository, or for a namespace that
// Namespace returned, of a registry (host or host:port); "" is the registry as a
// whole. The zero value means anonymous. The error is a *FileError or a
// *HelperError, neither of which quotes a secret, or the cause of ctx. After the
// latter, the next call runs the helper again.
func (k *Keychain) Credential(ctx context.Context, host, repository string) (authn.AuthConfig, error) {
	s := &search{keychain: k, host: host, key: dockerKey(host), repository: repository}
	found, err := s.run(ctx)
	return found.credential, err
}

// IsGiven reports whether the credential of a registry (host or host:port) is that of
// the command line.
func (k *Keychain) IsGiven(host string) bool { return k.keys[dockerKey(host)] }

// readNamespaces returns the namespaces with an entry in any source, by registry,
// the longest first.
func (k *Keychain) readNamespaces() map[string][]string {
	all := map[string][]string{}
	for _, p := range k.sources {
		if s, err := p.read(); err == nil {
			addNamespaces(all, s.auths)
		}
	}
	return all
}

// warnOnce passes each message to Warn once.
func (k *Keychain) warnOnce(message string) {
	k.mu.Lock()
	again := k.warned[message]
	k.warned[message] = true
	k.mu.Unlock()
	if !again {
		k.warn(message)
	}
}

// askHelper runs a helper for a registry, once per key.
func (k *Keychain) askHelper(ctx context.Context, name, host, key string) (authn.AuthConfig, error) {
	cred, err := k.helpers.Do(ctx, name+" "+key, func() (authn.AuthConfig, error) {
		return helper{suffix: name, limit: k.limit}.get(ctx, host, key)
	})
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("looking up the credential of %q: %w", host, context.Cause(ctx))
	}
	return cred, err
}
