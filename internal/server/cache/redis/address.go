package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/mediocregopher/radix/v4"
)

// kind is how servers are found.
type kind int

const (
	single kind = iota
	cluster
	sentinel
)

// schemes are the starts of addresses, without the suffix of TLS.
func schemes() map[string]kind {
	return map[string]kind{"redis": single, "redis-cluster": cluster, "redis-sentinel": sentinel}
}

// ErrPassword is returned for an address with a password.
var ErrPassword = errors.New("an address of Redis has no password: other users of this machine, and logs, would show it")

// servers are what an address names.
type servers struct {
	kind           kind
	tls            bool
	hosts          []string
	user, password string
	// master is the name by which Sentinels know the servers.
	master   string
	database string
}

// parse parses an address, as Open describes it.
func parse(address string) (servers, error) {
	name, rest, _ := strings.Cut(address, "://")
	plain := strings.Replace(name, "rediss", "redis", 1)
	found, known := schemes()[plain]
	s := servers{kind: found, tls: plain != name}
	if user, after, given := strings.Cut(rest, "@"); given {
		if strings.Contains(user, ":") {
			return s, ErrPassword
		}
		s.user, rest = user, after
	}
	if !known {
		return s, fmt.Errorf("%.80q is not the address of a Redis: redis://HOST, redis-cluster://HOST,HOST or redis-sentinel://HOST,HOST/MASTER; rediss for TLS", address)
	}
	hosts, path, _ := strings.Cut(rest, "/")
	for host := range strings.SplitSeq(hosts, ",") {
		at, err := hostPort(host, s.kind)
		if err != nil {
			return s, err
		}
		s.hosts = append(s.hosts, at)
	}
	if s.kind == single && len(s.hosts) > 1 {
		return s, fmt.Errorf("%.80q has several servers: use redis-cluster:// or redis-sentinel://", address)
	}
	return s, s.parsePath(path)
}

// parsePath parses what follows the hosts: the name of the master, and the database.
func (s *servers) parsePath(path string) error {
	if s.kind == sentinel {
		if s.master, path, _ = strings.Cut(path, "/"); s.master == "" {
			return errors.New("the name of the master is missing: redis-sentinel://HOST,HOST/MASTER")
		}
	}
	if path == "" {
		return nil
	}
	if _, err := strconv.ParseUint(path, 10, 16); err != nil {
		return fmt.Errorf("%.40q is not the number of a database of Redis", path)
	}
	if s.database = path; s.kind == cluster {
		return errors.New("a Cluster of Redis has no databases")
	}
	return nil
}

// hostPort adds the default port to a host.
func hostPort(text string, k kind) (string, error) {
	host, port := text, "6379"
	if k == sentinel {
		port = "26379"
	}
	if h, p, err := net.SplitHostPort(text); err == nil {
		host, port = h, p
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	_, err := strconv.ParseUint(port, 10, 16)
	if err != nil || host == "" || strings.ContainsAny(host, "@[]?# ") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
		return "", fmt.Errorf("%.80q is not HOST or HOST:PORT", text)
	}
	return net.JoinHostPort(host, port), nil
}

// connect returns a client of the servers.
func (s servers) connect(ctx context.Context) (client, error) {
	pool := radix.PoolConfig{Dialer: s.dialer(), MaxReconnectInterval: time.Second}
	pool.Dialer.AuthUser, pool.Dialer.AuthPass, pool.Dialer.SelectDB = s.user, s.password, s.database
	switch s.kind {
	case cluster:
		return radix.ClusterConfig{PoolConfig: pool}.New(ctx, s.hosts)
	case sentinel:
		return radix.SentinelConfig{PoolConfig: pool, SentinelDialer: s.dialer()}.New(ctx, s.master, s.hosts)
	}
	return pool.New(ctx, "tcp", s.hosts[0])
}

// dialer is that of a connection, without a login.
func (s servers) dialer() radix.Dialer {
	plain := &net.Dialer{Timeout: connectLimit}
	if s.tls {
		return radix.Dialer{NetDialer: &tls.Dialer{NetDialer: plain, Config: &tls.Config{MinVersion: tls.VersionTLS12}}}
	}
	return radix.Dialer{NetDialer: plain}
}
