//go:build e2e

package login

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestCredentialHelperRunsOnce pushes from 20 repositories of one registry.
func TestCredentialHelperRunsOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the helper is a shell script")
	}
	for _, kind := range registrytest.AuthModes()[1:] {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			backend, tokens := kind.Start(t)
			images := fixture.NewLargeImageSet(t, 20)
			backend.PutImagesApart(t, "src/app", images)
			f := (&registrytest.RecordingProxy{Backend: backend, Tokens: tokens}).Open(t)
			s, log := helperSession(t)
			spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app-%s:1.0"))
			images.WantPushed(t, s.Run(t, "push", "from-spec", spec), backend.Repository("app"))
			ran, err := os.ReadFile(log)
			clitest.Must(t, err)
			clitest.WantText(t, "runs of the helper", "get "+f.Host+"\n", string(ran))
		})
	}
}

// helperSession returns a session whose passwords are with a credential
// helper, and the file in which each run of it leaves a line.
func helperSession(t *testing.T) (s clitest.Session, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	helper := fmt.Sprintf(`#!/bin/sh
read -r host
echo "$1 $host" >>%s
echo '{"Username":"%s","Secret":"%s"}'
`, log, registrytest.UserName, registrytest.UserPassword)
	clitest.WriteScript(t, filepath.Join(dir, "docker-credential-e2e"), helper)
	clitest.Must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"credsStore":"e2e"}`), 0o600))
	path := strings.Join([]string{dir, os.Getenv("PATH")}, string(os.PathListSeparator))
	return clitest.Session{Env: []string{"DOCKER_CONFIG=" + dir, "PATH=" + path}}, log
}
