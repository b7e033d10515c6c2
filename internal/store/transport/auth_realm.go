package transport

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// knownRealms are registries whose token server has another name, as their
// operators document it.
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

// RealmError says that a registry named a token server that is not asked.
type RealmError struct {
	Registry, Realm, Reason string
}

func (e *RealmError) Error() string {
	return fmt.Sprintf("%s names %s as its token server: %s", e.Registry, e.Realm, e.Reason)
}

// checkRealm refuses a realm that no honest registry would name.
func checkRealm(registry, realm string) (*url.URL, error) {
	refuse := func(reason string) (*url.URL, error) {
		return nil, &RealmError{registry, publicRealm(realm), reason}
	}
	u, err := url.Parse(realm)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return refuse("that is no address")
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

// isAllowedPort refuses the ports of other services.
func isAllowedPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.Atoi(port)
	return err == nil && (n == 80 || n == 443 || n >= 1024 && n <= 65535)
}

// publicRealm is a realm as it may be shown: without what stands before an @.
func publicRealm(realm string) string {
	u, err := url.Parse(realm)
	if err != nil {
		return "something unreadable"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// trustsRealm reports whether a registry's credential may be sent to its token
// server: the registry itself, a pair its operator documents, or a host the
// user allowed. Another one is asked anonymously.
func trustsRealm(registry string, realm *url.URL, set HostConfig) bool {
	return sameHost(strings.ToLower(realm.Host), registry, realm.Scheme) || missingFlags(registry, realm, set) == nil
}

// missingFlags are the flags without which a token server on another host is not
// sent the credential. On plain http, where others can read it, it is sent
// within this machine, and where the user has it that the registry itself is
// spoken to so.
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

// withheldReason says why the credential is not sent to a token server, and what
// would change that.
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
