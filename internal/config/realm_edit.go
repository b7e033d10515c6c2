package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/store/atomicfile"
)

// FilePath returns the path of the settings file, whether it exists or not; "" if
// there is none.
func (o Options) FilePath() string {
	path, _ := o.path()
	return path
}

// errEdit is returned for a settings file in a form that is not edited.
var errEdit = errors.New("it is written in a form that is not edited")

// errOtherPorts is returned for a registry with a port if there is only an entry for
// all ports of its host. A token server of one port must not get the logins of others,
// and an entry of the port alone would replace the other one.
var errOtherPorts = errors.New("its entry applies to other ports of the host as well")

// AddRealmHost adds a token server to the realm-hosts of a registry in the settings
// file at path, which is created if it does not exist. All other bytes of the file
// stay as they are, and it stays valid with exactly this change; otherwise nothing is
// written and the error has the lines to add by hand.
func AddRealmHost(ctx context.Context, path, registry, realm string) error {
	err := addRealmHost(ctx, path, registry, realm)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("settings file %s: %w", path, err)
	if errors.Is(err, errOtherPorts) {
		return errtext.WithHint(err, fmt.Sprintf("add an entry with name: %s and realm-hosts: [%s] to registries, with the other settings of the existing entry", registry, realm))
	}
	return errtext.WithHint(err, fmt.Sprintf("add realm-hosts: [%s] to the entry of %s in registries", realm, registry))
}

func addRealmHost(ctx context.Context, path, registry, realm string) error {
	if path == "" {
		return errors.New("there is no home directory for it")
	}
	unlock, err := lockDirectory(ctx, filepath.Dir(path))
	if err != nil {
		return errtext.WithoutPath(err)
	}
	defer unlock()
	data, err := readWhole(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return errtext.WithoutPath(err)
	}
	before, err := parseFile(path, data, "")
	if err != nil {
		return err
	}
	r := &reader{path: path}
	root, err := r.document(data)
	if err != nil {
		return err
	}
	edited, err := insertRealm(data, root, registry, realm)
	if err != nil {
		return err
	}
	after, err := parseFile(path, edited, "")
	if err != nil || !isOnlyRealmAdded(before, after, registry, realm) {
		return errEdit
	}
	return errtext.WithoutPath(atomicfile.Replace(path, edited, modeOf(path)))
}

// insertRealm inserts the lines of a realm host into the text of a file.
func insertRealm(data []byte, root *yaml.Node, registry, realm string) ([]byte, error) {
	if !hasCountableLines(data) {
		return nil, errEdit
	}
	entry := []string{"- name: " + quoteHost(registry), "  realm-hosts: [" + quoteHost(realm) + "]"}
	if root == nil {
		return insertLines(data, lineCount(data), 0, append([]string{registriesKey + ":"}, indent(entry, 2)...))
	}
	list := childOf(root, registriesKey)
	switch {
	case root.Style&yaml.FlowStyle != 0:
		return nil, errEdit
	case list == nil:
		return insertLines(data, lineCount(data), 0, append([]string{registriesKey + ":"}, indent(entry, 2)...))
	case list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0:
		return nil, errEdit
	}
	host := canonicalHost(registry)
	if one := entryOf(list, host); one != nil {
		return insertIntoEntry(data, one, childOf(one, "name"), realm)
	}
	if entryOf(list, withoutPort(host)) != nil {
		return nil, errOtherPorts
	}
	return insertLines(data, lastLine(list), list.Column-1, entry)
}

// entryOf returns the entry with a name in the list of registries, nil if there is none.
func entryOf(list *yaml.Node, name string) *yaml.Node {
	for _, one := range list.Content {
		if n := childOf(one, "name"); n != nil && canonicalHost(n.Value) == name {
			return one
		}
	}
	return nil
}

// insertIntoEntry inserts a realm host into the entry of a registry.
func insertIntoEntry(data []byte, entry, name *yaml.Node, realm string) ([]byte, error) {
	if entry.Kind != yaml.MappingNode || entry.Style&yaml.FlowStyle != 0 {
		return nil, errEdit
	}
	hosts := childOf(entry, "realm-hosts")
	switch {
	case hosts == nil:
		return insertLines(data, lastLine(name), entry.Column-1, []string{"realm-hosts: [" + quoteHost(realm) + "]"})
	case hosts.Kind != yaml.SequenceNode || len(hosts.Content) == 0:
		return nil, errEdit
	case hosts.Style&yaml.FlowStyle == 0:
		return insertLines(data, lastLine(hosts), hosts.Column-1, []string{"- " + quoteHost(realm)})
	}
	// The first item of a list in brackets gets a new one before it.
	first := hosts.Content[0]
	lines := bytes.SplitAfter(data, []byte("\n"))
	if first.Line > len(lines) {
		return nil, errEdit
	}
	line := []rune(string(lines[first.Line-1]))
	at := first.Column - 1
	if at > len(line) {
		return nil, errEdit
	}
	lines[first.Line-1] = []byte(string(line[:at]) + quoteHost(realm) + ", " + string(line[at:]))
	return bytes.Join(lines, nil), nil
}

// insertLines inserts lines with an indentation after the n-th line, with the line
// ends of the file.
func insertLines(data []byte, n, columns int, text []string) ([]byte, error) {
	end := "\n"
	if bytes.Contains(data, []byte("\r\n")) {
		end = "\r\n"
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if n > len(lines) {
		return nil, errEdit
	}
	before := bytes.Join(lines[:n], nil)
	if len(before) > 0 && before[len(before)-1] != '\n' {
		before = append(before, end...)
	}
	added := strings.Join(indent(text, columns), end) + end
	return slices.Concat(before, []byte(added), bytes.Join(lines[n:], nil)), nil
}

func indent(lines []string, columns int) []string {
	var all []string
	for _, line := range lines {
		all = append(all, strings.Repeat(" ", columns)+line)
	}
	return all
}

func lineCount(data []byte) int {
	n := bytes.Count(data, []byte("\n"))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		n++
	}
	return n
}

// lastLine returns the last line of a node that has no text of several lines.
func lastLine(n *yaml.Node) int {
	last := n.Line
	for _, child := range n.Content {
		last = max(last, lastLine(child))
	}
	return last
}

// childOf returns the value of a key in a mapping, nil if it has none.
func childOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// quoteHost quotes a host in which YAML would read something else.
func quoteHost(host string) string {
	if strings.ContainsAny(host, "[]*") {
		return `"` + host + `"`
	}
	return host
}
