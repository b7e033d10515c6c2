//go:build e2e

package server

import (
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/redistest"
	"manifest-tool/internal/server/cache/redis"
)

// TestALockThatEndedIsNotReleased has a holder that takes too long: what it releases
// then is another one's lock, which stays.
func TestALockThatEndedIsNotReleased(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s, err := redis.Open(t.Context(), "redis://"+server.Addr, redistest.Password)
	clitest.Must(t, err)
	lock := func(ttl time.Duration, want bool) func() {
		t.Helper()
		unlock, acquired, err := s.Lock(t.Context(), "lock/x", ttl)
		if err != nil || acquired != want {
			t.Fatalf("acquired %t, %v; want %t", acquired, err, want)
		}
		return unlock
	}
	late := lock(50*time.Millisecond, true)
	time.Sleep(100 * time.Millisecond)
	second := lock(time.Minute, true)
	late()
	lock(time.Minute, false)
	second()
	lock(time.Minute, true)()
}

// TestRedisValues has values and times of Redis itself.
func TestRedisValues(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s, err := redis.Open(t.Context(), "redis://"+server.Addr+"/3", redistest.Password)
	clitest.Must(t, err)
	value := string([]byte{0, 255, '\r', '\n'})
	clitest.Must(t, s.Set(t.Context(), "a", []byte(value), time.Minute))
	clitest.Must(t, s.Set(t.Context(), "short", []byte(value), 50*time.Millisecond))
	time.Sleep(100 * time.Millisecond)
	for key, want := range map[string]bool{"a": true, "short": false, "none": false} {
		got, found, err := s.Get(t.Context(), key)
		if err != nil || found != want || found && string(got) != value {
			t.Errorf("%s: %q, %t, %v", key, got, found, err)
		}
	}
	wrong, err := redis.Open(t.Context(), "redis://"+server.Addr, "another password")
	clitest.Must(t, err)
	if _, _, err := wrong.Get(t.Context(), "a"); err == nil {
		t.Error("a wrong password is accepted")
	}
}
