package reference

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// ParseRegistry parses the name of a registry, HOST or HOST:PORT, as users type it:
// also with a scheme and the path of the API, and docker.io for Docker Hub. It
// returns the host as references contain it. An error contains no password that was
// typed before the host.
func ParseRegistry(s string) (string, error) {
	if err := rejectUserinfo(s); err != nil {
		return "", err
	}
	bare := s
	for _, scheme := range []string{DockerPrefix, "https://", "http://"} {
		bare = strings.TrimPrefix(bare, scheme)
	}
	bare, path, _ := strings.Cut(bare, "/")
	if path = strings.Trim(path, "/"); path != "" && path != "v1" && path != "v2" {
		return "", fmt.Errorf("%q: a registry has no path: it is HOST or HOST:PORT", s)
	}
	r, err := name.NewRegistry(strings.ToLower(bare), name.StrictValidation)
	if err != nil {
		return "", fmt.Errorf("%q is not a registry: it is HOST or HOST:PORT", s)
	}
	if err := checkPort(r.RegistryStr()); err != nil {
		return "", fmt.Errorf("%q: %w", s, err)
	}
	return r.RegistryStr(), nil
}
