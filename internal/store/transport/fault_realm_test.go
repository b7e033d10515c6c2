package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
)

// realmNet is a network of a registry that names a token server and of that
// token server, which gives a token to everybody.
func realmNet(t *testing.T, registry, realm string) *network {
	t.Helper()
	serve := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/token"):
			fmt.Fprint(w, `{"token":"good"}`)
		case r.Header.Get("Authorization") != "Bearer good":
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q`, realm))
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	net := &network{hosts: map[string]http.HandlerFunc{"https://" + registry: serve, "https://trap.example": serve}}
	if u, err := url.Parse(realm); err == nil {
		net.hosts[u.Scheme+"://"+u.Host] = serve
	}
	return net
}

// tokenRequests are what the token servers were asked.
func (n *network) tokenRequests() []string {
	var asked []string
	for line := range n.count() {
		if strings.Contains(line, "/token") {
			asked = append(asked, line)
		}
	}
	return asked
}

func TestFault01RealmElsewhereGetsNoCredentials(t *testing.T) {
	const home, stranger = "registry.example", "https://auth.example/token"
	tests := []struct {
		name, registry, realm string
		allowed               []string
		sent                  bool
	}{
		{"the registry itself", home, "https://registry.example/token", nil, true},
		{"the registry itself, its port spelt out", home, "https://registry.example:443/token", nil, true},
		{"another host", home, stranger, nil, false},
		{"another port", home, "https://registry.example:8443/token", nil, false},
		{"a name that ends alike", home, "https://evilregistry.example/token", nil, false},
		{"a name below", home, "https://auth.registry.example/token", nil, false},
		{"the pair of Docker Hub", "index.docker.io", "https://auth.docker.io/token", nil, true},
		{"the pair of GitLab", "registry.gitlab.com", "https://gitlab.com/jwt/token", nil, true},
		{"the pair of NGC", "nvcr.io", "https://authn.nvidia.com/token", nil, true},
		{"half a pair", home, "https://auth.docker.io/token", nil, false},
		{"a host the user allows", home, stranger, []string{"auth.example"}, true},
		{"its other port", home, "https://auth.example:8443/token", []string{"auth.example"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := realmNet(t, tt.registry, tt.realm)
			var warnings []string
			tr := New(Options{
				Base: net, Credentials: keys{tt.registry: alice}, Host: set(HostConfig{RealmHosts: tt.allowed}),
				Warn: func(message string) { warnings = append(warnings, message) },
			})
			tr.Announce(tt.registry, "a/b", false)
			// What is public can be read all the same.
			for range 2 {
				wantStatus(t, tr, 200, "GET", "https://"+tt.registry+"/v2/a/b/manifests/1", "")
			}
			asked := net.tokenRequests()
			if len(asked) != 1 || strings.Contains(asked[0], " alice:rabbit ") != tt.sent {
				t.Errorf("the token server was asked %q, with the credential: want %v", asked, tt.sent)
			}
			if said := strings.Join(warnings, "\n"); strings.Count(said, "--realm-host") != map[bool]int{false: 1}[tt.sent] {
				t.Errorf("warnings: %q", warnings)
			}
		})
	}
}

// TestFault01ARealmOnPlainHTTP is about token servers that passwords would
// travel to in clear: the user has to have named the host, and to be on the
// same machine or to speak to the registry so, too.
func TestFault01ARealmOnPlainHTTP(t *testing.T) {
	tests := []struct {
		name, registry, realm string
		set                   HostConfig
		sent                  bool
		said                  string
	}{
		{"of this machine, not named", "localhost:5000", "http://localhost:6741/token", HostConfig{}, false, "is not sent there (--realm-host localhost:6741 allows it)"},
		{"of this machine, named", "localhost:5000", "http://localhost:6741/token", HostConfig{RealmHosts: []string{"localhost:6741"}}, true, ""},
		{"of another, not named", "localhost:5000", "http://auth.example/token", HostConfig{}, false, "over plain http (--realm-host auth.example and --plain-http together allow it)"},
		{"of another, named", "localhost:5000", "http://auth.example/token", HostConfig{RealmHosts: []string{"auth.example"}}, false, "over plain http (--plain-http allows it)"},
		{"of a pair", "localhost:5000", "http://auth.docker.io/token", HostConfig{}, false, "over plain http"},
		{"of a registry on plain http, not named", "registry.example", "http://auth.example/token", HostConfig{PlainHTTP: true}, false, "is not sent there (--realm-host auth.example allows it)"},
		{"of a registry on plain http, named", "registry.example", "http://auth.example/token", HostConfig{PlainHTTP: true, RealmHosts: []string{"auth.example"}}, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := realmNet(t, tt.registry, tt.realm)
			net.hosts["http://"+tt.registry] = net.hosts["https://"+tt.registry]
			var said string
			tr := New(Options{
				Base: net, Credentials: keys{tt.registry: alice}, Host: set(tt.set),
				Warn: func(message string) { said += message },
			})
			tr.Announce(tt.registry, "a/b", false)
			wantStatus(t, tr, 200, "GET", "https://"+tt.registry+"/v2/a/b/manifests/1", "")
			asked := net.tokenRequests()
			if len(asked) != 1 || strings.Contains(asked[0], " alice:rabbit ") != tt.sent {
				t.Errorf("the token server was asked %q, with the credential: want %v", asked, tt.sent)
			}
			if !strings.Contains(said, tt.said) || (said == "") != (tt.said == "") {
				t.Errorf("warning %q, want %q in it", said, tt.said)
			}
		})
	}
}

// wantUnasked sends a request that fails because of the realm; no token server
// may hear of it.
func wantUnasked(t *testing.T, net *network, o Options) error {
	t.Helper()
	o.Base, o.Credentials = net, keys{"registry.example": alice}
	tr := New(o)
	tr.Announce("registry.example", "a", false)
	status, err := send(t.Context(), tr, "GET", manifestOf("a"), "")
	if err == nil {
		t.Fatalf("answered with %d", status)
	}
	if asked := net.tokenRequests(); len(asked) > 0 {
		t.Errorf("a token server was asked: %q", asked)
	}
	return err
}

func TestFault02RealmWithUserinfoOrOddPortIsRefused(t *testing.T) {
	for _, realm := range []string{
		"https://mallory@registry.example/token",
		"https://mallory:CANARY@registry.example/token",
		"https://registry.example:rabbit@trap.example/token",
		"https://trap.example:0/token", "https://trap.example:22/token", "https://trap.example:25/token",
		"https://trap.example:1023/token", "https://trap.example:65536/token", "https://registry.example:22/token",
		"https:///token", "https:token", "ftp://registry.example/token", "file:///etc/passwd", "https://registry.example/token#CANARY", "token",
	} {
		t.Run(realm, func(t *testing.T) {
			err := wantUnasked(t, realmNet(t, "registry.example", realm), Options{})
			var refused *RealmError
			if !errors.As(err, &refused) || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestFault03PlainRealmOfASecureRegistryIsRefused(t *testing.T) {
	for _, realm := range []string{"http://registry.example/token", "http://auth.example/token", "http://registry.example:443/token"} {
		t.Run(realm, func(t *testing.T) {
			_ = wantUnasked(t, realmNet(t, "registry.example", realm), Options{Host: set(HostConfig{RealmHosts: []string{"auth.example"}})})
		})
	}
}

// innerAddresses are ways to write an address that only we can reach, and
// names that resolve to one.
func innerAddresses() []string {
	return []string{
		"127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "0x7f000001", "0x7f.1", "0177.0.0.1", "2130706433", "0",
		"0.0.0.0", "0.0.0.1", "localhost", "LOCALHOST", "localhost.", "inner.example", "metadata.example", "six.example", "nat.example",
		"10.0.0.1", "10.255.255.254", "172.16.0.1", "172.31.255.254", "192.168.0.1", "169.254.169.254", "169.254.0.1",
		"100.64.0.1", "100.100.100.200", "100.127.255.254", "224.0.0.1", "255.255.255.255",
		"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a00:1]", "[::ffff:169.254.169.254]",
		"[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[fe80::1]", "[fe80::1%25lo]", "[fd00:ec2::254]", "[fc00::1]", "[ff02::1]",
	}
}

func TestFault04RealmAtAnInnerAddressIsNotContacted(t *testing.T) {
	trap := newTrap(t)
	for _, address := range innerAddresses() {
		t.Run(address, func(t *testing.T) {
			m := newMapped(t, Options{Credentials: keys{"registry.example": alice}})
			realm := "https://" + address + ":" + trap.port + "/token"
			m.hosts["https://registry.example"] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q`, realm))
				w.WriteHeader(http.StatusUnauthorized)
			}
			m.tr.Announce("registry.example", "a", false)
			_, err := send(t.Context(), m.tr, "GET", manifestOf("a"), "")
			var inside *PrivateAddressError
			if !errors.As(err, &inside) && !strings.Contains(fmt.Sprint(err), "invalid realm") {
				t.Errorf("error %v", err)
			}
		})
	}
	trap.wantNothing(t)
}

// TestFault04RealmAtAnInnerAddressByProxyIsNotContacted is about requests whose
// address is dialled by a proxy, where only the realm can be looked at.
func TestFault04RealmAtAnInnerAddressByProxyIsNotContacted(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]"} {
		t.Run(address, func(t *testing.T) {
			_ = wantUnasked(t, realmNet(t, "registry.example", "https://"+address+"/token"), Options{})
		})
	}
}

// TestFault04AnotherRealmOfARegistryAtAnInnerAddress is about a registry of this
// machine whose token server is here too, on another port.
func TestFault04AnotherRealmOfARegistryAtAnInnerAddress(t *testing.T) {
	for name, allows := range map[string]bool{"unnamed": false, "named": true} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, shown(r))
				fmt.Fprint(w, `{"token":"good"}`)
			}))
			defer tokens.Close()
			registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if shown(r) != "good" {
					w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token"`, tokens.URL))
					w.WriteHeader(http.StatusUnauthorized)
				}
			}))
			defer registry.Close()
			host, want, hosts := registry.Listener.Addr().String(), "-", []string(nil)
			if allows {
				want, hosts = "alice:rabbit", []string{tokens.Listener.Addr().String()}
			}
			tr := New(Options{Credentials: keys{host: alice}, Host: set(HostConfig{RealmHosts: hosts})})
			tr.Announce(host, "a", false)
			wantStatus(t, tr, 200, "GET", "https://"+host+"/v2/a/manifests/1", "")
			if diff := gocmp.Diff([]string{want}, asked); diff != "" {
				t.Errorf("what the token server was shown (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFault04RealmOfARegistryAtAnInnerAddress is about the registry of one's
// own network, which is its own token server.
func TestFault04RealmOfARegistryAtAnInnerAddress(t *testing.T) {
	g := &gate{asks: bearerAuth}
	server := httptest.NewServer(g)
	defer server.Close()
	g.name = server.URL
	host := server.Listener.Addr().String()
	tr := New(Options{Credentials: keys{host: alice}})
	tr.Announce(host, "a", false)
	wantStatus(t, tr, 200, "GET", "https://"+host+"/v2/a/manifests/1", "")
}

func TestFault05TokenServerThatRedirectsIsNotFollowed(t *testing.T) {
	for name, cred := range map[string]authn.AuthConfig{"password": alice, "identity token": {IdentityToken: "identity"}, "anonymous": {}} {
		for _, to := range []string{"https://trap.example/trapped", "https://registry.example/trapped", "http://registry.example/trapped"} {
			for _, status := range []int{301, 302, 303, 307, 308} {
				t.Run(fmt.Sprintf("%s, %d to %s", name, status, to), func(t *testing.T) {
					moved := http.RedirectHandler(to, status)
					net := &network{hosts: map[string]http.HandlerFunc{}}
					serve := func(w http.ResponseWriter, r *http.Request) {
						if r.URL.Path == "/token" {
							moved.ServeHTTP(w, r)
							return
						}
						w.Header().Set("WWW-Authenticate", `Bearer realm="https://registry.example/token"`)
						w.WriteHeader(http.StatusUnauthorized)
					}
					net.hosts["https://registry.example"], net.hosts["http://registry.example"], net.hosts["https://trap.example"] = serve, serve, serve
					tr := New(Options{Base: net, Credentials: keys{"registry.example": cred}})
					tr.Announce("registry.example", "a", false)
					if _, err := send(t.Context(), tr, "GET", manifestOf("a"), ""); err == nil {
						t.Error("no error")
					}
					for line := range net.count() {
						if strings.Contains(line, "trapped") {
							t.Errorf("it was followed: %s", line)
						}
					}
				})
			}
		}
	}
}
