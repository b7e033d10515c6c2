package probe

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/probe/probetest"
	"manifest-tool/internal/store/transport"
)

// TestLogin is about the three kinds of sound registries.
func TestLogin(t *testing.T) {
	open := probeFaulty(t, none, SectionLogin)
	if got := withStatus(open, StatusPass, StatusFail, StatusError); len(got) > 0 {
		t.Errorf("an open registry: %q are not skipped", got)
	}
	basic := probePasswords(t, none)
	want := []string{"login-accepted", "login-challenge", "login-challenge-read", "login-challenge-scheme", "login-challenge-write", "login-wrong-password"}
	if diff := cmp.Diff(want, withStatus(basic, StatusPass)); diff != "" {
		t.Errorf("a registry with passwords: %s", diff)
	}
	tokens := probeTokens(t, none)
	if got := withStatus(tokens, StatusFail, StatusError, StatusSkip); len(got) > 0 {
		t.Errorf("a registry with tokens: %q do not pass", got)
	}
	for _, r := range []Report{open, basic, tokens} {
		text, err := json.Marshal(r)
		if err != nil || strings.Contains(string(text), "c4nary") || strings.Contains(string(text), "Authorization") {
			t.Errorf("the report has a secret: %v %s", err, text)
		}
	}
}

// unauthorized changes the challenge of the responses with 401.
func unauthorized(f func(r *http.Request, h http.Header)) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		got := httptest.NewRecorder()
		next.ServeHTTP(got, r)
		if got.Code == http.StatusUnauthorized && r.URL.Path != "/token" {
			f(r, got.Header())
		}
		for name, values := range got.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(got.Code)
		_, _ = w.Write(got.Body.Bytes())
	}
}

// anonymously applies a fault to requests without Authorization.
func anonymously(f fault) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get("Authorization") == "" {
			f(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// grant responds to a request for a token with some JSON, in which %s is the token.
func grant(body string) fault {
	return when("/token", "GET", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		got := httptest.NewRecorder()
		next.ServeHTTP(got, r)
		var issued struct{ Token string }
		if json.Unmarshal(got.Body.Bytes(), &issued) != nil {
			w.WriteHeader(got.Code)
			return
		}
		_, _ = w.Write([]byte(strings.ReplaceAll(body, "%s", issued.Token)))
	})
}

func TestTokenFaults(t *testing.T) {
	lifetime := func(value string, want Status) faultCase {
		return faultCase{grant(`{"access_token":"%s","expires_in":` + value + `}`), map[string]Status{"login-token-lifetime": want}, map[string]string{"token-lifetime": value}}
	}
	compareFaults(t, probeTokens, map[string]faultCase{
		"a lifetime as a string":  lifetime(`"300"`, StatusFail),
		"a lifetime of zero":      lifetime("0", StatusFail),
		"a short lifetime":        lifetime("59", StatusFail),
		"a lifetime in words":     lifetime(`"five minutes"`, StatusFail),
		"no lifetime":             {grant(`{"token":"%s"}`), map[string]Status{"login-token-lifetime": StatusPass}, map[string]string{"token-lifetime": "absent"}},
		"tokens are not accepted": {when("/v2/", "GET HEAD", notAccepted), map[string]Status{"login-accepted": StatusError, "login-token-scopes": StatusError}, nil},
		"a response without a token": {grant(`{}`), map[string]Status{
			"login-accepted": StatusError, "login-token": StatusFail, "login-token-lifetime": StatusError, "login-token-scopes": StatusError, "login-token-anonymous": StatusFail,
		}, nil},
		"one scope in a token":    {when("/token", "GET", firstScope), map[string]Status{"login-token-scopes": StatusSkip}, map[string]string{"token-scopes": "one"}},
		"several scopes refused":  {when("/token", "GET", refuseScopes), map[string]Status{"login-token-scopes": StatusSkip}, map[string]string{"token-scopes": "one"}},
		"no anonymous token":      {when("/token", "GET", anonymously(respond(http.StatusUnauthorized))), map[string]Status{"login-token-anonymous": StatusSkip}, map[string]string{"anonymous-token": "no"}},
		"a compressed response":   {when("/token", "GET", compressed), map[string]Status{}, nil},
		"any password":            {when("/token", "GET", anyPassword), map[string]Status{"login-wrong-password": StatusFail}, nil},
		"any token":               {when("/v2/", "GET", anyToken(http.StatusOK)), map[string]Status{"login-token-invalid": StatusFail}, nil},
		"an unknown token is 403": {when("/v2/", "GET", anyToken(http.StatusForbidden)), map[string]Status{"login-token-invalid": StatusSkip}, nil},
	})
}

// compressed compresses a response although no request asks for that.
func compressed(w http.ResponseWriter, r *http.Request, next http.Handler) {
	got := httptest.NewRecorder()
	next.ServeHTTP(got, r)
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(got.Code)
	z := gzip.NewWriter(w)
	_, _ = z.Write(got.Body.Bytes())
	_ = z.Close()
}

func notAccepted(w http.ResponseWriter, r *http.Request, next http.Handler) {
	r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), "c4nary", "broken"))
	if r.Header.Get("Authorization") == "" {
		r.Header.Del("Authorization")
	}
	next.ServeHTTP(w, r)
}

// firstScope grants the first of several scopes.
func firstScope(w http.ResponseWriter, r *http.Request, next http.Handler) {
	query := r.URL.Query()
	query["scope"] = query["scope"][:min(1, len(query["scope"]))]
	r.URL.RawQuery = query.Encode()
	next.ServeHTTP(w, r)
}

// refuseScopes refuses a request for several scopes.
func refuseScopes(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if len(r.URL.Query()["scope"]) > 1 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	next.ServeHTTP(w, r)
}

// anyPassword issues a token to unknown users.
func anyPassword(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if user, _, given := r.BasicAuth(); given && user != userName {
		r.SetBasicAuth(userName, password)
	}
	next.ServeHTTP(w, r)
}

// anyToken responds with a status to a token that was not issued.
func anyToken(status int) fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasPrefix(r.Header.Get("Authorization"), "Bearer manifest-tool") {
			w.WriteHeader(status)
			return
		}
		next.ServeHTTP(w, r)
	}
}

func TestChallengeFaults(t *testing.T) {
	set := func(values ...string) fault {
		return unauthorized(func(r *http.Request, h http.Header) {
			h.Del("WWW-Authenticate")
			for _, v := range values {
				h.Add("WWW-Authenticate", strings.ReplaceAll(v, "BEARER", challengeOf(r, "")))
			}
		})
	}
	base := func(f fault) fault {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.URL.Path == "/v2/" {
				f(w, r, next)
				return
			}
			next.ServeHTTP(w, r)
		}
	}
	compareFaults(t, probeTokens, map[string]faultCase{
		"two headers":      {set(`Basic realm="x"`, "BEARER"), map[string]Status{"login-challenge": StatusPass}, map[string]string{"auth": "basic, bearer", "challenges": "2", "challenge-headers": "2"}},
		"one header":       {set(`BEARER, Basic realm="x"`), map[string]Status{"login-challenge": StatusPass}, map[string]string{"auth": "bearer, basic", "challenges": "2"}},
		"only at /v2/":     {when("/team/", "GET POST", anonymously(respond(http.StatusNotFound))), map[string]Status{"login-challenge-read": StatusSkip, "login-challenge-write": StatusSkip}, map[string]string{"challenge-read": "404 Not Found"}},
		"not at /v2/":      {base(anonymously(respond(http.StatusOK))), map[string]Status{"login-challenge": StatusSkip}, map[string]string{"auth": "none"}},
		"401 of content":   {when("/manifests/", "GET", anonymously(respond(http.StatusUnauthorized))), map[string]Status{"login-challenge-read": StatusFail}, nil},
		"401 of an upload": {when("/blobs/", "POST", anonymously(respond(http.StatusUnauthorized))), map[string]Status{"login-challenge-write": StatusFail}, nil},
		"another realm": {unauthorized(func(_ *http.Request, h http.Header) {
			h.Set("WWW-Authenticate", strings.ReplaceAll(h.Get("WWW-Authenticate"), "127.0.0.1", "localhost"))
		}), map[string]Status{"login-realm": StatusPass, "login-accepted": StatusError, "login-token-scopes": StatusError}, nil},
		"a realm that is none": {unauthorized(func(_ *http.Request, h http.Header) {
			h.Set("WWW-Authenticate", strings.ReplaceAll(h.Get("WWW-Authenticate"), "http://127", "ftp://127"))
		}), map[string]Status{
			"login-realm": StatusFail, "login-accepted": StatusError, "login-token": StatusError, "login-token-lifetime": StatusError,
			"login-token-scopes": StatusError, "login-token-anonymous": StatusError, "login-wrong-password": StatusError,
		}, nil},
	})
	compareFaults(t, probePasswords, map[string]faultCase{
		"no challenge at /v2/": {base(set()), map[string]Status{
			"login-challenge": StatusFail,
		}, nil},
		"not a challenge": {base(set("=")), map[string]Status{
			"login-challenge": StatusFail,
		}, nil},
		"no realm":                    {base(set(`Bearer service="x"`)), map[string]Status{"login-challenge-scheme": StatusFail, "login-accepted": StatusError, "login-wrong-password": StatusSkip}, nil},
		"another scheme":              {set("Negotiate"), map[string]Status{"login-challenge-scheme": StatusSkip, "login-accepted": StatusError, "login-wrong-password": StatusSkip}, map[string]string{}},
		"any password":                {anyPassword, map[string]Status{"login-wrong-password": StatusFail}, nil},
		"uploads without a challenge": {when("/blobs/", "POST", anonymously(respond(http.StatusForbidden))), map[string]Status{"login-challenge-write": StatusSkip}, map[string]string{"challenge-write": "403 Forbidden"}},
	})
}

// TestUploadWithoutLogin: an upload that a check opened without a login is cancelled.
func TestUploadWithoutLogin(t *testing.T) {
	cancelled := ""
	report := probePasswords(t, anonymously(when("/blobs/", "POST DELETE", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		if r.Method == http.MethodDelete {
			cancelled = r.URL.Path
			return
		}
		w.Header().Set("Location", "/v2/team/app/blobs/uploads/one")
		w.WriteHeader(http.StatusAccepted)
	})))
	if one, _ := report.Result("login-challenge-write"); one.Status != StatusSkip || cancelled != "/v2/team/app/blobs/uploads/one" {
		t.Errorf("got %+v, and the upload %q was cancelled", one, cancelled)
	}
}

// TestWithoutLogin: a registry that requires a login, and a run that has none.
func TestWithoutLogin(t *testing.T) {
	for name, f := range map[string]fault{"basic": needsPassword, "bearer": needsToken} {
		report := probeHost(t, serve(t, inFrontOf(probetest.NewRegistry(), f)), transport.Options{}, SectionLogin, SectionImages)
		if got := withStatus(report, StatusFail); len(got) > 0 {
			t.Errorf("%s: %q fail for lack of a login", name, got)
		}
		if report.Verdict.Works == WorksYes {
			t.Errorf("%s: the verdict is %s", name, report.Verdict.Works)
		}
	}
}

// TestTokenServerElsewhere: only anonymous requests and a user who does not exist are
// sent to a token server that the registry does not own.
func TestTokenServerElsewhere(t *testing.T) {
	sent := []string{}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, given, _ := r.BasicAuth()
		sent = append(sent, user+given)
		issueToken(w, r)
	}))
	defer other.Close()
	report := probeTokens(t, unauthorized(func(_ *http.Request, h http.Header) {
		h.Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="x"`, other.URL))
	}))
	if strings.Contains(strings.Join(sent, " "), userName) || len(sent) == 0 {
		t.Errorf("sent %q", sent)
	}
	one, _ := report.Result("login-accepted")
	if one.Status != StatusError || one.Facts["withheld-from"] == "" {
		t.Errorf("the login is not accepted: %+v", one)
	}
}
