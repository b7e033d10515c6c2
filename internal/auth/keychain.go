// Package auth finds the credential for a registry: from the flags of the
// command line, else from Docker's config file and the credential helpers it
// names. A Keychain asks every place once per registry and run, however many
// requests wait for the answer.
//
// Nothing here prints or reads the process's environment by itself; the one
// exception is PATH, by which the operating system finds a helper's program.
package auth

import (
	"context"
	"errors"
	"sync"
	"time"

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
	// DockerConfig is a config file or a folder that holds config.json. When
	// set it must exist; a folder may be without a config.json.
	DockerConfig string
	// Getenv reads the environment (DOCKER_CONFIG); nil is an empty one.
	Getenv func(string) string
	// Home is the user's home folder, for .docker/config.json; "" is none.
	Home string
	// Warn takes one line the user should see although the run goes on; nil
	// drops it.
	Warn func(message string)
}

// Keychain answers with the credential of a registry. It may be used by any
// number of goroutines at once.
type Keychain struct {
	given authn.AuthConfig
	keys  map[string]bool // server keys that given is for
	file  func() (settings, error)
	limit time.Duration
	warn  func(string)

	mu    sync.Mutex
	slots map[string]*slot
}

var (
	_ authn.Keychain        = (*Keychain)(nil)
	_ authn.ContextKeychain = (*Keychain)(nil)
)

// New prepares a keychain. It fails when DockerConfig does not exist and when
// a password comes without a username: both are bad input. The config file
// itself is read when a registry first needs it, so that a broken one does not
// stop work that needs no login.
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
	path, err := configPath(o)
	if err != nil {
		return nil, err
	}
	k := &Keychain{
		given: authn.AuthConfig{Username: o.Username, Password: o.Password},
		keys:  map[string]bool{},
		file:  sync.OnceValues(func() (settings, error) { return load(path) }),
		limit: helperLimit,
		warn:  o.Warn,
		slots: map[string]*slot{},
	}
	if o.Username != "" {
		for _, host := range o.Hosts {
			k.keys[serverKey(host)] = true
		}
	}
	return k, nil
}

// Credential returns the credential for a registry host (host or host:port).
// The zero value means anonymous. The error of a broken config file or helper
// names the file, or the helper and the host, and never what they hold. When
// ctx ends first, its cause is returned and the next caller asks again.
func (k *Keychain) Credential(ctx context.Context, host string) (authn.AuthConfig, error) {
	key := serverKey(host)
	if k.keys[key] {
		return k.given, nil
	}
	return k.slot(key).get(ctx, host, func() (authn.AuthConfig, error) {
		return k.lookUp(ctx, host, key)
	})
}

// ResolveContext implements authn.ContextKeychain.
func (k *Keychain) ResolveContext(ctx context.Context, r authn.Resource) (authn.Authenticator, error) {
	cred, err := k.Credential(ctx, r.RegistryStr())
	if err != nil {
		return nil, err
	}
	if cred == (authn.AuthConfig{}) {
		return authn.Anonymous, nil
	}
	return authn.FromConfig(cred), nil
}

// Resolve implements authn.Keychain.
func (k *Keychain) Resolve(r authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), r)
}

func (k *Keychain) slot(key string) *slot {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.slots[key]
	if s == nil {
		s = &slot{gate: make(chan struct{}, 1)}
		k.slots[key] = s
	}
	return s
}
