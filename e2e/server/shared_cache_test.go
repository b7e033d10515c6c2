//go:build e2e

package server

import (
	"fmt"
	"io"
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

// replicas starts services that share a cache.
func replicas(t *testing.T, n int, registry *registrytest.Registry, cache string) (all []*clitest.Service) {
	t.Helper()
	session := clitest.Session{Env: []string{"MANIFEST_TOOL_CACHE_PASSWORD=" + redistest.Password}}
	for range n {
		all = append(all, session.Serve(t, "--cache", cache, "--allow-registry", registry.Host, "--rate", "0"))
	}
	return all
}

// slowRegistry is a registry with an index, app:1, whose responses take a while.
func slowRegistry(t *testing.T) (*registrytest.Registry, *registrytest.Recorder, fixture.Object) {
	t.Helper()
	g := registrytest.StartOpen(t)
	image := fixture.NewImage(t, fixture.OCI(), "one", fixture.ParsePlatform("linux/arm64"), 1)
	index := fixture.NewIndex(t, fixture.OCI(), image)
	g.Put(t, "app", "1", index)
	g.Put(t, "single", "1", image)
	proxied, seen := g.BehindProxy(t, func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(100 * time.Millisecond)
		return false
	})
	return proxied, seen, index
}

// TestFault99ColdRequestsOfThreeServicesAreOne spreads a thousand requests over
// services that share a cache, for each kind of Redis.
func TestFault99ColdRequestsOfThreeServicesAreOne(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) string{
		"one server": func(t *testing.T) string { return "redis://" + redistest.Start(t).Addr },
		"Cluster":    func(t *testing.T) string { return "redis-cluster://" + redistest.Addresses(redistest.StartCluster(t)) },
		"Sentinels": func(t *testing.T) string {
			_, _, sentinels := redistest.StartSentinels(t)
			return "redis-sentinel://" + redistest.Addresses(sentinels) + "/main"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, seen, index := slowRegistry(t)
			all := replicas(t, 3, g, start(t))
			client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 200, MaxIdleConnsPerHost: 200}, Timeout: time.Minute}
			defer client.CloseIdleConnections()
			var wg sync.WaitGroup
			for i := range 1000 {
				wg.Go(func() {
					if body, err := fetch(client, all[i%3].URL+"/v1/images/"+g.Host+"/app:1"); err != nil || !strings.Contains(body, index.Digest().String()) {
						t.Errorf("%v: %s", err, body)
					}
				})
			}
			wg.Wait()
			seen.WantCount(t, 1, http.MethodGet, "manifest", http.StatusOK)
			seen.WantCount(t, 0, http.MethodHead, "manifest", 0)
			for _, v := range all {
				if strings.Contains(v.Log(), "is not used") || strings.Contains(v.Log(), redistest.Password) {
					t.Errorf("the log of a service:\n%s", v.Log())
				}
			}
		})
	}
}

// fetch returns the body of a response with the status 200.
func fetch(client *http.Client, url string) (string, error) {
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return string(body), err
}

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

const (
	notUsed   = `"msg":"the shared cache is not used"`
	usedAgain = `"msg":"the shared cache is used"`
)

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
	before := answered()
	clitest.WaitFor(t, "answers without Redis", func() bool { return answered() > before+500 })
	redis.Restart(t)
	wantLogged(t, all, usedAgain, 0)

	redis.Freeze(t)
	wantLogged(t, all, notUsed, 1)
	before = answered()
	clitest.WaitFor(t, "answers while Redis hangs", func() bool { return answered() > before+500 })
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

// TestAPoisonedSharedCacheIsIgnored writes into Redis what no service wrote. A
// service that has nothing in memory reads the image from the registry.
func TestAPoisonedSharedCacheIsIgnored(t *testing.T) {
	t.Parallel()
	g, _, index := slowRegistry(t)
	redis := redistest.Start(t)
	cache := "redis://" + redis.Addr
	path := "/v1/images/" + g.Host + "/app:1"
	want := get(t, replicas(t, 1, g, cache)[0], path).Body
	if !strings.Contains(want, index.Digest().String()) {
		t.Fatal(want)
	}
	other := strings.Repeat("0", 64)
	for name, poison := range map[string]struct{ keys, value string }{
		"other bytes":     {"manifest-tool:document/", "application/vnd.oci.image.index.v1+json\n{\"schemaVersion\":2,\"manifests\":[]}"},
		"another version": {"manifest-tool:tag/", `{"version":99,"digest":"sha256:` + other + `","checked":"2026-01-01T00:00:00Z"}`},
		"the future":      {"manifest-tool:tag/", `{"version":1,"digest":"sha256:` + other + `","checked":"2999-01-01T00:00:00Z","tried":"2999-01-01T00:00:00Z"}`},
		"noise":           {"manifest-tool:", "\x01\x02"},
	} {
		keys := redis.Keys(t, poison.keys)
		if len(keys) == 0 {
			t.Fatalf("%s: no keys", name)
		}
		for _, key := range keys {
			redis.CLI(t, "SET", key, poison.value)
		}
		if r := get(t, replicas(t, 1, g, cache)[0], path); r.Status != http.StatusOK || r.Body != want {
			t.Errorf("%s: status %d, %s, want %s", name, r.Status, r.Body, want)
		}
	}
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
