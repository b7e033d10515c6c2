//go:build e2e

package server

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/redistest"
	"manifest-tool/e2e/internal/registrytest"
)

const (
	notUsed   = `"msg":"the shared cache is not used"`
	usedAgain = `"msg":"the shared cache is used"`
)

// load requests images from services until stop is called, which returns how many
// were answered. A failed request fails the test.
func load(t *testing.T, all []*clitest.Service, path string) (answered func() int64, stop func() int64) {
	t.Helper()
	var count atomic.Int64
	done := make(chan struct{})
	var wg sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10}, Timeout: time.Minute}
	for i := range 6 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(2 * time.Millisecond):
				}
				if body, err := fetch(client, all[i%len(all)].URL+path); err != nil {
					t.Errorf("a request failed: %v %s", err, body)
					return
				}
				count.Add(1)
			}
		})
	}
	return count.Load, func() int64 {
		close(done)
		wg.Wait()
		client.CloseIdleConnections()
		return count.Load()
	}
}

// wantLogged waits until every service has logged a message more than n times.
func wantLogged(t *testing.T, all []*clitest.Service, message string, n int) {
	t.Helper()
	for i, v := range all {
		clitest.WaitFor(t, fmt.Sprintf("service %d logs %q", i, message), func() bool { return strings.Count(v.Log(), message) > n })
	}
}

// wantAnswers waits until services have answered 500 requests more: half a second of the
// load, which may take long on a busy machine.
func wantAnswers(t *testing.T, all []*clitest.Service, when string, answered func() int64) {
	t.Helper()
	start, before := time.Now(), answered()
	for answered() < before+500 {
		last := answered()
		clitest.WaitFor(t, "10 answers "+when, func() bool { return answered() > last+10 })
	}
	t.Logf("%d services answered %d requests %s in %v", len(all), answered()-before, when, time.Since(start))
}

// TestASharedCacheFailsUnderLoad kills Redis, restarts it, and stops it from responding.
// No request fails, and the services share it again afterwards.
func TestASharedCacheFailsUnderLoad(t *testing.T) {
	t.Parallel()
	g, seen, _ := slowRegistry(t)
	redis := redistest.Start(t)
	all := replicas(t, 3, g, "redis://"+redis.Addr)
	answered, stop := load(t, all, "/v1/images/"+g.Host+"/app:1")
	clitest.WaitFor(t, "load", func() bool { return answered() > 100 })

	redis.Kill()
	wantLogged(t, all, notUsed, 0)
	wantAnswers(t, all, "without Redis", answered)
	redis.Restart(t)
	wantLogged(t, all, usedAgain, 0)

	redis.Freeze(t)
	wantLogged(t, all, notUsed, 1)
	wantAnswers(t, all, "while Redis hangs", answered)
	redis.Thaw(t)
	wantLogged(t, all, usedAgain, 1)
	t.Logf("%d requests were answered", stop())

	// Connections of before may still break, each of which is one more second.
	tag := 0
	clitest.WaitFor(t, "an image that is new afterwards is requested once for all services", func() bool {
		tag++
		ref := fmt.Sprint("new-", tag)
		image := fixture.NewImage(t, fixture.OCI(), ref, fixture.ParsePlatform("linux/arm64"), 1)
		g.Put(t, "new", ref, fixture.NewIndex(t, fixture.OCI(), image))
		for _, v := range all {
			if r := get(t, v, "/v1/images/"+g.Host+"/new:"+ref); r.Status != http.StatusOK {
				t.Errorf("status %d: %s", r.Status, r.Body)
			}
		}
		return len(seen.Matching(func(r registrytest.Request) bool {
			return r.Repo == "new" && r.Ref == ref && r.Method == http.MethodGet
		})) == 1
	})
}

// TestASharedCacheIsDownAtTheStart starts services before Redis.
func TestASharedCacheIsDownAtTheStart(t *testing.T) {
	t.Parallel()
	g, _, _ := slowRegistry(t)
	redis := redistest.Start(t)
	redis.Kill()
	all := replicas(t, 1, g, "redis://"+redis.Addr)
	if r := get(t, all[0], "/v1/images/"+g.Host+"/app:1"); r.Status != http.StatusOK {
		t.Errorf("status %d: %s", r.Status, r.Body)
	}
	redis.Restart(t)
	_, stop := load(t, all, "/v1/images/"+g.Host+"/app:1")
	wantLogged(t, all, usedAgain, 0)
	stop()
	if keys := redis.Keys(t, "manifest-tool:"); len(keys) == 0 {
		clitest.WaitFor(t, "keys in Redis", func() bool {
			get(t, all[0], "/v1/images/"+g.Host+"/single:1")
			return len(redis.Keys(t, "manifest-tool:")) > 0
		})
	}
}

// TestSentinelsChooseAnotherMaster kills the master under load: the services follow
// the Sentinels to the replica.
func TestSentinelsChooseAnotherMaster(t *testing.T) {
	t.Parallel()
	g, _, _ := slowRegistry(t)
	master, replica, sentinels := redistest.StartSentinels(t)
	all := replicas(t, 2, g, "redis-sentinel://"+redistest.Addresses(sentinels)+"/main")
	answered, stop := load(t, all, "/v1/images/"+g.Host+"/app:1")
	clitest.WaitFor(t, "load", func() bool { return answered() > 100 })
	master.Kill()
	wantLogged(t, all, notUsed, 0)
	wantLogged(t, all, usedAgain, 0)
	stop()
	if role := replica.CLI(t, "role"); !strings.HasPrefix(role, "master") {
		t.Errorf("the replica is %s", role)
	}
	// An old connection may fail once more, and costs another second on memory. What is
	// read in that second is not stored again, so each try is for another tag.
	tries := 0
	clitest.WaitFor(t, "a tag in the new master", func() bool {
		tries++
		get(t, all[0], fmt.Sprintf("/v1/images/%s/app:none-%d", g.Host, tries))
		return strings.Contains(strings.Join(replica.Keys(t, "manifest-tool:tag/"), " "), "none-")
	})
}

// TestACacheThatCannotBeUsed has settings that are wrong: nothing listens, and no
// message shows a password.
func TestACacheThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"a password":       {[]string{"--cache", "redis://:" + redistest.Password + "@127.0.0.1"}, "has no password"},
		"not an address":   {[]string{"--cache", "memcached://127.0.0.1"}, "--cache"},
		"no master":        {[]string{"--cache", "redis-sentinel://127.0.0.1"}, "master"},
		"no password file": {[]string{"--cache", "redis://127.0.0.1", "--cache-password-file", "none"}, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := clitest.Run(t, append([]string{"serve", "--listen", "127.0.0.1:0"}, tt.args...)...)
			got.WantCode(t, 2)
			got.WantStderr(t, tt.want)
			if strings.Contains(got.Stderr+got.Stdout, redistest.Password) {
				t.Error("the message has the password")
			}
		})
	}
}
