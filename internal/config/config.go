package config

import (
	"time"

	"manifest-tool/internal/system"
)

// Config is the settings in force. The tag of a field is the key of its setting;
// Settings lists the values it can have.
type Config struct {
	Type             string        `mapstructure:"type"`
	Verify           string        `mapstructure:"verify"`
	VerifyWarn       bool          `mapstructure:"verify-warn"`
	Attestations     string        `mapstructure:"attestations"`
	IgnoreMissing    bool          `mapstructure:"ignore-missing"`
	Wait             time.Duration `mapstructure:"wait"`
	AllowDuplicates  bool          `mapstructure:"allow-duplicates"`
	NonDistributable bool          `mapstructure:"allow-nondistributable"`
	Flatten          bool          `mapstructure:"flatten"`
	AllowUnknown     bool          `mapstructure:"allow-unknown-platform"`
	ArchNames        []string      `mapstructure:"arch-names"`
	Always           bool          `mapstructure:"always"`
	PlatformTags     string        `mapstructure:"platform-tags"`
	ReferrersTag     bool          `mapstructure:"referrers-tag"`
	Confirm          bool          `mapstructure:"confirm"`
	Strict           bool          `mapstructure:"strict"`
	Jobs             int           `mapstructure:"jobs"`
	Timeout          time.Duration `mapstructure:"timeout"`
	Output           string        `mapstructure:"output"`
	Color            string        `mapstructure:"color"`
	Quiet            bool          `mapstructure:"quiet"`
	Progress         string        `mapstructure:"progress"`
	Debug            bool          `mapstructure:"debug"`
	TagParams        bool          `mapstructure:"tag-params"`
	RealmHosts       []string      `mapstructure:"realm-hosts"`
	PlainHTTP        bool          `mapstructure:"plain-http"`
	Insecure         bool          `mapstructure:"insecure"`
	CAFile           string        `mapstructure:"ca-file"`
	ClientCert       string        `mapstructure:"client-cert"`
	ClientKey        string        `mapstructure:"client-key"`
	Anonymous        bool          `mapstructure:"anonymous"`
	DockerConfig     string        `mapstructure:"docker-cfg"`
	Username         string        `mapstructure:"username"`
	Password         string        `mapstructure:"password"`
	SystemRegistries bool          `mapstructure:"system-registries"`
	QueryServer      string        `mapstructure:"query-server"`
	Serve            Serve         `mapstructure:",squash"`
	Registries       []Registry    `mapstructure:"registries"`

	// HTTPFallback uses plain http, in addition to Insecure, for a registry of the
	// command line that does not speak TLS.
	HTTPFallback bool `mapstructure:"-"`
	// File is the settings file that was read; "" if there is none.
	File string `mapstructure:"-"`
	// System is what other programs on this machine say about registries; nil
	// unless SystemRegistries is set.
	System *system.Rules `mapstructure:"-"`
	// Origins has every key of Settings.
	Origins map[string]Origin `mapstructure:"-"`
}

// Serve is the settings of the command serve.
type Serve struct {
	Listen          string   `mapstructure:"serve.listen"`
	Hosts           []string `mapstructure:"serve.hosts"`
	AllowRegistries []string `mapstructure:"serve.allow-registries"`
	Repositories    []string `mapstructure:"serve.repositories"`
	TrustedProxies  []string `mapstructure:"serve.trusted-proxies"`
	Rate            int      `mapstructure:"serve.rate"`
	MaxRequests     int      `mapstructure:"serve.max-requests"`
	Cache           string   `mapstructure:"serve.cache"`
	CacheSize       int      `mapstructure:"serve.cache-size"`
	// CachePasswordFile is the path of a file with the Redis password, or "".
	CachePasswordFile string `mapstructure:"serve.cache-password-file"`
	PullReserve       int    `mapstructure:"serve.pull-reserve"`
}

// Registry is the settings of one registry, or of those that Name matches.
type Registry struct {
	Name       string   `mapstructure:"name"`
	PlainHTTP  bool     `mapstructure:"plain-http"`
	Insecure   bool     `mapstructure:"insecure"`
	CAFile     string   `mapstructure:"ca-file"`
	ClientCert string   `mapstructure:"client-cert"`
	ClientKey  string   `mapstructure:"client-key"`
	Mirror     []string `mapstructure:"mirror"`
	Jobs       int      `mapstructure:"jobs"`
	TagParams  bool     `mapstructure:"tag-params"`
	RealmHosts []string `mapstructure:"realm-hosts"`

	// HTTPFallback uses plain http if the registry does not speak TLS, and CAFiles are
	// CAs to trust in addition to CAFile. System sets them, and
	// Config.HTTPFallback.
	HTTPFallback bool     `mapstructure:"-"`
	CAFiles      []string `mapstructure:"-"`

	// Origins has the keys that the entry sets.
	Origins map[string]Origin `mapstructure:"-"`
}
