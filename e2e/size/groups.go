package main

import (
	"cmp"
	"slices"
	"strings"
)

// row is a part of the binary with its size, in bytes.
type row struct {
	name              string
	total, code, data int64
	packages          []content
}

// group is packages with a common purpose, by the prefixes of their paths.
type group struct {
	name     string
	prefixes []string
}

// groups are the rows. A package belongs to the row with the longest prefix; what
// matches none is a row by its module.
func groups() []group {
	return []group{
		{"ours: command line, settings, logins", []string{"main", "manifest-tool", "manifest-tool/cmd"}},
		{"ours: registries, layouts, the model", []string{"manifest-tool/internal/store", "manifest-tool/internal/reference", "manifest-tool/internal/manifest", "manifest-tool/internal/platform"}},
		{"ours: push", []string{"manifest-tool/internal/manifest/push", "manifest-tool/internal/manifest/spec", "manifest-tool/internal/manifest/transfer"}},
		{"ours: inspect, query, tags, resolve, diff", []string{"manifest-tool/internal/manifest/inspect", "manifest-tool/internal/manifest/resolve", "manifest-tool/internal/manifest/selection", "manifest-tool/internal/manifest/diff"}},
		{"ours: verify", []string{"manifest-tool/internal/manifest/verify", "manifest-tool/internal/rootfs", "manifest-tool/internal/platform/executable"}},
		{"ours: test-registry", []string{"manifest-tool/internal/probe"}},
		{"ours: serve, query --server", []string{"manifest-tool/internal/server"}},
		{"ours: output formats", []string{"manifest-tool/internal/output"}},
		{"cobra, pflag: the command line", []string{"github.com/spf13/cobra", "github.com/spf13/pflag"}},
		{"viper and its dependencies: settings", []string{
			"github.com/spf13/viper", "github.com/spf13/cast", "github.com/spf13/afero", "github.com/go-viper", "github.com/fsnotify", "github.com/sagikazarmark",
			"github.com/sourcegraph/conc", "github.com/subosito/gotenv", "golang.org/x/text",
		}},
		{"go-containerregistry: requests to registries", []string{"github.com/google/go-containerregistry"}},
		{"docker/cli, credential helpers: logins", []string{"github.com/docker", "github.com/sirupsen/logrus"}},
		{"klauspost/compress: zstd and gzip of layers", []string{"github.com/klauspost/compress"}},
		{"yaml v3: specs, settings, output", []string{"go.yaml.in/yaml/v3"}},
		{"sigs.k8s.io/yaml with yaml v2: specs as v2 reads them", []string{"sigs.k8s.io/yaml", "go.yaml.in/yaml/v2"}},
		{"go-toml: settings of Podman and containerd", []string{"github.com/pelletier/go-toml"}},
		{"mvdan.cc/sh: scripts of entrypoints", []string{"mvdan.cc/sh"}},
		{"radix: Redis of serve", []string{"github.com/mediocregopher/radix", "github.com/tilinna/clock"}},
		{"VictoriaMetrics: metrics of serve", []string{"github.com/VictoriaMetrics", "github.com/valyala"}},
		{"templates: --output template=, pages", []string{"github.com/DataDog/datadog-agent/pkg/template", "text/template", "html"}},
		{"Go: TLS and cryptography", []string{"crypto", "math/big", "encoding/asn1", "encoding/pem", "vendor/golang.org/x/crypto", "hash"}},
		{"Go: HTTP and network", []string{"net", "mime", "vendor/golang.org/x/net", "vendor/golang.org/x/text"}},
		{"Go: JSON, XML, CSV, archives", []string{"encoding", "archive", "compress"}},
		{"Go: runtime and reflection", []string{"runtime", "internal", "reflect", "sync", "syscall", "vendor/golang.org/x/sys"}},
		{"Go: everything else", []string{""}},
	}
}

// rows returns the rows of all packages, the largest first. size is that of the file:
// what is not counted is divided by the code.
func (c contents) rows(modules []string, size int64) []row {
	byName := map[string]*row{}
	var code, rest int64 = 0, size
	for _, p := range c {
		name := rowOf(p.name, modules)
		if byName[name] == nil {
			byName[name] = &row{name: name}
		}
		r := byName[name]
		r.code, r.data = r.code+p.code, r.data+p.data
		r.packages = append(r.packages, *p)
		code, rest = code+p.code, rest-p.code-p.data
	}
	all := make([]row, 0, len(byName))
	for _, r := range byName {
		slices.SortFunc(r.packages, func(a, b content) int { return cmp.Compare(b.code+b.data, a.code+a.data) })
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b row) int { return cmp.Or(cmp.Compare(b.code, a.code), strings.Compare(a.name, b.name)) })
	given := int64(0)
	for i := range all {
		share := rest * all[i].code / code
		all[i].total = all[i].code + all[i].data + share
		given += share
	}
	all[0].total += rest - given // what division left over
	slices.SortFunc(all, func(a, b row) int { return cmp.Compare(b.total, a.total) })
	return all
}

// rowOf returns the name of the row of a package.
func rowOf(path string, modules []string) string {
	name, length := "", -1
	for _, g := range groups() {
		for _, prefix := range g.prefixes {
			if isBelow(path, prefix) && len(prefix) > length {
				name, length = g.name, len(prefix)
			}
		}
	}
	for _, m := range modules {
		if isBelow(path, m) && len(m) > length && length <= 0 {
			name, length = m, len(m)
		}
	}
	return name
}

// isBelow reports whether a package is that of a prefix or below it.
func isBelow(path, prefix string) bool {
	return prefix == "" || path == prefix || strings.HasPrefix(path, prefix+"/")
}
