//go:build e2e

package server

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
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
