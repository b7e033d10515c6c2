package redis

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for address, want := range map[string]servers{
		"redis://cache":                      {hosts: []string{"cache:6379"}},
		"redis://cache:7000/3":               {hosts: []string{"cache:7000"}, database: "3"},
		"redis://10.0.0.1":                   {hosts: []string{"10.0.0.1:6379"}},
		"redis://[::1]:7000":                 {hosts: []string{"[::1]:7000"}},
		"redis://[::1]":                      {hosts: []string{"[::1]:6379"}},
		"rediss://me@cache":                  {hosts: []string{"cache:6379"}, tls: true, user: "me"},
		"redis-cluster://a,b:7001":           {kind: cluster, hosts: []string{"a:6379", "b:7001"}},
		"rediss-cluster://a":                 {kind: cluster, hosts: []string{"a:6379"}, tls: true},
		"redis-sentinel://me@a,b:5000/main":  {kind: sentinel, hosts: []string{"a:26379", "b:5000"}, user: "me", master: "main"},
		"rediss-sentinel://a/main/2":         {kind: sentinel, hosts: []string{"a:26379"}, tls: true, master: "main", database: "2"},
		"redis-sentinel://a:26379/my-master": {kind: sentinel, hosts: []string{"a:26379"}, master: "my-master"},
	} {
		got, err := parse(address)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(servers{})); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", address, err, diff)
		}
	}
}

func TestParseRejects(t *testing.T) {
	for _, address := range []string{
		"", "cache", "cache:6379", "http://cache", "redis:cache", "redis://", "redis:///0", "redis://a,b", "redis://a:port", "redis://a:70000",
		"redis://a/x", "redis://a/-1", "redis://a/1/2", "redis://a?db=1", "redis://a b", "redis://a@b@c",
		"redis-cluster://a/1", "redis-cluster://a,,b", "redis-sentinel://a", "redis-sentinel://a/", "redis-sentinel://a/main/x",
	} {
		if _, err := parse(address); err == nil {
			t.Errorf("%q is accepted", address)
		}
	}
}

// TestFault88AnAddressHasNoPassword has passwords in addresses that are otherwise right
// or wrong. No message repeats them.
func TestFault88AnAddressHasNoPassword(t *testing.T) {
	for _, address := range []string{"redis://me:wonderland@cache", "redis://:wonderland@cache", "http://me:wonderland@cache", "redis-sentinel://:wonderland@a/main"} {
		_, err := parse(address)
		if !errors.Is(err, ErrPassword) || strings.Contains(err.Error(), "wonderland") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
