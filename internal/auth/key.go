package auth

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/docker/cli/cli/config/credentials"
	"github.com/google/go-containerregistry/pkg/authn"
)

// dockerKey is the name under which `docker login` stores a registry. Docker
// Hub answers to three names and has one key; any other host, also one that
// merely ends in docker.io, is its own key. Host names know no capitals.
func dockerKey(host string) string {
	host = strings.ToLower(host)
	switch host {
	case "docker.io", "index.docker.io", "registry-1.docker.io":
		return authn.DefaultAuthKey
	}
	return host
}

// podmanKey is dockerKey in Podman's files, which call Docker Hub by its name.
func podmanKey(host string) string {
	if key := dockerKey(host); key != authn.DefaultAuthKey {
		return key
	}
	return "docker.io"
}

// matchingKeys lists the keys of a config map that mean the registry key: the
// exact one first, the others in alphabetical order, so that two of them give
// the same answer in every run.
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

// normalizeKey returns the registry a config key stands for, "" when it stands
// for something narrower: `host/team` is for one namespace, and Docker Hub's
// `/v1/access-token` is no login to the registry. The API's address
// (`https://host/v2/`) and, as in Docker, any other address with a scheme
// stand for their host.
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

// namespaceKey splits a config key that stands for part of a registry,
// HOST/PATH without a scheme. Both are empty for any other key. Source:
// containers-auth.json(5).
func namespaceKey(stored string) (key, namespace string) {
	host, path, _ := strings.Cut(stored, "/")
	path = strings.Trim(path, "/")
	if path == "" || strings.Contains(stored, "://") || normalizeKey(stored) != "" {
		return "", ""
	}
	return dockerKey(host), path
}

// isWithin reports whether a repository is a namespace or lies below it.
func isWithin(namespace, repository string) bool {
	rest, ok := strings.CutPrefix(repository, namespace)
	return ok && (rest == "" || rest[0] == '/')
}

// namespaceKeys lists the keys of a config map for the namespaces of the
// registry key that a repository lies in: the longest first, and two spellings
// of one in alphabetical order.
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
