//go:build e2e

package login

import (
	"path/filepath"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

func TestMainJobOnAnOpenRegistry(t *testing.T) {
	t.Parallel()
	registrytest.PushAndInspect(t, clitest.Session{}, registrytest.StartOpen(t))
}

// TestMainJobWithCredentials runs the main job on a registry with TLS and a
// password, and on one with tokens, with the credentials given in every way.
func TestMainJobWithCredentials(t *testing.T) {
	t.Parallel()
	token, _ := registrytest.StartToken(t)
	for name, g := range map[string]*registrytest.Registry{"password and TLS": registrytest.StartBasicTLS(t), "token": token} {
		t.Run(name, func(t *testing.T) {
			trust := g.TrustEnv()
			t.Run("flags", func(t *testing.T) {
				registrytest.PushAndInspect(t, clitest.Session{Env: trust}, g, "--username", registrytest.UserName, "--password", registrytest.UserPassword)
			})
			t.Run("standard input", func(t *testing.T) {
				registrytest.PushAndInspect(t, clitest.Session{Env: trust, Stdin: registrytest.UserPassword + "\n"}, g, "--username", registrytest.UserName, "--password-stdin")
			})
			t.Run("docker login", func(t *testing.T) {
				config := "DOCKER_CONFIG=" + t.TempDir()
				s := clitest.Session{Env: append([]string{config}, trust...), Stdin: registrytest.UserPassword}
				s.MustRunTool(t, "docker", "login", "--username", registrytest.UserName, "--password-stdin", g.Host)
				registrytest.PushAndInspect(t, clitest.Session{Env: s.Env}, g)
			})
			t.Run("home", func(t *testing.T) {
				home := t.TempDir()
				registrytest.WriteLogin(t, filepath.Join(home, ".docker"), g.Host)
				registrytest.PushAndInspect(t, clitest.Session{Home: home, Env: trust}, g)
			})
			t.Run("docker-cfg", func(t *testing.T) {
				dir := t.TempDir()
				registrytest.WriteLogin(t, dir, g.Host)
				registrytest.PushAndInspect(t, clitest.Session{Env: trust}, g, "--docker-cfg", dir)
				registrytest.PushAndInspect(t, clitest.Session{Env: trust}, g, "--docker-cfg", filepath.Join(dir, "config.json"))
			})
		})
	}
}

// TestMainJobUnderAnUnknownAuthority holds that --insecure skips the check of
// the certificate and that nothing else does.
func TestMainJobUnderAnUnknownAuthority(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	login := []string{"--username", registrytest.UserName, "--password", registrytest.UserPassword}
	registrytest.PushAndInspect(t, clitest.Session{}, g, append(login, "--insecure")...)

	done := clitest.Run(t, append(login, "inspect", g.Host+"/job:all")...)
	done.WantCode(t, 1)
	done.WantStderr(t, "manifest-tool failed with error: ", "certificate")
	clitest.WantText(t, "stdout", "", done.Stdout)
}

// TestRefusedCredentials holds that a wrong or missing password is a failure
// with nothing written, and that the password is never shown.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	token, _ := registrytest.StartToken(t)
	for name, g := range map[string]*registrytest.Registry{"password and TLS": registrytest.StartBasicTLS(t), "token": token} {
		t.Run(name, func(t *testing.T) {
			images := fixture.NewImageSet(t, fixture.OCI(), "job")
			g.PutImages(t, "job", images)
			spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/job:all", "REGISTRY/job:%s"))
			s := clitest.Session{Env: g.TrustEnv()}
			for _, flags := range [][]string{nil, {"--username", registrytest.UserName, "--password", "looking-glass"}} {
				done := s.Run(t, append(flags, "--debug", "push", "from-spec", spec)...)
				done.WantCode(t, 1)
				done.WantStderr(t, "manifest-tool failed with error: ", g.Host)
				registrytest.WantNoSecret(t, done, "looking-glass")
				g.WantAbsent(t, "job", "all")
			}
			shown := s.Run(t, "--username", registrytest.UserName, "--password", registrytest.UserPassword, "--debug", "push", "from-spec", spec)
			shown.PushedDigest(t)
			registrytest.WantNoSecret(t, shown, registrytest.UserPassword)
		})
	}
}

// TestSourceOutsideToken holds that a repository the user may not read is no
// missing image.
func TestSourceOutsideToken(t *testing.T) {
	t.Parallel()
	g, seen := registrytest.StartToken(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "job")
	g.PutImagesApart(t, "job/app", images)
	before := len(seen.Matching(registrytest.Request.IsWrite))
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/job:all", "REGISTRY/job/app-%s:1.0")+
		"  - image: REGISTRY/"+registrytest.ClosedPrefix+"app:riscv64\n")
	done := clitest.Run(t, "--username", registrytest.UserName, "--password", registrytest.UserPassword, "push", "--ignore-missing", "from-spec", spec)
	done.WantCode(t, 1)
	done.WantStderr(t, g.Host+"/"+registrytest.ClosedPrefix+"app:riscv64")
	if after := len(seen.Matching(registrytest.Request.IsWrite)); after != before {
		t.Errorf("%d requests that write, want none", after-before)
	}
	g.WantAbsent(t, "job", "all")
}
