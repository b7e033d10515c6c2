package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/mediocregopher/radix/v4"
)

const (
	// operationLimit is how long a command may take, connectLimit finding the servers.
	operationLimit = 500 * time.Millisecond
	connectLimit   = 2 * time.Second
	// keyPrefix separates the keys from those of other programs.
	keyPrefix = "manifest-tool:"
	// maxFailures is after how many failures in a row the servers are looked for again:
	// they may have other addresses now.
	maxFailures = 10
)

// ErrNotConnected is returned while no connection to Redis is open.
var ErrNotConnected = errors.New("not connected to Redis")

// client is what the clients of one server, of a Cluster and of Sentinels have in
// common.
type client interface {
	Do(ctx context.Context, a radix.Action) error
	Close() error
}

// Storage is a cache.Storage in Redis or Valkey. It is safe for concurrent use.
type Storage struct {
	servers servers
	unlock  radix.EvalScript

	mu     sync.Mutex
	client client
	// connecting is set while a connection is made; failed is why the last one was not.
	connecting bool
	failed     error
	// failures counts the commands that failed since the last one that did not.
	failures int
}

// Open returns the Storage of an address and a password, which may be empty and is not
// sent to Sentinels. Until it is connected, the Storage returns errors and tries again.
// The error is about the address, which has one of these forms:
//
//	redis://[USER@]HOST[:PORT][/DATABASE]
//	redis-cluster://[USER@]HOST[:PORT],...                     some servers of a Cluster
//	redis-sentinel://[USER@]HOST[:PORT],.../MASTER[/DATABASE]  Sentinels, and the name of their master
//
// With rediss in place of redis the connections have TLS.
func Open(ctx context.Context, address, password string) (*Storage, error) {
	at, err := parse(address)
	if err != nil {
		return nil, err
	}
	at.password = password
	s := &Storage{servers: at, connecting: true, unlock: radix.NewEvalScript(
		// Only the holder releases a lock: it may have ended and be another one's.
		`if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end return 0`)}
	s.connect(ctx)
	return s, nil
}

// connect makes the client.
func (s *Storage) connect(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	made, err := s.servers.connect(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connecting, s.failed = false, err
	if err == nil {
		s.client = made
	}
}

// connected returns the client, or starts to connect for later callers.
func (s *Storage) connected(ctx context.Context) (client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil {
		return s.client, nil
	}
	if !s.connecting {
		s.connecting = true
		go s.connect(context.WithoutCancel(ctx))
	}
	if s.failed != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotConnected, s.failed)
	}
	return nil, ErrNotConnected
}

// do sends one command and waits for operationLimit, no longer. The client may: a command
// behind one that was given up waits until the server responds to that, whatever its ctx.
// What receives the answer must not be read after an error.
func (s *Storage) do(ctx context.Context, command radix.Action) error {
	to, err := s.connected(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, operationLimit)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- to.Do(ctx, command) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		err = fmt.Errorf("waiting for a response of Redis: %w", context.Cause(ctx))
	}
	s.note(to, err)
	return err
}

// note counts failures, and ends a client that only fails.
func (s *Storage) note(to client, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures++; err == nil {
		s.failures = 0
	}
	if s.failures >= maxFailures && s.client == to {
		s.client, s.failures, s.failed = nil, 0, err
		go func() { _ = to.Close() }()
	}
}

// Get implements cache.Storage.
func (s *Storage) Get(ctx context.Context, key string) ([]byte, bool, error) {
	var value []byte
	answer := radix.Maybe{Rcv: &value}
	if err := s.do(ctx, radix.Cmd(&answer, "GET", keyPrefix+key)); err != nil {
		return nil, false, err
	}
	return value, !answer.Null, nil
}

// Set implements cache.Storage.
func (s *Storage) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if ttl < time.Millisecond {
		return nil
	}
	return s.do(ctx, radix.FlatCmd(nil, "SET", keyPrefix+key, value, "PX", ttl.Milliseconds()))
}

// Lock implements cache.Storage.
func (s *Storage) Lock(ctx context.Context, key string, ttl time.Duration) (unlock func(), acquired bool, err error) {
	token, key := rand.Text(), keyPrefix+key
	answer := radix.Maybe{}
	err = s.do(ctx, radix.Cmd(&answer, "SET", key, token, "NX", "PX", strconv.FormatInt(ttl.Milliseconds(), 10)))
	if err != nil || answer.Null {
		return func() {}, false, err
	}
	return func() {
		// If this fails, the lock ends with its time.
		_ = s.do(context.WithoutCancel(ctx), s.unlock.Cmd(nil, []string{key}, token))
	}, true, nil
}
