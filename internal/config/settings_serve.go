package config

import "strings"

const (
	// serveKey is the mapping of the settings of serve.
	serveKey = "serve"
	// sectionSeparator is between the key of a mapping and a key in it.
	sectionSeparator = "."
)

// serveSettings returns the settings of the command serve, which are in a mapping of
// their own in the file.
func serveSettings() []Setting {
	return []Setting{
		{Key: "serve.listen", Kind: Address, Default: "127.0.0.1:8080", Help: "address that the service listens at, `host:port` or `:port`"},
		{Key: "serve.hosts", Flag: "host", Kind: Hosts, Default: []string{}, Help: "names by which clients may call the service, in addition to its address; without any, a service at a loopback address only answers to that, and others answer to all names"},
		{Key: "serve.allow-registries", Flag: "allow-registry", Kind: Hosts, Default: []string{}, Help: "registries that may have an address that is not public"},
		{Key: "serve.repositories", Flag: "repository", Kind: Namespaces, Default: []string{}, Help: "repositories, `host[:port]/path` with all below it, or registries that are read with the stored logins; all others are read anonymously"},
		{Key: "serve.trusted-proxies", Flag: "trusted-proxy", Kind: Networks, Default: []string{}, Help: "addresses or CIDR blocks of proxies whose `X-Forwarded-For` is believed"},
		{Key: "serve.rate", Kind: KindInt, Default: 10, Help: "requests of one client in a second, on average over ten seconds; 0: no limit"},
		{Key: "serve.max-requests", Kind: KindInt, Default: 2000, Help: "requests that are answered at the same time; 0: no limit"},
		{Key: "serve.cache", Kind: KindString, Default: "memory", Help: "where answers are remembered: `memory`, or the address of a Redis or Valkey that several services share, such as `redis://host`"},
		{Key: "serve.cache-size", Kind: KindInt, Default: 64, Help: "memory for answers, in MiB"},
		{Key: "serve.cache-password-file", Kind: Path, Default: "", Help: "file with the password of Redis"},
		{Key: "serve.pull-reserve", Kind: KindInt, Default: 10, Help: "pulls that are left to others at a registry that counts them for each address (Docker Hub)"},
	}
}

// inSection returns some settings of a section, with their keys inside of it.
func inSection(section string, all []Setting) (keys []string) {
	for _, s := range all {
		if key, ok := strings.CutPrefix(s.Key, section+sectionSeparator); ok {
			keys = append(keys, key)
		}
	}
	return keys
}
