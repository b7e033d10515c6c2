package auth

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/docker/cli/cli/config/credentials"
	"github.com/google/go-containerregistry/pkg/authn"
)

// dockerKey returns the key under which `docker login` stores a registry. Docker
// Hub has three host names and one key; any other host, including others that end
// in docker.io, is its own key. Host names are case-insensitive.
func dockerKey(host string) string {
	host = strings.ToLower(host)
	switch host {
	case "docker.io", "index.docker.io", "registry-1.docker.io":
		return authn.DefaultAuthKey
	}
	return host
}

// podmanKey is dockerKey for Podman's files, whose key for Docker Hub is docker.io.
func podmanKey(host string) string {
	if key := dockerKey(host); key != authn.DefaultAuthKey {
		return key
	}
	return "docker.io"
}

// matchingKeys returns the keys of a config map that mean a registry: the exact
// one first, the others in alphabetical order, so that the result is the same in
// every run.
func matchingKeys[V any](stored map[string]V, key string) []string {
	var names []string
	for name := range maps.Keys(stored) {
		if name == key || normalizeKey(name) == key {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if (a == key) != (b == key) {
			if a == key {
				return -1
			}
			return 1
		}
		return cmp.Compare(a, b)
	})
	return names
}

// normalizeKey returns the registry that a config key means, "" if it means
// something narrower: `host/team` is for one namespace, and Docker Hub's
// `/v1/access-token` is not a login to the registry. The API's address
// (`https://host/v2/`) and, as in Docker, any other address with a scheme mean
// their host.
func normalizeKey(stored string) string {
	rest, isURL := stored, false
	if _, after, found := strings.Cut(stored, "://"); found {
		rest, isURL = after, true
	}
	key := dockerKey(credentials.ConvertToHostname(stored))
	_, path, _ := strings.Cut(rest, "/")
	switch path {
	case "", "v1/", "v2/":
		return key
	case "v1", "v2":
		if isURL {
			return key
		}
		return ""
	}
	if isURL && key != authn.DefaultAuthKey {
		return key
	}
	return ""
}

// namespaceKey splits a config key for a part of a registry, HOST/PATH without a
// scheme. Both results are empty for any other key. Source:
// containers-auth.json(5).
func namespaceKey(stored string) (key, namespace string) {
	host, path, _ := strings.Cut(stored, "/")
	path = strings.Trim(path, "/")
	if path == "" || strings.Contains(stored, "://") || normalizeKey(stored) != "" {
		return "", ""
	}
	return dockerKey(host), path
}

// isWithin reports whether a repository is a namespace or below it.
func isWithin(namespace, repository string) bool {
	rest, ok := strings.CutPrefix(repository, namespace)
	return ok && (rest == "" || rest[0] == '/')
}

// namespaceKeys returns the keys of a config map for the namespaces of a registry
// that have a repository: the longest namespace first, and two spellings of one in
// alphabetical order.
func namespaceKeys[V any](stored map[string]V, key, repository string) []string {
	if repository == "" {
		return nil
	}
	at := map[string]string{} // key of the map -> namespace
	for name := range stored {
		if server, namespace := namespaceKey(name); namespace != "" && server == key && isWithin(namespace, repository) {
			at[name] = namespace
		}
	}
	return slices.SortedFunc(maps.Keys(at), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(at[b]), len(at[a])), cmp.Compare(a, b))
	})
}

// addNamespaces adds the namespaces of a config map, by registry, the longest
// first.
func addNamespaces[V any](all map[string][]string, stored map[string]V) {
	for name := range stored {
		if key, namespace := namespaceKey(name); namespace != "" {
			all[key] = append(all[key], namespace)
		}
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	}
}
