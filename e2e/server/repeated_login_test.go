//go:build e2e

package server

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/redistest"
	"manifest-tool/e2e/internal/registrytest"
)

// TestFault41ServiceDoesNotShowARepeatedLogin has a registry that repeats the login of the service in its
// errors: strangers must see it nowhere, nor must the log and the shared cache have it.
func TestFault41ServiceDoesNotShowARepeatedLogin(t *testing.T) {
	t.Parallel()
	encoded := base64.StdEncoding.EncodeToString([]byte(registrytest.UserName + ":" + registrytest.UserPassword))
	var repeated atomic.Int32
	host := registrytest.StartPasswordServer(t, func(w http.ResponseWriter, password string) {
		repeated.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"errors":[{"code":"DENIED","message":"not with %s, Basic %s"}]}`, password, encoded)
	})
	redis := redistest.Start(t)
	s := registrytest.WithLogin(t, host)
	s.Env = append(s.Env, "MANIFEST_TOOL_CACHE_PASSWORD="+redistest.Password)
	v := s.Serve(t, "--allow-registry", host, "--repository", host, "--cache", "redis://"+redis.Addr, "--debug")
	texts := map[string]string{}
	for _, path := range []string{"/v1/images/" + host + "/app:1", "/?image=" + host + "/app:1", "/mquery?image=" + host + "/app:1", "/badge/" + host + "/app:1.svg"} {
		texts[path] = get(t, v, path).Body
	}
	texts["log"] = v.Log()
	for _, key := range redis.Keys(t, "manifest-tool:") {
		texts["cache"] += redis.CLI(t, "GET", key)
	}
	login := clitest.Result{}
	for name, text := range texts {
		if login.Stdout = text; strings.HasPrefix(name, "/v1") && !strings.Contains(text, "not with REDACTED") {
			t.Errorf("%s: %s", name, text)
		}
		registrytest.WantNoSecret(t, login, registrytest.UserPassword)
	}
	if repeated.Load() == 0 || texts["cache"] == "" {
		t.Errorf("the login was repeated %d times, the cache has %q", repeated.Load(), texts["cache"])
	}
}
