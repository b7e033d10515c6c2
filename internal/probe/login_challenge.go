package probe

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"manifest-tool/internal/store/transport"
)

// challenge is a challenge of a registry: a scheme and its parameters, in lower case.
type challenge struct {
	scheme     string
	parameters map[string]string
}

type challengeList []challenge

// challengesOf returns the challenges of a response with 401.
func challengesOf(r response) challengeList {
	var all challengeList
	if !r.isChallenge() {
		return nil
	}
	for _, c := range transport.Challenges(r.header) {
		all = append(all, challenge{c.Scheme, c.Parameters})
	}
	return all
}

// of returns the parameters of the first challenge of a scheme.
func (l challengeList) of(scheme string) (map[string]string, bool) {
	i := slices.IndexFunc(l, func(c challenge) bool { return c.scheme == scheme })
	if i < 0 {
		return nil, false
	}
	return l[i].parameters, true
}

// schemes returns the schemes, comma-separated.
func (l challengeList) schemes() string {
	var all []string
	for _, c := range l {
		all = append(all, c.scheme)
	}
	return joined(all)
}

// describeChallenges returns challenges in one line, with the parameters that clients
// of registries use. The query of a realm is left out.
func describeChallenges(l challengeList) string {
	var all []string
	for _, c := range l {
		text := c.scheme
		for _, name := range []string{"realm", "service", "scope", "error"} {
			value, found := c.parameters[name]
			if !found {
				continue
			}
			if u, err := url.Parse(value); err == nil && u.Host != "" {
				value = transport.RedactURL(u)
			}
			text += " " + name + "=" + value
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// checkRealm judges the address of the token server. Nothing is sent to it.
func checkRealm(ctx context.Context, r *run) outcome {
	b, instead := r.bearerOf(ctx)
	if instead != nil {
		return *instead
	}
	realm, err := transport.CheckRealm(r.host, b.parameters["realm"])
	if err != nil {
		return failed("%v", err)
	}
	o := passed("%s", transport.RedactURL(realm))
	if realm.Scheme != "https" && b.url.Scheme == "https" {
		o = failed("the registry uses https, and its token server %s plain http", transport.RedactURL(realm))
	}
	if !transport.IsOwnTokenServer(r.host, realm) {
		o.detail += "; a login is sent to this other host only if a setting allows it"
		return o.with("realm-host", realm.Host)
	}
	return o
}

// checkAnonymousToken requests a token to read the repository without a login.
func checkAnonymousToken(ctx context.Context, r *run) outcome {
	got, instead := r.tryToken(ctx, "", "")
	switch {
	case instead != nil:
		return *instead
	case got.Status == http.StatusOK && got.Problem != nil:
		return failed("%v", got.Problem)
	case got.Status == http.StatusOK:
		return passed("a token is issued; it allows what is public").with("anonymous-token", "yes")
	}
	return skipped("the response of the token server is %s", statusText(got.Status)).with("anonymous-token", "no")
}

// tryToken requests a token with a login that is not that of the run.
func (r *run) tryToken(ctx context.Context, user, password string) (transport.TokenExchange, *outcome) {
	b, instead := r.bearerOf(ctx)
	if instead != nil {
		return transport.TokenExchange{}, instead
	}
	var tokens tokenLog
	got, err := r.requestToken(transport.With(ctx, transport.OnToken(tokens.add)), transport.TokenRequest{
		Registry: r.host, Header: b.header, Username: user, Password: password,
		Scopes: []string{"repository:" + r.repository + ":pull"},
	})
	r.recordTokens(&tokens, 0)
	if err != nil {
		o := broken(err)
		return got, &o
	}
	return got, nil
}

// checkInvalidToken sends a token that no server issued.
func checkInvalidToken(ctx context.Context, r *run) outcome {
	b, instead := r.bearerOf(ctx)
	if instead != nil {
		return *instead
	}
	resp, err := r.do(ctx, request{
		method: http.MethodGet, url: b.at, anonymous: true, header: map[string]string{"Authorization": "Bearer " + r.madeUp()},
	})
	if err != nil {
		return broken(err)
	}
	again, _ := challengesOf(resp).of("bearer")
	switch {
	case resp.status < http.StatusBadRequest:
		return failed("it is accepted: the response is %s", statusText(resp.status))
	case resp.isChallenge() && len(challengesOf(resp)) == 0:
		return failed("the response is 401 without a challenge")
	case !resp.isChallenge():
		return skipped("the response is %s in place of 401: clients do not request another token", statusText(resp.status))
	case again["error"] == "":
		return passed("the response is 401, without an error in the challenge")
	}
	return passed("the response is 401 with the error %s", again["error"]).with("token-error", again["error"])
}

// madeUp returns a secret that no one has.
func (r *run) madeUp() string { return "manifest-tool-test-" + r.content.id }

// checkWrongPassword logs in once as a user who does not exist, so that no account is
// locked.
func checkWrongPassword(ctx context.Context, r *run) outcome {
	at, resp, err := r.challenged(ctx)
	if err != nil {
		return broken(err)
	}
	all := challengesOf(resp)
	if _, found := all.of("bearer"); found {
		got, instead := r.tryToken(ctx, r.madeUp(), r.madeUp())
		if instead != nil {
			return *instead
		}
		return judgeRefusal(got.Status)
	}
	if _, found := all.of("basic"); !found {
		return noLogin()
	}
	login := base64.StdEncoding.EncodeToString([]byte(url.UserPassword(r.madeUp(), r.madeUp()).String()))
	resp, err = r.do(ctx, request{method: http.MethodGet, url: at, anonymous: true, header: map[string]string{"Authorization": "Basic " + login}})
	if err != nil {
		return broken(err)
	}
	return judgeRefusal(resp.status)
}

func judgeRefusal(status int) outcome {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return passed("the response is %s", statusText(status))
	case status < http.StatusBadRequest:
		return failed("a user who does not exist is accepted: the response is %s", statusText(status))
	case status >= http.StatusInternalServerError:
		return broken(fmt.Errorf("the response is %s", statusText(status)))
	}
	return skipped("the response is %s in place of 401", statusText(status))
}
