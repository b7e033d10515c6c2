package config

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// hasCountableLines reports whether the YAML decoder counts the lines of a file by its
// line feeds: it is UTF-8 and has none of the other line breaks of YAML 1.1.
func hasCountableLines(data []byte) bool {
	unix := bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return utf8.Valid(data) && !strings.ContainsAny(string(unix), "\r\u0085\u2028\u2029")
}

// isOnlyRealmAdded reports whether an edit added a token server to the entry of a
// registry and changed no other setting.
func isOnlyRealmAdded(before, after layer, registry, realm string) bool {
	old, err := decode(before, newLayer(), nil)
	if err != nil {
		return false
	}
	now, err := decode(after, newLayer(), nil)
	if err != nil {
		return false
	}
	was, is := old.entry(registry), now.entry(registry)
	i := slices.Index(is.RealmHosts, realm)
	if i < 0 || !slices.Equal(slices.Delete(slices.Clone(is.RealmHosts), i, i+1), was.RealmHosts) {
		return false
	}
	was.Name, was.RealmHosts, was.Origins = "", nil, nil
	is.Name, is.RealmHosts, is.Origins = "", nil, nil
	old.Registries, now.Registries = otherEntries(old, registry), otherEntries(now, registry)
	return reflect.DeepEqual(was, is) && reflect.DeepEqual(old, now)
}

// otherEntries returns the entries that do not have the name of a registry.
func otherEntries(c Config, registry string) []Registry {
	var others []Registry
	for _, r := range c.Registries {
		if canonicalHost(r.Name) != canonicalHost(registry) {
			others = append(others, r)
		}
	}
	return others
}
