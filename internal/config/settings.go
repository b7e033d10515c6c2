package config

import (
	"slices"
	"strings"
)

// Kind is what values a setting takes.
type Kind string

// The kinds of settings.
const (
	KindString Kind = "string"
	Secret     Kind = "secret" // a string that is never shown, and never in the file
	KindBool   Kind = "bool"   // true or false
	KindInt    Kind = "int"    // from 0 to MaxNumber
	Duration   Kind = "duration"
	KindEnum   Kind = "enum"
	Format     Kind = "format" // an enum, or template=TEXT
	Path       Kind = "path"   // in the file, relative to the file
	Host       Kind = "host"   // host or host:port
	Hosts      Kind = "hosts"
	Mirrors    Kind = "mirrors" // host[:port][/path]
	Pattern    Kind = "pattern" // host, host:port or *.domain
)

// MaxNumber is the largest number a setting may have.
const MaxNumber = 10000

// Setting is something a user can set.
type Setting struct {
	// Key is its name in the file, and the field's tag in Config or Registry.
	Key string
	// Flag is the long name of its flag, without dashes, or "".
	Flag    string
	Kind    Kind
	Choices []string
	Default any
	// Help says what it does, for docs/config.md.
	Help string
}

const variablePrefix = "MANIFEST_TOOL_"

// Variable is the environment variable that sets it.
func (s Setting) Variable() string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(s.Key, "-", "_"))
}

// Settings are all settings at the top level of the file, except registries.
func Settings() []Setting {
	all := []Setting{
		{Key: "type", Kind: KindEnum, Choices: []string{"auto", "docker", "oci"}, Default: "auto", Help: "type of a pushed index"},
		{Key: "verify", Kind: KindEnum, Choices: []string{"none", "config", "binaries"}, Default: "config", Help: "what a push compares declared platforms with"},
		{Key: "verify-warn", Kind: KindBool, Default: false, Help: "findings of a push are warnings"},
		{Key: "attestations", Kind: KindEnum, Choices: []string{"keep", "drop"}, Default: "keep", Help: "what a push does with the attestations of index sources"},
		{Key: "ignore-missing", Kind: KindBool, Default: false, Help: "a push leaves out images that are not found"},
		{Key: "allow-duplicates", Kind: KindBool, Default: false, Help: "several entries may have the same platform"},
		{Key: "confirm", Kind: KindBool, Default: false, Help: "a push reads every tag back"},
		{Key: "strict", Kind: KindBool, Default: false, Help: "some warnings are errors"},
		{Key: "jobs", Kind: KindInt, Default: 0, Help: "most requests in flight to one host; 0: 200 on HTTP/2, 32 on HTTP/1.1"},
		{Key: "timeout", Kind: Duration, Default: "0s", Help: "timeout of a run, such as `90s` or `10m`; 0: no limit"},
		{Key: "output", Kind: Format, Choices: []string{"text", "json", "yaml", "sarif", "junit"}, Default: "text", Help: "format of a result; also `template=TEXT`; `sarif` and `junit` are for `verify` alone"},
		{Key: "color", Kind: KindEnum, Choices: []string{"auto", "always", "never"}, Default: "auto", Help: "colours in the output"},
		{Key: "debug", Kind: KindBool, Default: false, Help: "every request is logged to standard error"},
		{Key: "tag-params", Kind: KindBool, Default: false, Help: "all tags are set in one request"},
		{Key: "realm-hosts", Flag: "realm-host", Kind: Hosts, Default: []string{}, Help: "token servers that may be sent the credential of any registry that names them"},
		{Key: "plain-http", Kind: KindBool, Default: false, Help: "http, not https, for the registries of the command line"},
		{Key: "insecure", Kind: KindBool, Default: false, Help: "no check of certificates, for the registries of the command line"},
		{Key: "ca-file", Kind: Path, Default: "", Help: "additional CAs to trust, PEM, for the registries of the command line"},
		{Key: "client-cert", Kind: Path, Default: "", Help: "certificate to show to the registries of the command line, PEM"},
		{Key: "client-key", Kind: Path, Default: "", Help: "the key of `client-cert`, PEM"},
		{Key: "anonymous", Kind: KindBool, Default: false, Help: "no login anywhere, and no file of logins is read"},
		{Key: "docker-cfg", Kind: Path, Default: "", Help: "Docker's config: a file, or a directory with a config.json"},
		{Key: "username", Kind: KindString, Default: "", Help: "user at the registries of the command line"},
		{Key: "password", Kind: Secret, Default: "", Help: "password of `username`; never in the file"},
	}
	for i := range all {
		if all[i].Flag == "" {
			all[i].Flag = all[i].Key
		}
	}
	return all
}

// registriesKey is the list of per-registry settings.
const registriesKey = "registries"

// RegistrySettings are the settings of an entry of registries. Only the file
// has them.
func RegistrySettings() []Setting {
	return []Setting{
		{Key: "name", Kind: Pattern, Help: "the registry: `host` (any port), `host:port`, or `*.domain` (any host below it, any port)"},
		{Key: "plain-http", Kind: KindBool, Help: "http, not https"},
		{Key: "insecure", Kind: KindBool, Help: "no check of the certificate"},
		{Key: "ca-file", Kind: Path, Help: "additional CAs to trust, PEM"},
		{Key: "client-cert", Kind: Path, Help: "certificate to show, PEM"},
		{Key: "client-key", Kind: Path, Help: "the key of `client-cert`, PEM"},
		{Key: "mirror", Kind: Mirrors, Help: "where to read first, `host[:port][/path]`, in this order"},
		{Key: "jobs", Kind: KindInt, Help: "most requests in flight"},
		{Key: "tag-params", Kind: KindBool, Help: "all tags are set in one request"},
		{Key: "realm-hosts", Kind: Hosts, Help: "token servers that may be sent this registry's credential, in addition to those of the top level"},
	}
}

// find returns the setting of a key, which is one of them.
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
