//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

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
			backend.putImagesApart(t, "src/app", images)
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
