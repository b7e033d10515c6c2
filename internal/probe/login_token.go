package probe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"manifest-tool/internal/store/transport"
)

// minLifetime is the shortest lifetime of a token in seconds.
// Source: Docker's token specification, "Token Response Fields".
const minLifetime = 60

// checkAccepted sends the login of the run where one is required.
func checkAccepted(ctx context.Context, r *run) outcome {
	at, _, err := r.challenged(ctx)
	if err != nil {
		return broken(err)
	}
	if at == "" {
		return noLogin()
	}
	resp, err := r.do(ctx, request{method: http.MethodGet, url: at})
	var refused *transport.TokenError
	if errors.As(err, &refused) && refused.Login.WithheldFrom != "" {
		return broken(err).with("withheld-from", refused.Login.WithheldFrom)
	}
	if err != nil {
		return broken(err)
	}
	return judgeLogin(resp)
}

// judgeLogin judges the response to a request with the login of the run.
func judgeLogin(resp response) outcome {
	isAccepted := resp.has(http.StatusOK, http.StatusNotFound) // a manifest that does not exist
	switch login := resp.login; {
	case login.WithheldFrom != "":
		return broken(fmt.Errorf("the login was not sent to the token server %s; allowed by: %s", login.WithheldFrom, strings.Join(login.Flags, " "))).with("withheld-from", login.WithheldFrom)
	case isAccepted && login.Sent:
		return passed("the response is %s", statusText(resp.status))
	case isAccepted:
		return passed("the response is %s with an anonymous token: no login was sent", statusText(resp.status))
	case !login.Sent:
		return broken(fmt.Errorf("the registry requires a login, but none is configured: the response is %s", statusText(resp.status)))
	}
	return broken(fmt.Errorf("the registry refuses the login: the response is %s", statusText(resp.status)))
}

// bearer is the Bearer challenge of a registry.
type bearer struct {
	// at is the path that is challenged, and response that to a request without a login.
	at string
	response
	parameters map[string]string
}

// bearerOf returns the Bearer challenge of the registry. Without one, instead is the
// outcome of the check.
func (r *run) bearerOf(ctx context.Context) (b bearer, instead *outcome) {
	at, resp, err := r.challenged(ctx)
	if err != nil {
		o := broken(err)
		return b, &o
	}
	parameters, found := challengesOf(resp).of("bearer")
	if at == "" || !found || parameters["realm"] == "" {
		o := skipped("the registry uses no token server")
		return b, &o
	}
	return bearer{at, resp, parameters}, nil
}

// firstToken returns the exchange that granted the first token of the run, or the first
// refusal. It requests a token if there was none yet.
func (r *run) firstToken(ctx context.Context) (transport.TokenExchange, *outcome) {
	if _, instead := r.bearerOf(ctx); instead != nil {
		return transport.TokenExchange{}, instead
	}
	var err error
	if r.tokens.count() == 0 {
		_, err = r.do(ctx, request{method: http.MethodGet, url: r.absent(r.repository)})
	}
	if all := r.tokens.since(0); len(all) > 0 {
		return all[max(0, slices.IndexFunc(all, isGranted))], nil
	}
	o := skipped("no token was requested: the login is a token itself, or none was needed")
	if err != nil {
		o = broken(err)
	}
	return transport.TokenExchange{}, &o
}

func isGranted(e transport.TokenExchange) bool { return e.Status < http.StatusBadRequest }

func checkToken(ctx context.Context, r *run) outcome {
	got, instead := r.firstToken(ctx)
	switch {
	case instead != nil:
		return *instead
	case got.Status >= http.StatusBadRequest:
		return broken(fmt.Errorf("the response of the token server is %s", statusText(got.Status)))
	case got.Problem != nil:
		return failed("%v", got.Problem)
	case got.Status != http.StatusOK:
		return failed("the response of the token server is %s in place of 200", statusText(got.Status))
	}
	return passed("the fields of the response are %s", joined(got.Fields)).with("token-fields", joined(got.Fields))
}

func checkLifetime(ctx context.Context, r *run) outcome {
	got, instead := r.firstToken(ctx)
	if instead != nil {
		return *instead
	}
	if got.Status >= http.StatusBadRequest || got.Problem != nil {
		return broken(errors.New("the token server issued no token"))
	}
	seconds, err := strconv.ParseFloat(got.ExpiresIn, 64)
	var o outcome
	switch {
	case got.ExpiresIn == "" || got.ExpiresIn == "null":
		return passed("no expires_in, which means %d seconds", minLifetime).with("token-lifetime", "absent")
	case err != nil:
		o = failed("expires_in is %s, not a number", got.ExpiresIn)
	case seconds <= 0:
		o = failed("expires_in is %s: the token has expired when it arrives", got.ExpiresIn)
	case seconds < minLifetime:
		o = failed("expires_in is %s, less than the %d seconds that clients may rely on", got.ExpiresIn, minLifetime)
	default:
		o = passed("%s seconds", got.ExpiresIn)
	}
	return o.with("token-lifetime", got.ExpiresIn)
}

// checkScopes reads from both repositories of the run. The transport requests one token
// for both; a server that refuses that, or whose token is for one repository only,
// costs one token for each.
func checkScopes(ctx context.Context, r *run) outcome {
	if _, instead := r.firstToken(ctx); instead != nil {
		return *instead
	}
	for _, repository := range []string{r.repository, r.sibling} {
		resp, err := r.do(ctx, request{method: http.MethodHead, url: r.absent(repository)})
		switch {
		case err != nil:
			return broken(fmt.Errorf("reading from %s: %w", repository, err))
		case resp.has(http.StatusUnauthorized, http.StatusForbidden):
			return broken(fmt.Errorf("the login does not permit reading from %s: the response is %s", repository, statusText(resp.status)))
		}
	}
	granted := map[string]bool{} // by scopes: a token may be renewed
	for _, e := range r.tokens.since(0) {
		if isGranted(e) {
			granted[joined(e.Scopes)] = true
		}
	}
	if len(granted) > 1 {
		return skipped("each repository needs a token of its own").with("token-scopes", "one")
	}
	return passed("one token is for both repositories of this run").with("token-scopes", "several")
}

// tokenLog holds the exchanges with token servers. The transport adds them from other
// goroutines.
type tokenLog struct {
	mu  sync.Mutex
	all []transport.TokenExchange
}

func (l *tokenLog) add(e transport.TokenExchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, e)
}

func (l *tokenLog) count() int { return len(l.since(0)) }

// since returns the exchanges after the first n.
func (l *tokenLog) since(n int) []transport.TokenExchange {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all[n:])
}

// recordTokens adds the exchanges of a log after its first n to those of the running
// check. Their bodies are tokens, which no report shows.
func (c *client) recordTokens(log *tokenLog, n int) {
	for _, t := range log.since(n) {
		c.sent++
		c.exchanges = append(c.exchanges, Exchange{Method: t.Method, URL: c.redact(t.URL), Status: t.Status})
	}
}

// withoutCredentials returns the headers of a request for the report.
func withoutCredentials(header map[string]string) map[string]string {
	shown := maps.Clone(header)
	maps.DeleteFunc(shown, func(name, _ string) bool { return strings.EqualFold(name, "Authorization") })
	return shown
}
