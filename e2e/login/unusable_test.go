//go:build e2e

package login

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// startPublicTokens starts a registry that everyone may read and no one may write:
// it requires a token, which its token server grants without a login, and refuses
// any login.
func startPublicTokens(t *testing.T) *registrytest.RecordingProxy {
	t.Helper()
	p := &registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)}
	p.Tokens = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, given := r.BasicAuth(); given || r.Method == http.MethodPost {
			http.Error(w, `{"details":"incorrect username or password"}`, http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"token":"everyone","expires_in":300}`)
	})
	p.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		read := r.Method == http.MethodGet || r.Method == http.MethodHead
		if r.URL.Path == "/token" || read && r.Header.Get("Authorization") == "Bearer everyone" {
			return false
		}
		return registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", fmt.Sprintf("Bearer realm=%q,service=%q", "http://"+p.Host+"/token", "e2e"))(w, r)
	}
	return p.Open(t)
}

// startPublic starts a registry that everyone may read, without a challenge.
func startPublic(t *testing.T) *registrytest.RecordingProxy {
	t.Helper()
	return (&registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)}).Open(t)
}

// startRefusingToken starts a registry that everyone may read, but not with the token
// of a login: GitHub's registry refuses a token of the wrong kind with 403.
func startRefusingToken(t *testing.T) *registrytest.RecordingProxy {
	t.Helper()
	p := &registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)}
	p.Tokens = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := "everyone"
		if _, _, given := r.BasicAuth(); given {
			token = "wrong-kind"
		}
		fmt.Fprintf(w, `{"token":%q,"expires_in":300}`, token)
	})
	p.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path == "/token" || r.Header.Get("Authorization") == "Bearer everyone":
			return false
		case r.Header.Get("Authorization") != "":
			return registrytest.Refuse(http.StatusForbidden)(w, r)
		}
		return registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", fmt.Sprintf("Bearer realm=%q,service=%q", "http://"+p.Host+"/token", "e2e"))(w, r)
	}
	return p.Open(t)
}

// unusableLogin is a home directory whose login cannot be used.
type unusableLogin struct {
	config string
	helper string // the body of docker-credential-e2e, if any
	says   string
}

func (u unusableLogin) session(t *testing.T, host string) clitest.Session {
	t.Helper()
	home := t.TempDir()
	clitest.Must(t, os.MkdirAll(filepath.Join(home, ".docker"), 0o700))
	clitest.Must(t, os.WriteFile(filepath.Join(home, ".docker", "config.json"), []byte(strings.ReplaceAll(u.config, "HOST", host)), 0o600))
	if u.helper == "" {
		return clitest.Session{Home: home}
	}
	clitest.WriteScript(t, filepath.Join(home, "docker-credential-e2e"), "#!/bin/sh\n"+u.helper+"\n")
	return clitest.Session{Home: home, Env: []string{"PATH=" + home + ":" + os.Getenv("PATH")}}
}

const storedLogin = `{"auths":{"HOST":{"auth":"YWxpY2U6b3V0LW9mLWRhdGU="}}}` // alice:out-of-date

// TestPublicImageWithoutAUsableLogin reads a public image from registries that are
// public in several ways, with logins that cannot be used in several ways.
func TestPublicImageWithoutAUsableLogin(t *testing.T) {
	t.Parallel()
	for name, u := range map[string]unusableLogin{
		"missing helper":  {`{"credsStore":"not-installed"}`, "", "no directory in PATH has a program of this name"},
		"failing helper":  {`{"credHelpers":{"HOST":"e2e"}}`, "echo the keyring is locked; exit 1", "the keyring is locked"},
		"helper not JSON": {`{"credsStore":"e2e"}`, "echo hello", "JSON of the helper protocol"},
		"broken file":     {`{"auths":`, "", "the JSON ends too early"},
		"refused login":   {storedLogin, "", "refuses the stored login"},
		"refused token":   {`{"auths":{"HOST":{"identitytoken":"out-of-date"}}}`, "", "refuses the stored login"},
	} {
		for kind, start := range map[string]func(*testing.T) *registrytest.RecordingProxy{
			"open": startPublic, "tokens": startPublicTokens, "refuses the token": startRefusingToken,
		} {
			if kind != "tokens" && strings.HasPrefix(name, "refused") && (kind == "open" || name == "refused token") {
				continue // nothing is refused there
			}
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				g := start(t)
				images := fixture.NewImageSet(t, fixture.OCI(), "app")
				g.Backend.PutImages(t, "app", images)
				s := u.session(t, g.Host)
				for _, args := range [][]string{{"inspect", g.Host + "/app:amd64"}, {"tags", g.Host + "/app"}} {
					done := s.Run(t, args...)
					done.WantCode(t, 0)
					done.WantStderr(t, "warning: ", u.says)
					if strings.Count(done.Stderr, "warning: ") != 1 {
						t.Errorf("%v warns more than once:\n%s", args, done.Stderr)
					}
					registrytest.WantNoSecret(t, done, "out-of-date")
				}
				strict := s.Run(t, "--strict", "inspect", g.Host+"/app:amd64")
				strict.WantCode(t, 1)
				if strict.Stdout != "" {
					t.Errorf("it shows %s", strict.Stdout)
				}
				missing := s.Run(t, "query", g.Host+"/app:none")
				missing.WantCode(t, 1) // a login might show it
				if wrote := g.Seen.Matching(func(r registrytest.Request) bool { return r.IsWrite() && r.Path != "/token" }); len(wrote) > 0 {
					t.Errorf("requests that write: %v", wrote)
				}
			})
		}
	}
}

// TestPrivateImageWithoutAUsableLogin keeps the reason of the failure, whatever the
// registry responds without a login.
func TestPrivateImageWithoutAUsableLogin(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasic(t)
	u := unusableLogin{`{"credsStore":"not-installed"}`, "", ""}
	done := u.session(t, g.Host).Run(t, "inspect", g.Host+"/app:1")
	done.WantCode(t, 1)
	done.WantStderr(t, `credential helper "docker-credential-not-installed"`, "without a login the registry responded 401 Unauthorized")

	hidden := &registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)} // 404 for what is private
	hidden.Open(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	hidden.Backend.PutImages(t, "app", images)
	to := registrytest.StartOpen(t)
	spec := clitest.WriteSpec(t, hidden.Host, images.Spec(to.Host+"/job:all", "REGISTRY/app:%s")+"  - image: REGISTRY/private:1\n    platform: {os: linux, architecture: s390x}\n")
	push := u.session(t, hidden.Host).Run(t, "push", "--ignore-missing", "from-spec", spec)
	push.WantCode(t, 1)
	push.WantStderr(t, `credential helper "docker-credential-not-installed"`)
	to.WantAbsent(t, "job", "all")
}

// TestPushWithoutAUsableLogin writes nothing without the login of its target.
func TestPushWithoutAUsableLogin(t *testing.T) {
	t.Parallel()
	g := startPublic(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.Backend.PutImages(t, "app", images)
	spec := clitest.WriteSpec(t, g.Host, images.Spec("REGISTRY/job:all", "REGISTRY/app:%s"))
	done := unusableLogin{`{"credsStore":"not-installed"}`, "", ""}.session(t, g.Host).Run(t, "push", "from-spec", spec)
	done.WantCode(t, 1)
	done.WantStderr(t, `credential helper "docker-credential-not-installed"`)
	g.Seen.WantNoWrites(t)
	if sent := g.Seen.Matching(func(registrytest.Request) bool { return true }); len(sent) > 0 {
		t.Errorf("%d requests", len(sent))
	}
}

// TestLoginOfThisRunIsRequired does not read without a password that was given.
func TestLoginOfThisRunIsRequired(t *testing.T) {
	t.Parallel()
	g := startPublicTokens(t)
	g.Backend.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	done := clitest.Session{Stdin: "out-of-date\n"}.Run(t, "-u", "alice", "--password-stdin", "inspect", g.Host+"/app:amd64")
	done.WantCode(t, 1)
	done.WantStderr(t, "401 Unauthorized")
}

// TestLoginOfAnotherRepositoryStays reads a private repository with the login that
// is refused for a public one.
func TestLoginOfAnotherRepositoryStays(t *testing.T) {
	t.Parallel()
	p := &registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)}
	p.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		repo, _, _ := registrytest.SplitPath(r.URL.Path)
		_, password, given := r.BasicAuth()
		switch {
		case repo == "public" && !given, repo == "private" && password == registrytest.UserPassword:
			return false
		case repo == "public":
			return registrytest.Refuse(http.StatusForbidden)(w, r)
		}
		return registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", `Basic realm="e2e"`)(w, r)
	}
	p.Open(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	p.Backend.PutImages(t, "private", images)
	p.Backend.PutImages(t, "public", images)
	to := registrytest.StartOpen(t)
	s := registrytest.WithLogin(t, p.Host)
	spec := clitest.WriteSpec(t, p.Host, "image: "+to.Host+"/job:all\nmanifests:\n  - image: REGISTRY/private:amd64\n  - image: REGISTRY/public:arm64\n")
	for range 3 {
		done := s.Run(t, "push", "from-spec", spec)
		done.WantCode(t, 0)
	}
}

// TestHangingHelperDoesNotStopAReader waits for the helper as long as for any.
func TestHangingHelperDoesNotStopAReader(t *testing.T) {
	t.Parallel()
	g := startPublic(t)
	g.Backend.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	u := unusableLogin{`{"credsStore":"e2e"}`, "sleep 600", ""}
	begin := time.Now()
	done := u.session(t, g.Host).Run(t, "inspect", g.Host+"/app:amd64")
	done.WantCode(t, 0)
	done.WantStderr(t, "warning: ", "30s")
	if took := time.Since(begin); took > 2*time.Minute {
		t.Errorf("it took %v", took)
	}
}

// TestPublicImageWithAPassStoreThatIsGone has the real helper without its key.
func TestPublicImageWithAPassStoreThatIsGone(t *testing.T) {
	t.Parallel()
	g := startPublic(t)
	g.Backend.PutImages(t, "app", fixture.NewImageSet(t, fixture.OCI(), "app"))
	s, _ := withPass(t, nil)
	clitest.Must(t, os.RemoveAll(filepath.Join(s.Home, ".password-store")))
	done := s.Run(t, "inspect", g.Host+"/app:amd64")
	done.WantCode(t, 0)
	if done.Stderr != "" { // an uninitialised store is a failure in some versions, and empty in others
		done.WantStderr(t, "warning: ", "docker-credential-pass")
	}
}
