package transport

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// knownRealms returns the token servers of registries on another host, as documented
// by their operators.
func knownRealms(registry string) []string {
	switch registry {
	case "index.docker.io", "registry-1.docker.io", "docker.io":
		return []string{"auth.docker.io"}
	case "registry.gitlab.com":
		return []string{"gitlab.com"}
	case "nvcr.io":
		return []string{"authn.nvidia.com"}
	}
	return nil
}

// TokenServers returns the token servers that may be sent a registry's credential: the
// registry itself, those that its operator documents, and those of the settings.
func TokenServers(registry string, set HostConfig) []string {
	all := slices.Concat([]string{userFacingName(registry)}, knownRealms(registry), set.RealmHosts)
	slices.Sort(all[1:])
	return slices.Compact(all)
}

// RealmError reports that a registry names a token server that is not used.
type RealmError struct {
	Registry, Realm, Reason string
}

func (e *RealmError) Error() string {
	return fmt.Sprintf("%s names %s as its token server: %s", e.Registry, e.Realm, e.Reason)
}

// CheckRealm parses the realm of a registry's challenge. One that no honest registry
// names is a *RealmError.
func CheckRealm(registry, realm string) (*url.URL, error) {
	refuse := func(reason string) (*url.URL, error) {
		return nil, &RealmError{registry, publicRealm(realm), reason}
	}
	u, err := url.Parse(realm)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return refuse("it is not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return refuse("it is neither http nor https")
	case u.User != nil:
		return refuse("a name before the @ does not belong there")
	case u.Fragment != "":
		return refuse("a fragment does not belong there")
	case !isAllowedPort(u.Port()) && u.Host != registry:
		return refuse("no token server listens on that port")
	}
	return u, nil
}

// isAllowedPort rejects the ports of other services.
func isAllowedPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.Atoi(port)
	return err == nil && (n == 80 || n == 443 || n >= 1024 && n <= 65535)
}

// publicRealm is a realm without user, query and fragment, which may be secrets.
func publicRealm(realm string) string {
	u, err := url.Parse(realm)
	if err != nil {
		return "something unreadable"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// trustsRealm reports whether a registry's credential may be sent to its token
// server: the registry itself, a pair documented by its operator, or a host that the
// user allowed. Other servers get anonymous requests.
func trustsRealm(registry string, realm *url.URL, set HostConfig) bool {
	return sameHost(strings.ToLower(realm.Host), registry, realm.Scheme) || missingFlags(registry, realm, set) == nil
}

// missingFlags returns the flags without which the credential is not sent to a token
// server on another host. Over plain http, where others can read it, it is sent only
// within this machine, or if the registry itself is used over plain http.
func missingFlags(registry string, realm *url.URL, set HostConfig) []string {
	var flags []string
	host := strings.ToLower(realm.Host)
	secure := realm.Scheme == "https"
	isPair := secure && slices.Contains(knownRealms(registry), host)
	if !isPair && !slices.Contains(set.RealmHosts, host) {
		flags = append(flags, "--realm-host "+realm.Host)
	}
	if !secure && !isLoopback(host) && !set.PlainHTTP {
		flags = append(flags, "--plain-http")
	}
	return flags
}

// withheldReason describes why the credential is not sent to a token server, and
// which flags allow it.
func withheldReason(registry string, realm *url.URL, set HostConfig) string {
	flags := missingFlags(registry, realm, set)
	if !slices.Contains(flags, "--plain-http") {
		return fmt.Sprintf("is not sent there (%s allows it)", flags[0])
	}
	verb := "allows"
	if len(flags) > 1 {
		verb = "together allow"
	}
	return fmt.Sprintf("is not sent there over plain http (%s %s it)", strings.Join(flags, " and "), verb)
}

// sameHost compares host:port with the default port filled in.
func sameHost(a, b, scheme string) bool {
	return withPort(a, scheme) == withPort(strings.ToLower(b), scheme)
}

func withPort(host, scheme string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	port := "443"
	if scheme == "http" {
		port = "80"
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}
