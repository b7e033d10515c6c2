package transport

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// badLines reads testdata/bad/NAME: lines of a class, a tab and a Go string.
func badLines(tb testing.TB, name string) (lines [][2]string) {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "bad", name))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		class, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			tb.Fatalf("%s: %q: %v", name, line, err)
		}
		lines = append(lines, [2]string{class, text})
	}
	return lines
}

// TestBadAddressesAreNotDialled takes each spelling as the place that a
// registry's redirect, Location or realm leads to. A spelling that net/http
// takes for an address goes to the network itself; of a name it is the address
// found that counts, which comes to the dialler in the same way.
func TestBadAddressesAreNotDialled(t *testing.T) {
	for _, line := range badLines(t, "addresses.txt") {
		address, host := line[0], line[1]
		t.Run(host, func(t *testing.T) {
			g := &guard{announced: func(string) bool { return false }}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+":9/", nil)
			if err != nil {
				t.Fatal(err)
			}
			req = g.markUnknownHost(req, false)
			var inside *PrivateAddressError
			if err := g.control(req.Context(), "tcp", net.JoinHostPort(address, "9"), nil); !errors.As(err, &inside) {
				t.Errorf("%s was let through: %v", address, err)
			}
			u, err := CheckRealm("registry.example", "https://"+host+"/token")
			if err == nil && trustsRealm("registry.example", u, HostConfig{}) {
				t.Error("a credential would be sent there")
			}
			literal, err := netip.ParseAddr(req.URL.Hostname())
			if err != nil || literal.Zone() != "" && literal.Zone() != "lo" {
				return
			}
			network := newNetwork(1, g)
			network.Proxy = nil
			resp, err := network.RoundTrip(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if !errors.As(err, &inside) {
				t.Errorf("the network was asked: %v", err)
			}
		})
	}
}

// TestPublicAddressesAreDialled keeps the blocks from growing over the public
// internet.
func TestPublicAddressesAreDialled(t *testing.T) {
	g := &guard{announced: func(string) bool { return false }}
	ctx := With(t.Context(), toUnknownHost)
	for _, address := range []string{
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.0.2.1",
		"192.167.255.255", "192.169.0.1", "198.17.255.255", "198.20.0.1", "223.255.255.254", "2606:4700::1111", "2001:4860::8888",
		"::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1",
	} {
		if err := g.control(ctx, "tcp", net.JoinHostPort(address, "443"), nil); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestBadChallengesSpendNoCredential has a registry answer with each header.
func TestBadChallengesSpendNoCredential(t *testing.T) {
	for _, line := range badLines(t, "challenges.txt") {
		class, header := line[0], line[1]
		t.Run(header[:min(len(header), 60)], func(t *testing.T) {
			got, leaks := answerChallenge(t, header, Options{})
			if got != class {
				t.Errorf("%q is %s, want %s", header, got, class)
			}
			for _, line := range leaks {
				t.Errorf("%q: a credential went out: %s", header, line)
			}
		})
	}
}

// recorder is a network of one registry, which answers 401 with a header, and
// of token servers under every other name and path, which give nothing. It
// notes the hosts that were asked and those that were sent the credential.
type recorder struct {
	header          string
	asked, credited []string
}

func (n *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	host := req.URL.Scheme + "://" + req.URL.Host
	body := ""
	if req.Body != nil {
		body = bodyOf(req)
	}
	user, password, _ := req.BasicAuth()
	if user+password != "" && host != "https://registry.example" || strings.Contains(body+req.URL.RawQuery, "rabbit") && !strings.Contains(n.header, "rabbit") {
		n.credited = append(n.credited, host)
	}
	answer := &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: http.NoBody, Request: req}
	if req.URL.Host == "registry.example" && strings.HasPrefix(req.URL.Path, "/v2/") {
		answer.StatusCode = http.StatusUnauthorized
		answer.Header["Www-Authenticate"] = []string{n.header}
		return answer, nil
	}
	n.asked = append(n.asked, host)
	return answer, nil
}

// answerChallenge sends a request to a registry that answers it with a header
// and returns the class of what was made of it, and where the credential was
// sent to others than the registry itself.
func answerChallenge(t *testing.T, header string, o Options) (class string, leaks []string) {
	t.Helper()
	net := &recorder{header: header}
	o.Base, o.Credentials = net, keys{"registry.example": alice}
	tr := New(o)
	tr.Announce("registry.example", "a", false)
	_, err := send(t.Context(), tr, http.MethodGet, manifestOf("a"), "")
	switch {
	case len(net.asked) > 0:
		return "anonymous", net.credited
	case err != nil:
		return "refused", net.credited
	}
	return "none", net.credited
}

// FuzzRealm holds that a credential goes to the registry that it is for, to
// the token servers its operator documents and to those the user allowed, over
// https, and to no one else, whatever a challenge contains.
func FuzzRealm(f *testing.F) {
	for _, line := range badLines(f, "challenges.txt") {
		f.Add(line[1])
	}
	for _, line := range badLines(f, "addresses.txt") {
		f.Add(`Bearer realm="https://` + line[1] + `/token"`)
	}
	f.Add(`Bearer realm="https://registry.example/token",service="s"`)
	f.Add(`Bearer realm="https://REGISTRY.example:443/token",service="s"`)
	f.Add(`Bearer realm="https://tokens.example/token",service="s"`)
	f.Fuzz(func(t *testing.T, header string) {
		_, leaks := answerChallenge(t, header, Options{Host: set(HostConfig{RealmHosts: []string{"tokens.example"}})})
		for _, host := range leaks {
			switch strings.ToLower(host) {
			case "https://registry.example", "https://registry.example:443", "https://tokens.example":
			default:
				t.Errorf("%q: the credential went to %s", header, host)
			}
		}
		for _, c := range parseChallenges(header) {
			for _, registry := range []string{"index.docker.io", "registry.gitlab.com", "nvcr.io", "ghcr.io:8443"} {
				checkTrust(t, registry, c.Parameters["realm"])
			}
		}
	})
}

// checkTrust compares trustsRealm with the list of pairs, written out.
func checkTrust(t *testing.T, registry, realm string) {
	t.Helper()
	u, err := CheckRealm(registry, realm)
	if err != nil || !trustsRealm(registry, u, HostConfig{}) {
		return
	}
	pairs := map[string]string{
		"index.docker.io": "auth.docker.io", "registry.gitlab.com": "gitlab.com", "nvcr.io": "authn.nvidia.com",
	}
	again, err := url.Parse(realm)
	if err != nil || again.User != nil {
		t.Fatalf("%q is trusted by %s", realm, registry)
	}
	host := strings.ToLower(again.Host)
	for _, own := range []string{registry, registry + ":443", registry + ":80", pairs[registry]} {
		if host == own {
			return
		}
	}
	t.Fatalf("%s trusts %q", registry, realm)
}
