package probe

import (
	"cmp"
	"strings"

	"go.yaml.in/yaml/v3"

	"manifest-tool/internal/config"
)

// jobsIfThrottled is the number of requests in flight for a registry that throttled
// even one request at a time.
const jobsIfThrottled = 4

// setting is a key of a registry's entry in the settings file.
type setting struct {
	key   string
	value any // the zero value leaves the key out
	// reason is a comment.
	reason string
	// optional is set for a setting that the user must decide about or complete: it is
	// written as a comment.
	optional bool
}

// settingsFor returns the entry for a registry in the settings file: the settings that
// this run used, and those that follow from the facts. It is empty if there are none.
func settingsFor(host string, used config.Registry, facts map[string]string) (string, error) {
	lines := []string{}
	for _, s := range fittingSettings(used, facts) {
		line, err := s.line()
		if err != nil {
			return "", err
		}
		if line != "" {
			lines = append(lines, "    "+line)
		}
	}
	if len(lines) == 0 {
		return "", nil
	}
	name, err := setting{key: "name", value: host}.line()
	return "registries:\n  - " + name + "\n" + strings.Join(lines, "\n") + "\n", err
}

func fittingSettings(used config.Registry, facts map[string]string) []setting {
	isPlain := used.PlainHTTP || used.HTTPFallback && facts["scheme"] == "http"
	all := []setting{
		{key: "plain-http", value: isPlain, reason: "the registry does not use TLS"},
		{key: "insecure", value: used.Insecure, reason: "the certificate is not checked: use ca-file if you can"},
		{key: "ca-file", value: used.CAFile},
		{key: "client-cert", value: used.ClientCert},
		{key: "client-key", value: used.ClientKey},
		{key: "mirror", value: used.Mirror},
		{key: "realm-hosts", value: used.RealmHosts, reason: "the token server, which gets the password"},
		{key: "jobs", value: used.Jobs},
		{key: "tag-params", value: used.TagParams || facts["tag-params"] == "yes", reason: "all tags are set in one request"},
	}
	if used.Jobs == 0 && facts["throttled"] != "" {
		all = append(all, setting{key: "jobs", value: jobsIfThrottled, reason: "requests were throttled (429)"})
	}
	if facts["certificate"] == "untrusted" && used.CAFile == "" {
		all = append(all, setting{"ca-file", "ca.pem", "the certificate is of a CA that the system does not trust", true})
	}
	if realm := facts["withheld-from"]; realm != "" {
		all = append(all, setting{"realm-hosts", []string{realm}, "the token server, if it may get your password", true})
	}
	if facts["rate-limit"] != "" && len(used.Mirror) == 0 {
		all = append(all, setting{"mirror", []string{"mirror.example.com"}, "the number of requests is limited: a mirror saves some", true})
	}
	return all
}

// line returns the setting as a line of YAML, "" if it has no value.
func (s setting) line() (string, error) {
	var value yaml.Node
	if err := value.Encode(s.value); err != nil || value.IsZero() {
		return "", err
	}
	switch {
	case cmp.Or(value.Value, "0") == "0" && len(value.Content) == 0, value.Value == "false":
		return "", nil
	case value.Kind == yaml.SequenceNode:
		value.Style = yaml.FlowStyle
	case strings.ContainsAny(value.Value, "\n\r"):
		value.Style = yaml.DoubleQuotedStyle
	}
	pair := yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: s.key}, &value}}
	raw, err := yaml.Marshal(&pair)
	line := strings.TrimSuffix(string(raw), "\n")
	if s.reason != "" {
		line += " # " + s.reason
	}
	if s.optional {
		line = "# " + line
	}
	return line, err
}
