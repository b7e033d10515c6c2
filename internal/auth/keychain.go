// Package auth finds the credential for a repository: from the flags of the
// command line, else from the config files of Docker and Podman, the variable
// DOCKER_AUTH_CONFIG, and the credential helpers they name. It also stores
// credentials there (Login) and erases them (Logout). A Keychain asks each
// helper once per registry and run, however many requests wait for the answer.
//
// Nothing here prints or reads the process's environment by itself; the one
// exception is PATH, by which the operating system finds a helper's program.
package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"manifest-tool/internal/oncemap"

	"github.com/google/go-containerregistry/pkg/authn"
)

// helperLimit is the longest a credential helper may take.
const helperLimit = 30 * time.Second

// Options says where credentials may come from. The zero value is a keychain
// that knows nobody.
type Options struct {
	// Username and Password come from the command line. They are for the
	// registries in Hosts and for no other.
	Username, Password string
	Hosts              []string
	// PasswordOrigin is what gave Username, a flag or a variable, for Explain; "" is
	// --username.
	PasswordOrigin string
	// Anonymous looks nowhere, and leaves Username out too: every registry is
	// asked without a login.
	Anonymous bool
	// DockerConfig is a config file or a folder that holds config.json. When
	// set it must exist; a folder may be without a config.json.
	DockerConfig string
	// Getenv reads the environment (DOCKER_CONFIG, DOCKER_AUTH_CONFIG,
	// REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME); nil is an empty
	// one.
	Getenv func(string) string
	// Home is the user's home folder; "" is none.
	Home string
	// RunDir is where Podman keeps its auth.json when XDG_RUNTIME_DIR is not
	// set: /run/containers/UID on Linux; "" is none.
	RunDir string
	// Warn takes one line the user should see although the run goes on; nil
	// drops it.
	Warn func(message string)
}

// Keychain answers with the credential of a repository. It may be used by any
// number of goroutines at once.
type Keychain struct {
	anonymous      bool
	flagCredential authn.AuthConfig
	flagSource     string
	keys           map[string]bool // server keys that given is for
	sources        []*source
	limit          time.Duration
	warn           func(string)
	// namespaces returns those with a credential of their own, by server key.
	namespaces func() map[string][]string

	helpers oncemap.Map[string, authn.AuthConfig]

	mu     sync.Mutex
	warned map[string]bool
}

// New prepares a keychain. It fails when DockerConfig does not exist and when
// a password comes without a username: both are bad input. The files themselves
// are read when a registry first needs them, so that a broken one does not stop
// work that needs no login.
func New(o Options) (*Keychain, error) {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	if o.Username == "" && o.Password != "" {
		return nil, errors.New("a password is of no use without a username")
	}
	all, err := sourcesInOrder(o)
	if err != nil {
		return nil, err
	}
	k := &Keychain{
		anonymous:      o.Anonymous,
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

// Namespace names the part of a registry (host or host:port) whose repositories
// share the credential of one: the longest path for which any place has an
// entry of its own, "" when there is none and the registry's is meant. It runs
// no helper and does not fail: what cannot be read has no entries, and
// Credential says so.
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

// Credential returns the credential for a repository, or for all of a namespace
// that Namespace returned, at a registry host (host or host:port); "" is for
// the registry as a whole. The zero value means anonymous. The error of a
// broken config file or helper names the file, or the helper and the host, and
// never what they hold. When ctx ends first, its cause is returned and the next
// caller asks again.
func (k *Keychain) Credential(ctx context.Context, host, repository string) (authn.AuthConfig, error) {
	s := &search{keychain: k, host: host, key: dockerKey(host), repository: repository}
	found, err := s.run(ctx)
	return found.credential, err
}

// readNamespaces lists the namespaces of each registry that a place has an
// entry for, the longest first.
func (k *Keychain) readNamespaces() map[string][]string {
	all := map[string][]string{}
	for _, p := range k.sources {
		if s, err := p.read(); err == nil {
			addNamespaces(all, s.auths)
		}
	}
	return all
}

// warnOnce warns of something once.
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
