package probe

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// loginChecks are about the challenges of a registry, its token server, and the login
// of the run. None sends a login of its own except a user name that does not exist.
func loginChecks() []check {
	const docker = "Docker token specification"
	return []check{
		{"login-challenge", SectionLogin, "a request to /v2/ without a login gets a challenge", "RFC 9110, section 15.5.2", false, checkChallenge},
		{"login-challenge-scheme", SectionLogin, "the challenge is Basic or Bearer", docker, false, checkChallengeScheme},
		{"login-challenge-read", SectionLogin, "reading without a login gets a challenge", "RFC 9110, section 15.5.2", false, checkReadChallenge},
		{"login-challenge-write", SectionLogin, "writing without a login gets a challenge", "RFC 9110, section 15.5.2", false, checkWriteChallenge},
		{"login-realm", SectionLogin, "the token server can be used", "RFC 6750, section 5.3", false, checkRealm},
		{"login-accepted", SectionLogin, "the login of this run is accepted", `distribution-spec, "Determining Support"`, true, checkAccepted},
		{"login-token", SectionLogin, "the token server issues a token", docker + `, "Token Response Fields"`, false, checkToken},
		{"login-token-lifetime", SectionLogin, "the lifetime of a token is a number of seconds", "RFC 6749, section 5.1", false, checkLifetime},
		{"login-token-scopes", SectionLogin, "one token is for several repositories", docker + `, "Requesting a Token"`, false, checkScopes},
		{"login-token-anonymous", SectionLogin, "a token is issued without a login", docker + `, "Requesting a Token"`, false, checkAnonymousToken},
		{"login-token-invalid", SectionLogin, "a token that was never issued is refused", "RFC 6750, section 3.1", false, checkInvalidToken},
		{"login-wrong-password", SectionLogin, "an unknown user is refused", "RFC 9110, section 15.5.2", false, checkWrongPassword},
	}
}

// isChallenge reports whether a response is that to a request without a login where one
// is required.
func (r response) isChallenge() bool { return r.status == http.StatusUnauthorized }

// noLogin is the outcome for a registry without logins.
func noLogin() outcome { return skipped("no login is required") }

// absent is the path of a manifest that does not exist.
func (r *run) absent(repository string) string {
	return path(repository, kindManifests, r.content.tag("absent"))
}

// challenged requests what requires a login, without one: /v2/, and if that sends no
// challenge, a manifest. The path is "" if neither requires a login.
func (r *run) challenged(ctx context.Context) (at string, resp response, err error) {
	for _, path := range []string{"/v2/", r.absent(r.repository)} {
		got, err := r.getAnonymously(ctx, path)
		if err != nil {
			return "", got, err
		}
		if len(challengesOf(got)) > 0 {
			return path, got, nil
		}
		if got.isChallenge() && at == "" {
			at, resp = path, got
		}
	}
	return at, resp, nil
}

func checkChallenge(ctx context.Context, r *run) outcome {
	resp, err := r.getBase(ctx)
	switch {
	case err != nil:
		return broken(err)
	case !resp.isChallenge():
		return noLogin().with("auth", "none")
	case len(resp.header.Values("Www-Authenticate")) == 0:
		return failed("the response is 401 without the header WWW-Authenticate: clients cannot know how to log in")
	}
	all := challengesOf(resp)
	if len(all) == 0 {
		return failed("the header WWW-Authenticate is not a challenge: %q", resp.header.Get("Www-Authenticate"))
	}
	o := passed("%s", describeChallenges(all)).with("auth", all.schemes()).with("challenges", strconv.Itoa(len(all)))
	if lines := len(resp.header.Values("Www-Authenticate")); lines > 1 {
		return o.with("challenge-headers", strconv.Itoa(lines))
	}
	return o
}

func checkChallengeScheme(ctx context.Context, r *run) outcome {
	at, resp, err := r.challenged(ctx)
	if err != nil {
		return broken(err)
	}
	if at == "" {
		return noLogin()
	}
	all := challengesOf(resp)
	if len(all) == 0 {
		return broken(errors.New("the registry sends no challenge"))
	}
	bearer, isBearer := all.of("bearer")
	_, isBasic := all.of("basic")
	switch {
	case isBearer && bearer["realm"] == "":
		return failed("the Bearer challenge has no realm: clients cannot know where to request a token")
	case isBearer && bearer["service"] == "":
		return passed("%s, without a service", all.schemes())
	case isBearer, isBasic:
		return passed("%s", all.schemes())
	}
	return skipped("%q is supported by few clients of registries, and not by manifest-tool", all.schemes())
}

// checkReadChallenge requests a manifest that does not exist. A registry may hide
// content in place of a challenge: GitHub's challenges only at /v2/.
func checkReadChallenge(ctx context.Context, r *run) outcome {
	base, err := r.getBase(ctx)
	if err != nil {
		return broken(err)
	}
	resp, err := r.getAnonymously(ctx, r.absent(r.repository))
	if err != nil {
		return broken(err)
	}
	o := judgeChallenge(base, resp)
	if scope := "repository:" + r.repository + ":pull"; o.status == StatusPass {
		if bearer, found := challengesOf(resp).of("bearer"); found && !slices.Contains(strings.Fields(bearer["scope"]), scope) {
			o.detail += "; its scope is not " + scope
		}
	}
	return o.with("challenge-read", statusText(resp.status))
}

// checkWriteChallenge opens an upload, and cancels it if the registry permits that. An
// open registry is not asked.
func checkWriteChallenge(ctx context.Context, r *run) outcome {
	at, base, err := r.challenged(ctx)
	if err != nil {
		return broken(err)
	}
	if at == "" {
		return noLogin()
	}
	resp, err := r.do(ctx, request{method: http.MethodPost, url: path(r.repository, "blobs", "uploads/"), anonymous: true})
	if err != nil {
		return broken(err)
	}
	if resp.status == http.StatusAccepted {
		r.cancelOf(ctx, r.repository, resp)
		return skipped("%s requires a login, and an upload does not", at)
	}
	return judgeChallenge(base, resp).with("challenge-write", statusText(resp.status))
}

// judgeChallenge judges the response to a request without a login.
func judgeChallenge(base, resp response) outcome {
	all := challengesOf(resp)
	switch {
	case resp.status == http.StatusUnauthorized && len(all) > 0:
		return passed("%s", describeChallenges(all))
	case resp.status == http.StatusUnauthorized:
		return failed("the response is 401 without a challenge")
	case !base.isChallenge():
		return noLogin()
	}
	return skipped("the response is %s without a challenge", statusText(resp.status))
}
