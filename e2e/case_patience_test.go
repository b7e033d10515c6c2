//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestPatienceIsAskedFor has a request of each kind answered 429 once: it is
// made again after the second that was asked for, and nothing else is.
func TestPatienceIsAskedFor(t *testing.T) {
	t.Parallel()
	backend := startOpen(t)
	images := newImageSet(t, ociMedia(), "app")
	images.putApart(t, backend, "src/app")
	tests := map[string]fault{
		"manifest": {method: http.MethodGet, kind: "manifest", nth: 2},
		"config":   {method: http.MethodGet, kind: "blob", nth: 1},
		"mount":    {method: http.MethodPost, kind: "upload", nth: 3},
		"child":    {method: http.MethodPut, kind: "manifest", nth: 1},
		"tag":      {method: http.MethodPut, kind: "manifest", nth: 4},
	}
	for name, one := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one.does = refuse(http.StatusTooManyRequests, "Retry-After", "1")
			f := (&recordingProxy{backend: backend, intercept: script(one)}).open(t)
			spec := specFile(t, f.host, images.spec("REGISTRY/"+name+":all", "REGISTRY/src/app-%s:1.0"))
			began := time.Now()
			images.wantPushed(t, manifestTool(t, "push", "from-spec", spec), repository{backend, name})
			if took := time.Since(began); took < time.Second || took > time.Second+soon {
				t.Errorf("the push took %v, want a second and a little", took)
			}
			f.seen.wantCount(t, 1, one.method, one.kind, http.StatusTooManyRequests)
			blobs := len(images.blobs())
			want := map[string]int{"manifest": 3, "config": 3, "mount": blobs, "child": 4, "tag": 4}[name]
			f.seen.wantCount(t, want+1, one.method, one.kind, 0)
		})
	}
}

// TestTheCredentialHelperRunsOnce pushes from 20 repositories of one registry.
func TestTheCredentialHelperRunsOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the helper is a shell script")
	}
	for _, kind := range authModes()[1:] {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.start(t)
			images := newLargeImageSet(t, 20)
			images.putApart(t, backend, "src/app")
			f := (&recordingProxy{backend: backend, tokens: tokens}).open(t)
			s, log := helperSession(t)
			spec := specFile(t, f.host, images.spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
			images.wantPushed(t, s.manifestTool(t, "push", "from-spec", spec), repository{backend, "app"})
			ran, err := os.ReadFile(log)
			must(t, err)
			wantText(t, "runs of the helper", "get "+f.host+"\n", string(ran))
		})
	}
}

// helperSession returns a session whose passwords are with a credential
// helper, and the file in which each run of it leaves a line.
func helperSession(t *testing.T) (s session, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	helper := fmt.Sprintf(`#!/bin/sh
read -r host
echo "$1 $host" >>%s
echo '{"Username":"%s","Secret":"%s"}'
`, log, userName, userPassword)
	must(t, os.WriteFile(filepath.Join(dir, "docker-credential-e2e"), []byte(helper), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"credsStore":"e2e"}`), 0o600))
	path := strings.Join([]string{dir, os.Getenv("PATH")}, string(os.PathListSeparator))
	return session{env: []string{"DOCKER_CONFIG=" + dir, "PATH=" + path}}, log
}
