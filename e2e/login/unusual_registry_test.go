//go:build e2e

package login

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// TestRegistryThatHidesContent challenges at /v2/ only, and calls everything else
// missing or forbidden to requests without a login.
func TestRegistryThatHidesContent(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 404} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			backend := registrytest.StartBasic(t)
			images := fixture.NewImageSet(t, fixture.OCI(), "app")
			backend.PutImages(t, "src/app", images)
			f := (&registrytest.RecordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
				_, kind, _ := registrytest.SplitPath(r.URL.Path)
				return kind != "ping" && r.Header.Get("Authorization") == "" && registrytest.Refuse(status)(w, r)
			}}).Open(t)
			s := registrytest.WithLogin(t, f.Host)
			spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app:%s"))
			images.WantPushed(t, s.Run(t, "push", "--ignore-missing", "from-spec", spec), backend.Repository("app"))
			if n := f.Seen.Count(http.MethodGet, "ping", http.StatusUnauthorized); n != 1 {
				t.Errorf("/v2/ was requested %d times", n)
			}
			before := len(f.Seen.All())
			clitest.Run(t, "inspect", f.Host+"/app:all").WantCode(t, 1)
			for _, r := range f.Seen.All()[before:] {
				if r.Kind == "ping" {
					t.Error("/v2/ was requested without a login at hand")
				}
			}
		})
	}
}

// TestRegistryThatHidesAndFails must not make an image look missing.
func TestRegistryThatHidesAndFails(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImages(t, "src/app", images)
	f := (&registrytest.RecordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
		repo, kind, ref := registrytest.SplitPath(r.URL.Path)
		switch {
		case kind == "ping":
			return registrytest.Refuse(http.StatusServiceUnavailable)(w, r)
		case repo == "src/app" && ref == images[0].Tag:
			return registrytest.Refuse(http.StatusNotFound)(w, r)
		}
		return false
	}}).Open(t)
	spec := clitest.WriteSpec(t, f.Host, images.Spec("REGISTRY/app:all", "REGISTRY/src/app:%s"))
	done := registrytest.WithLogin(t, f.Host).Run(t, "push", "--ignore-missing", "from-spec", spec)
	done.WantCode(t, 1)
	done.WantStderr(t, "checking whether "+f.Host+" requires a login", "503 Service Unavailable")
	backend.WantAbsent(t, "app", "all")
}

// TestLoginAtHarbor rejects the token without scopes and takes the password.
func TestLoginAtHarbor(t *testing.T) {
	t.Parallel()
	backend := registrytest.StartBasic(t)
	f := &registrytest.RecordingProxy{Backend: backend}
	f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
		switch auth := r.Header.Get("Authorization"); {
		case r.URL.Path == "/token":
			fmt.Fprint(w, `{"token":"scopeless","refresh_token":"useless","expires_in":"1800"}`)
			return true
		case auth == "":
			return registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="harbor-registry"`, f.Host))(w, r)
		}
		return false // the registry asks for Basic
	}
	f.Open(t)
	s := clitest.Session{Env: []string{"DOCKER_CONFIG=" + t.TempDir()}}
	done := mustLogin(t, s, f.Host)
	if strings.Contains(done.Stdout, "identity token") {
		t.Errorf("stored a token that the registry rejects: %s", done.Stdout)
	}
	s.Stdin = "wrong\n"
	s.Run(t, "login", f.Host, "-u", registrytest.UserName, "--password-stdin").WantCode(t, 1)
}

// TestRedirectToARegistryWithTokens has a name of one's own redirect to a registry that
// requires anonymous tokens.
func TestRedirectToARegistryWithTokens(t *testing.T) {
	t.Parallel()
	server := registrytest.NewTokenServer(t)
	backend := registrytest.StartTokenAuth(t, server)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	backend.PutImages(t, "src/app", images)
	public := &registrytest.RecordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/token" {
			return false
		}
		// TokenServer grants nothing without a login.
		r.SetBasicAuth(registrytest.UserName, registrytest.UserPassword)
		return server.Intercept(w, r)
	}}
	public.Open(t)
	own := &registrytest.RecordingProxy{Backend: backend, Intercept: func(w http.ResponseWriter, r *http.Request) bool {
		return registrytest.Refuse(http.StatusTemporaryRedirect, "Location", "http://"+public.Host+r.URL.RequestURI())(w, r)
	}}
	own.Open(t)
	tag := images[0].Tag
	for name, s := range map[string]clitest.Session{"without a login": {}, "with logins for both": registrytest.WithLogin(t, own.Host, public.Host)} {
		done := s.Run(t, "verify", "--binaries", "none", own.Host+"/src/app:"+tag)
		if done.WantCode(t, 0); t.Failed() {
			t.Fatalf("%s: %s", name, done.Stderr)
		}
	}
	for _, r := range append(own.Seen.All(), public.Seen.All()...) {
		if strings.HasPrefix(r.Header.Get("Authorization"), "Basic") {
			t.Errorf("a password was sent: %s %s", r.Method, r.Path)
		}
	}
	for _, r := range own.Seen.All() {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("the token was sent elsewhere: %s %s", r.Method, r.Path)
		}
	}
}

// TestRefusalsHaveTheirReasons has token servers and registries state why they refuse.
func TestRefusalsHaveTheirReasons(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		want   []string
	}{
		"Docker Hub":   {401, `{"details":"incorrect username or password"}`, []string{"401 Unauthorized: incorrect username or password"}},
		"GitLab":       {403, `{"errors":[{"code":"UNAUTHORIZED","message":"your account has 2FA: use a personal access token"}]}`, []string{"403 Forbidden: your account has 2FA"}},
		"OAuth":        {400, `{"error":"invalid_grant","error_description":"the token has expired"}`, []string{"400 Bad Request: the token has expired"}},
		"plain text":   {401, "no access for " + registrytest.UserPassword + "\n\x1b[31m", []string{"401 Unauthorized: no access for REDACTED"}},
		"a limit":      {429, `{"message":"too many logins"}`, []string{"429 Too Many Requests: too many logins"}},
		"a page":       {401, "<html>x</html>", []string{"401 Unauthorized\n"}},
		"odd response": {200, `{"token":7}`, []string{`"token" in the token server's response is not a string`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &registrytest.RecordingProxy{Backend: registrytest.StartOpen(t)}
			f.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/token" {
					w.Header().Set("Retry-After", "3600")
					w.WriteHeader(tt.status)
					fmt.Fprint(w, tt.body)
					return true
				}
				return registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="s"`, f.Host))(w, r)
			}
			f.Open(t)
			s := clitest.Session{Env: []string{"DOCKER_CONFIG=" + t.TempDir()}}
			s.Stdin = registrytest.UserPassword + "\n"
			done := s.Run(t, "login", f.Host, "-u", registrytest.UserName, "--password-stdin")
			done.WantCode(t, 1)
			done.WantStderr(t, tt.want...)
			registrytest.WantNoSecret(t, done, registrytest.UserPassword)
			done = registrytest.WithLogin(t, f.Host).Run(t, "inspect", f.Host+"/app:1")
			done.WantCode(t, 1)
			done.WantStderr(t, tt.want...)
			registrytest.WantNoSecret(t, done, registrytest.UserPassword)
		})
	}
}

// TestHintOfARefusal depends on what the registry got.
func TestHintOfARefusal(t *testing.T) {
	t.Parallel()
	var message string
	f := (&registrytest.RecordingProxy{Backend: registrytest.StartOpen(t), Intercept: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == "" && strings.HasPrefix(message, "login:") {
			return registrytest.Refuse(http.StatusUnauthorized, "WWW-Authenticate", `Basic realm="x"`)(w, r)
		}
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"errors":[{"code":"DENIED","message":%q}]}`, message)
		return true
	}}).Open(t)
	anonymous, alice := clitest.Session{}, registrytest.WithLogin(t, f.Host)
	for _, tt := range []struct {
		message string
		session clitest.Session
		hint    string
	}{
		{"requested access is denied", anonymous, "hint: no login was sent"},
		{"Your authorization token has expired.", anonymous, "hint: no login was sent"},
		{"login: Your authorization token has expired.", alice, "hint: the login that was sent has expired"},
		{"login: the quota is used up", alice, "hint: unless the message of the registry gives another reason"},
	} {
		message = tt.message
		done := tt.session.Run(t, "inspect", f.Host+"/app:1")
		done.WantCode(t, 1)
		done.WantStderr(t, "403 Forbidden", tt.message, tt.hint)
	}
}
