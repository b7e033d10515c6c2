package transport

import (
	"net/http"
	"testing"
	"testing/synctest"
)

// firstOnly is a token server that looks at the first scope and at no other.
func firstOnly(scopes []string) ([]string, int) { return scopes[:1], http.StatusOK }

func TestATokenServerThatGrantsOneScopeAtATime(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: bearerAuth, grant: firstOnly}
	net, tr := around(registry)
	scopes := pushPlan(tr, 2)
	for range 2 {
		wantStatus(t, tr, 200, "GET", manifestOf("source0"), "")
		wantStatus(t, tr, 200, "GET", manifestOf("source1"), "")
		wantStatus(t, tr, 201, "PUT", manifestOf("d"), "{}")
	}
	net.wantExactly(t, map[string]int{
		"GET " + manifestOf("source0") + " - 401":                                   1,
		"GET " + registry.tokenURL(scopes...) + " alice:rabbit 200":                 1,
		"GET " + manifestOf("source0") + " repository:d:pull,push 401":              1,
		"GET " + registry.tokenURL("repository:source0:pull") + " alice:rabbit 200": 1,
		"GET " + manifestOf("source0") + " repository:source0:pull 200":             2,
		"GET " + registry.tokenURL("repository:source1:pull") + " alice:rabbit 200": 1,
		"GET " + manifestOf("source1") + " repository:source1:pull 200":             2,
		"GET " + registry.tokenURL("repository:d:pull,push") + " alice:rabbit 200":  1,
		"PUT " + manifestOf("d") + " repository:d:pull,push 201":                    2,
	})
}

// refuseSets is a token server that refuses more than one scope at once, and
// the scope named closed.
func refuseSets(closed string, status int) func([]string) ([]string, int) {
	return func(scopes []string) ([]string, int) {
		if len(scopes) > 1 || scopes[0] == closed {
			return nil, status
		}
		return scopes, http.StatusOK
	}
}

func TestATokenServerThatRefusesTheWholePlan(t *testing.T) {
	for _, status := range []int{400, 401, 402, 403, 404, 405, 406, 409, 413, 414, 422, 431, 451} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			registry := &gate{name: "https://registry.example", asks: bearerAuth, grant: refuseSets("", status)}
			net, tr := around(registry)
			scopes := pushPlan(tr, 1)
			wantStatus(t, tr, 200, "GET", manifestOf("source0"), "")
			wantStatus(t, tr, 201, "PUT", manifestOf("d"), "{}")
			net.wantExactly(t, map[string]int{
				"GET " + manifestOf("source0") + " - 401":                                     1,
				"GET " + registry.tokenURL(scopes...) + " alice:rabbit " + statusText(status): 1,
				"GET " + registry.tokenURL("repository:source0:pull") + " alice:rabbit 200":   1,
				"GET " + manifestOf("source0") + " repository:source0:pull 200":               1,
				"GET " + registry.tokenURL("repository:d:pull,push") + " alice:rabbit 200":    1,
				"PUT " + manifestOf("d") + " repository:d:pull,push 201":                      1,
			})
		})
	}
}

// TestARefusedTokenIsNotAskedForAgain is about one repository of many that the
// user may not read: the others work, and it costs one request.
func TestARefusedTokenIsNotAskedForAgain(t *testing.T) {
	registry := &gate{
		name: "https://registry.example", asks: bearerAuth,
		grant: refuseSets("repository:source1:pull", http.StatusForbidden),
	}
	net, tr := around(registry)
	scopes := pushPlan(tr, 2)
	wantStatus(t, tr, 200, "GET", manifestOf("source0"), "")
	for range 5 {
		if status, err := send(t.Context(), tr, "GET", manifestOf("source1"), ""); err == nil {
			t.Errorf("a closed repository was answered with %d", status)
		}
	}
	net.wantExactly(t, map[string]int{
		"GET " + manifestOf("source0") + " - 401":                                   1,
		"GET " + registry.tokenURL(scopes...) + " alice:rabbit 403":                 1,
		"GET " + registry.tokenURL("repository:source0:pull") + " alice:rabbit 200": 1,
		"GET " + manifestOf("source0") + " repository:source0:pull 200":             1,
		"GET " + registry.tokenURL("repository:source1:pull") + " alice:rabbit 403": 1,
	})
}

func TestAWrongPasswordAtTheTokenServerIsFinal(t *testing.T) {
	registry := &gate{name: "https://registry.example", asks: bearerAuth}
	net := &network{hosts: map[string]http.HandlerFunc{registry.name: registry.ServeHTTP}}
	tr := New(Options{Base: net, Credentials: keys{"registry.example": {Username: "alice", Password: "hatter"}}})
	scopes := pushPlan(tr, 1)
	together(many, func(int) {
		if status, err := send(t.Context(), tr, "GET", manifestOf("source0"), ""); err == nil {
			t.Errorf("a wrong password was answered with %d", status)
		}
	})
	net.wantExactly(t, map[string]int{
		"GET " + manifestOf("source0") + " - 401":                                   1,
		"GET " + registry.tokenURL(scopes...) + " alice:hatter 401":                 1,
		"GET " + registry.tokenURL("repository:source0:pull") + " alice:hatter 401": 1,
	})
}

func TestA401WithATokenOfItsOwnIsFinal(t *testing.T) {
	grantNothing := func([]string) ([]string, int) { return []string{"nothing"}, http.StatusOK }
	registry := &gate{name: "https://registry.example", asks: bearerAuth, grant: grantNothing}
	net, tr := around(registry)
	scopes := pushPlan(tr, 1)
	wantStatus(t, tr, 401, "GET", manifestOf("source0"), "")
	net.wantExactly(t, map[string]int{
		"GET " + manifestOf("source0") + " - 401":                                   1,
		"GET " + registry.tokenURL(scopes...) + " alice:rabbit 200":                 1,
		"GET " + registry.tokenURL("repository:source0:pull") + " alice:rabbit 200": 1,
		"GET " + manifestOf("source0") + " nothing 401":                             2,
	})
}

// TestATokenServerThatIsBusyIsNoRefusal holds that the plan's token is asked
// for until it comes: asking for many smaller ones would make things worse.
func TestATokenServerThatIsBusyIsNoRefusal(t *testing.T) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				registry := &gate{name: "https://registry.example", asks: bearerAuth}
				registry.grant = func([]string) ([]string, int) { return nil, status }
				net, tr := around(registry)
				scopes := pushPlan(tr, 1)
				if got, err := send(t.Context(), tr, "GET", manifestOf("source0"), ""); err == nil {
					t.Errorf("answered with %d while there is no token", got)
				}
				net.wantExactly(t, map[string]int{
					"GET " + manifestOf("source0") + " - 401":                                     1,
					"GET " + registry.tokenURL(scopes...) + " alice:rabbit " + statusText(status): maxTries,
				})
				registry.grant = nil
				wantStatus(t, tr, 200, "GET", manifestOf("source0"), "")
			})
		})
	}
}
