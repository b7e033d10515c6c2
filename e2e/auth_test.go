//go:build e2e

package e2e

import (
	"path/filepath"
	"testing"
)

func TestMainJobOnAnOpenRegistry(t *testing.T) {
	t.Parallel()
	mainJob(t, session{}, startOpen(t))
}

// TestMainJobWithCredentials runs the main job on a registry with TLS and a
// password, and on one with tokens, with the credentials given in every way.
func TestMainJobWithCredentials(t *testing.T) {
	t.Parallel()
	token, _ := startToken(t)
	for name, g := range map[string]*registry{"password and TLS": startBasic(t), "token": token} {
		t.Run(name, func(t *testing.T) {
			trust := g.TrustEnv()
			t.Run("flags", func(t *testing.T) {
				mainJob(t, session{Env: trust}, g, "--username", userName, "--password", userPassword)
			})
			t.Run("standard input", func(t *testing.T) {
				mainJob(t, session{Env: trust, Stdin: userPassword + "\n"}, g, "--username", userName, "--password-stdin")
			})
			t.Run("docker login", func(t *testing.T) {
				config := "DOCKER_CONFIG=" + t.TempDir()
				s := session{Env: append([]string{config}, trust...), Stdin: userPassword}
				s.MustRunTool(t, "docker", "login", "--username", userName, "--password-stdin", g.Host)
				mainJob(t, session{Env: s.Env}, g)
			})
			t.Run("home", func(t *testing.T) {
				home := t.TempDir()
				writeLogin(t, filepath.Join(home, ".docker"), g.Host)
				mainJob(t, session{Home: home, Env: trust}, g)
			})
			t.Run("docker-cfg", func(t *testing.T) {
				dir := t.TempDir()
				writeLogin(t, dir, g.Host)
				mainJob(t, session{Env: trust}, g, "--docker-cfg", dir)
				mainJob(t, session{Env: trust}, g, "--docker-cfg", filepath.Join(dir, "config.json"))
			})
		})
	}
}

// TestMainJobUnderAnUnknownAuthority holds that --insecure skips the check of
// the certificate and that nothing else does.
func TestMainJobUnderAnUnknownAuthority(t *testing.T) {
	t.Parallel()
	g := startBasic(t)
	login := []string{"--username", userName, "--password", userPassword}
	mainJob(t, session{}, g, append(login, "--insecure")...)

	done := manifestTool(t, append(login, "inspect", g.Host+"/job:all")...)
	done.WantCode(t, 1)
	done.WantStderr(t, "manifest-tool failed with error: ", "certificate")
	wantText(t, "stdout", "", done.Stdout)
}

// TestRefusedCredentials holds that a wrong or missing password is a failure
// with nothing written, and that the password is never shown.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	token, _ := startToken(t)
	for name, g := range map[string]*registry{"password and TLS": startBasic(t), "token": token} {
		t.Run(name, func(t *testing.T) {
			images := newImageSet(t, ociMedia(), "job")
			g.PutImages(t, "job", images)
			spec := specFile(t, g.Host, images.Spec("REGISTRY/job:all", "REGISTRY/job:%s"))
			s := session{Env: g.TrustEnv()}
			for _, flags := range [][]string{nil, {"--username", userName, "--password", "looking-glass"}} {
				done := s.Run(t, append(flags, "--debug", "push", "from-spec", spec)...)
				done.WantCode(t, 1)
				done.WantStderr(t, "manifest-tool failed with error: ", g.Host)
				wantNoSecret(t, done, "looking-glass")
				g.WantAbsent(t, "job", "all")
			}
			shown := s.Run(t, "--username", userName, "--password", userPassword, "--debug", "push", "from-spec", spec)
			shown.PushedDigest(t)
			wantNoSecret(t, shown, userPassword)
		})
	}
}

// TestASourceTheTokenDoesNotCover holds that a repository the user may not
// read is no missing image.
func TestASourceTheTokenDoesNotCover(t *testing.T) {
	t.Parallel()
	g, seen := startToken(t)
	images := newImageSet(t, ociMedia(), "job")
	g.PutImagesApart(t, "job/app", images)
	before := len(seen.Matching(request.IsWrite))
	spec := specFile(t, g.Host, images.Spec("REGISTRY/job:all", "REGISTRY/job/app-%s:1.0")+
		"  - image: REGISTRY/"+closedPrefix+"app:riscv64\n")
	done := manifestTool(t, "--username", userName, "--password", userPassword, "push", "--ignore-missing", "from-spec", spec)
	done.WantCode(t, 1)
	done.WantStderr(t, g.Host+"/"+closedPrefix+"app:riscv64")
	if after := len(seen.Matching(request.IsWrite)); after != before {
		t.Errorf("%d requests that write, want none", after-before)
	}
	g.WantAbsent(t, "job", "all")
}
