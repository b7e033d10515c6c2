package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
)

// optionalError is an error of Credentials that does not stop the reading of a public
// repository.
type optionalError interface{ Optional() bool }

// asReader sends a request that only reads a second time, without a login, if the
// stored login of its registry cannot be found or is refused: the repository may be
// public. The result of the first attempt stays if the second one fails too, so that
// nothing is reported as missing that a login would show.
func (a *authTransport) asReader(h *hostState, c *account, req *http.Request, n access) (*http.Response, error) {
	if !c.isLoginOptional(req) {
		return a.asAccount(c, req, n)
	}
	public := h.anonymousAccount()
	if c.isPublic(n.repository) {
		return a.asAccount(public, req, n)
	}
	resp, err := a.asAccount(c, req, n)
	problem := c.loginProblem(resp, err)
	if problem == "" || req.Context().Err() != nil {
		return resp, err
	}
	again, rewindErr := rewind(req)
	if rewindErr != nil {
		return resp, err
	}
	detachBody(resp) // it must not hold the only connection
	open, openErr := a.asAccount(public, again, n)
	if openErr != nil || open.StatusCode >= http.StatusBadRequest {
		return resp, withoutLogin(err, open)
	}
	c.setPublic(n.repository, problem)
	return open, nil
}

// detachBody reads the body of a response, which is that of an error, into memory.
func detachBody(resp *http.Response) {
	if resp == nil {
		return
	}
	head, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	Discard(resp)
	resp.Body = io.NopCloser(bytes.NewReader(head))
}

// withoutLogin adds to an error about a login what the registry responded without one.
func withoutLogin(err error, open *http.Response) error {
	var optional optionalError
	if open == nil {
		return err
	}
	defer Discard(open)
	if !errors.As(err, &optional) {
		return err
	}
	return fmt.Errorf("%w; without a login the registry responded %d %s", err, open.StatusCode, http.StatusText(open.StatusCode))
}

// isLoginOptional reports whether a request of an account may be sent without a login:
// it reads, nothing is written with the account, and the login was not given for this
// run.
func (c *account) isLoginOptional(req *http.Request) bool {
	optional := c.host.opts.OptionalLogin
	if optional == nil || !optional(c.host.name) || callOf(req.Context()).login || !canRewind(req) ||
		req.Method != http.MethodGet && req.Method != http.MethodHead {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.plan.writes) == 0
}

// loginProblem returns what is wrong with the login of an account as the result of a
// request shows it, "" if nothing is.
func (c *account) loginProblem(resp *http.Response, err error) string {
	var optional optionalError
	switch {
	case errors.As(err, &optional) && optional.Optional():
		return fmt.Sprintf("continuing without a login at %s: %v", c.host.name, err)
	case !c.hasLogin():
		return ""
	case refused(err):
		return fmt.Sprintf("%s refuses the stored login; continuing without it: %v", c.host.name, err)
	case err == nil && (resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden):
		return fmt.Sprintf("%s refuses the stored login with %d %s; continuing without it",
			c.host.name, resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	return ""
}

// hasLogin reports whether the account's credential was found.
func (c *account) hasLogin() bool {
	f := c.found.Load()
	return f != nil && f.err == nil && f.key != (authn.AuthConfig{})
}

func (c *account) isPublic(repository string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.public[repository]
}

// setPublic notes that a repository is read without a login, and warns of the reason
// once per account.
func (c *account) setPublic(repository, problem string) {
	c.mu.Lock()
	first := c.public == nil
	if first {
		c.public = map[string]bool{}
	}
	c.public[repository] = true
	c.mu.Unlock()
	if warn := c.host.opts.Warn; first && warn != nil {
		warn(problem)
	}
}

// anonymousAccount returns the account of requests without a login.
func (h *hostState) anonymousAccount() *account {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.anonymous == nil {
		h.anonymous = h.newAccount("")
		h.anonymous.anonymous = true
	}
	return h.anonymous
}
