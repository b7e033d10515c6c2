package config

import (
	"slices"
	"strings"
)

// Kind is the kind of values that a setting takes.
type Kind string

// The kinds of settings.
const (
	KindString Kind = "string"
	Secret     Kind = "secret" // a string that is never shown, and not allowed in the file
	KindBool   Kind = "bool"   // true or false
	KindInt    Kind = "int"    // from 0 to MaxNumber
	Duration   Kind = "duration"
	KindEnum   Kind = "enum"
	Format     Kind = "format" // an enum, or template=TEXT
	Path       Kind = "path"   // in the file, relative to the file
	Host       Kind = "host"   // host or host:port
	Hosts      Kind = "hosts"
	Names      Kind = "names"      // KEY=NAME
	Mirrors    Kind = "mirrors"    // host[:port][/path]
	Pattern    Kind = "pattern"    // host, host:port or *.domain
	Address    Kind = "address"    // host:port or :port to listen at
	Namespaces Kind = "namespaces" // host[:port][/path], a registry or the repositories below a path
	Networks   Kind = "networks"   // addresses or CIDR blocks
	URL        Kind = "url"        // http or https
)

// MaxNumber is the largest number a setting may have.
const MaxNumber = 10000

// Setting describes a setting.
type Setting struct {
	// Key is its name in the file, and the tag of its field in Config or Registry.
	Key string
	// Flag is the long name of its flag, without dashes; "" if it has none.
	Flag    string
	Kind    Kind
	Choices []string
	Default any
	// Help describes it in docs/config.md.
	Help string
}

const variablePrefix = "MANIFEST_TOOL_"

// Variable returns the environment variable of the setting.
func (s Setting) Variable() string {
	return variablePrefix + strings.ToUpper(strings.NewReplacer("-", "_", sectionSeparator, "_").Replace(s.Key))
}

// Settings returns all settings of the file, except those of registries.
func Settings() []Setting {
	all := []Setting{
		{Key: "type", Kind: KindEnum, Choices: []string{"auto", "docker", "oci"}, Default: "auto", Help: "type of a pushed index"},
		{Key: "verify", Kind: KindEnum, Choices: []string{"none", "config", "binaries"}, Default: "config", Help: "what a push compares declared platforms with"},
		{Key: "verify-warn", Kind: KindBool, Default: false, Help: "findings in the images are warnings and do not stop a push"},
		{Key: "attestations", Kind: KindEnum, Choices: []string{"keep", "drop"}, Default: "keep", Help: "what a push does with the attestations of index sources"},
		{Key: "ignore-missing", Kind: KindBool, Default: false, Help: "a push skips images that are not found"},
		{Key: "wait", Kind: Duration, Default: "0s", Help: "how long a push waits for images that are not found, such as `10m`"},
		{Key: "allow-nondistributable", Kind: KindBool, Default: false, Help: "a push copies non-distributable (foreign) layers as well"},
		{Key: "allow-duplicates", Kind: KindBool, Default: false, Help: "several entries may have the same platform"},
		{Key: "flatten", Kind: KindBool, Default: false, Help: "nested indexes are replaced by their entries"},
		{Key: "allow-unknown-platform", Kind: KindBool, Default: false, Help: "platforms may have an os or architecture that is not known here"},
		{Key: "arch-names", Flag: "arch-name", Kind: Names, Default: []string{}, Help: "names of architectures in the template of `push from-args`, such as `amd64=x86_64`; in the file also as a mapping"},
		{Key: "always", Kind: KindBool, Default: false, Help: "a push writes tags that have the digest already as well"},
		{Key: "platform-tags", Kind: KindString, Default: "", Help: "template of the tags of the images of an index, such as `{{.Tag}}-{{.OS}}-{{.Arch}}{{.Variant}}`"},
		{Key: "referrers-tag", Kind: KindBool, Default: false, Help: "a push of an index with a `subject` writes the fallback tag if the registry has no referrers API"},
		{Key: "confirm", Kind: KindBool, Default: false, Help: "a push reads every tag back"},
		{Key: "strict", Kind: KindBool, Default: false, Help: "warnings are errors"},
		{Key: "jobs", Kind: KindInt, Default: 0, Help: "maximum number of requests in flight to one host; 0: 200 on HTTP/2, 32 on HTTP/1.1; also of large layers that `verify` reads at once, 3 at most"},
		{Key: "timeout", Kind: Duration, Default: "0s", Help: "maximum duration of a run, such as `90s` or `10m`; 0: no limit"},
		{Key: "output", Kind: Format, Choices: []string{"text", "json", "yaml", "sarif", "junit", "html"}, Default: "text", Help: "format of a result; also `template=TEXT`; `sarif` and `junit` are for `verify`, `junit` and `html` for `test-registry`"},
		{Key: "color", Kind: KindEnum, Choices: []string{"auto", "always", "never"}, Default: "auto", Help: "colours in the output"},
		{Key: "quiet", Kind: KindBool, Default: false, Help: "no notes and hints on standard error; `false`, if it is set, writes notes also where standard error is not a terminal"},
		{Key: "progress", Kind: KindEnum, Choices: []string{"auto", "plain", "none", "json"}, Default: "auto", Help: "progress of copying and reading blobs on standard error: bars on a terminal and lines for long runs elsewhere (`auto`), lines, nothing, or one JSON object per line"},
		{Key: "debug", Kind: KindBool, Default: false, Help: "log every request to standard error"},
		{Key: "tag-params", Kind: KindBool, Default: false, Help: "set all tags in one request"},
		{Key: "realm-hosts", Flag: "realm-host", Kind: Hosts, Default: []string{}, Help: "token servers that may be sent the credential of any registry that names them"},
		{Key: "plain-http", Kind: KindBool, Default: false, Help: "use http, not https, for the registries of the command line"},
		{Key: "insecure", Kind: KindBool, Default: false, Help: "do not check the certificates of the registries of the command line"},
		{Key: "ca-file", Kind: Path, Default: "", Help: "more CA certificates to trust, PEM, for the registries of the command line"},
		{Key: "client-cert", Kind: Path, Default: "", Help: "client certificate for the registries of the command line, PEM"},
		{Key: "client-key", Kind: Path, Default: "", Help: "the key of `client-cert`, PEM"},
		{Key: "anonymous", Kind: KindBool, Default: false, Help: "do not log in anywhere, and read no file of logins"},
		{Key: "docker-cfg", Kind: Path, Default: "", Help: "Docker's config: a file, or a directory with a config.json"},
		{Key: "system-registries", Kind: KindBool, Default: false, Help: "use the registry settings of Podman, containerd and Docker on this machine"},
		{Key: "username", Kind: KindString, Default: "", Help: "user name at the registries of the command line"},
		{Key: "password", Kind: Secret, Default: "", Help: "password of `username`; not allowed in the file"},
		{Key: "query-server", Flag: "server", Kind: URL, Default: "", Help: "the query service that `query` asks instead of registries, `http://` or `https://`"},
	}
	all = append(all, serveSettings()...)
	for i := range all {
		if all[i].Flag == "" {
			all[i].Flag = strings.TrimPrefix(all[i].Key, serveKey+sectionSeparator)
		}
	}
	return all
}

// registriesKey is the list of per-registry settings.
const registriesKey = "registries"

// RegistrySettings returns the settings of an entry of registries, which only the
// file has.
func RegistrySettings() []Setting {
	return []Setting{
		{Key: "name", Kind: Pattern, Help: "the registry: `host` (any port), `host:port`, or `*.domain` (any host below it, any port)"},
		{Key: "plain-http", Kind: KindBool, Help: "use http, not https"},
		{Key: "insecure", Kind: KindBool, Help: "do not check the certificate"},
		{Key: "ca-file", Kind: Path, Help: "more CA certificates to trust, PEM"},
		{Key: "client-cert", Kind: Path, Help: "client certificate, PEM"},
		{Key: "client-key", Kind: Path, Help: "the key of `client-cert`, PEM"},
		{Key: "mirror", Kind: Mirrors, Help: "mirrors to read from first, `host[:port][/path]`, in this order"},
		{Key: "jobs", Kind: KindInt, Help: "maximum number of requests in flight"},
		{Key: "tag-params", Kind: KindBool, Help: "set all tags in one request"},
		{Key: "realm-hosts", Kind: Hosts, Help: "token servers that may be sent this registry's credential, in addition to those of the top level"},
	}
}

// find returns the setting of a known key.
func find(all []Setting, key string) Setting {
	return all[slices.IndexFunc(all, func(s Setting) bool { return s.Key == key })]
}

func settingKeys(all []Setting) []string {
	var keys []string
	for _, s := range all {
		keys = append(keys, s.Key)
	}
	return keys
}
