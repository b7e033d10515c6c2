package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ProxyError reports that the proxy of the environment refused a request. Its URL is
// shown without a password.
type ProxyError struct {
	Proxy  string
	Status int
}

func (e *ProxyError) Error() string {
	if e.Status == http.StatusProxyAuthRequired {
		return fmt.Sprintf("the proxy%s requires a user and a password (407)", e.Proxy)
	}
	return fmt.Sprintf("the proxy%s refused to connect: %d %s", e.Proxy, e.Status, http.StatusText(e.Status))
}

// UnusableProxies returns the variables whose value is not the URL of a proxy. net/http
// ignores them silently, or uses a wrong proxy.
func UnusableProxies(getenv func(string) string) []string {
	var names []string
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		if value := getenv(name); value != "" && !isProxy(value) {
			names = append(names, name)
		}
	}
	return names
}

// isProxy parses a value as net/http does: without a scheme it is http.
func isProxy(value string) bool {
	u, err := url.Parse(value)
	if !strings.Contains(value, "://") {
		u, err = url.Parse("http://" + value)
	}
	return err == nil && u.Hostname() != "" && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme)
}

// refusedByProxy checks a proxy's response to CONNECT.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Proxy: " " + proxy.Host, Status: resp.StatusCode}
}

// throughProxy makes a proxy's refusal of a plain http request an error: only proxies
// respond with 407.
func throughProxy(resp *http.Response, err error) (*http.Response, error) {
	if err != nil || resp.StatusCode != http.StatusProxyAuthRequired {
		return resp, err
	}
	Discard(resp)
	return nil, &ProxyError{Status: resp.StatusCode}
}
