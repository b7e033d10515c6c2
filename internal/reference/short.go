package reference

import "strings"

// ShortName returns the name of a registry's repository as it was typed, if that was
// without a host: fedora of fedora:41. Otherwise it is empty.
func (r Ref) ShortName() string {
	if r.Kind != Registry {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(r.Original, DockerPrefix), "@")
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
		name = name[:i]
	}
	if host, _, many := strings.Cut(name, "/"); many && (strings.ContainsAny(host, ".:") || host == "localhost") {
		return ""
	}
	return name
}
