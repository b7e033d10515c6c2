package main

import "testing"

func TestPackageOf(t *testing.T) {
	for symbol, want := range map[string]string{
		"main.main":                            "main",
		"runtime.mallocgc":                     "runtime",
		"_rt0_amd64_linux":                     "runtime",
		"net/http.(*Transport).dialConn.func1": "net/http",
		"slices.SortFunc[go.shape.[]manifest-tool/internal/x.T,go.shape.int]":  "slices",
		"go.yaml.in/yaml/v3.(*parser).parse":                                   "go.yaml.in/yaml/v3",
		"gopkg.in/yaml%2ev3.Unmarshal":                                         "gopkg.in/yaml.v3",
		"manifest-tool/internal/oncemap.(*Map[manifest-tool/cmd.K,int]).Do":    "manifest-tool/internal/oncemap",
		"type:.eq.manifest-tool/internal/reference.Ref":                        "",
		"go:itab.*os.File,io.Reader":                                           "",
		"vendor/golang.org/x/net/http2/hpack.(*Decoder).Write":                 "vendor/golang.org/x/net/http2/hpack",
		"manifest-tool/internal/manifest/verify.Result.Err":                    "manifest-tool/internal/manifest/verify",
		"github.com/mediocregopher/radix/v4.(*conn).EncodeDecode.gowrap1":      "github.com/mediocregopher/radix/v4",
		"mvdan.cc/sh/v3/syntax.(*Parser).next":                                 "mvdan.cc/sh/v3/syntax",
		"github.com/VictoriaMetrics/metrics.NewSet":                            "github.com/VictoriaMetrics/metrics",
		"crypto/internal/fips140/nistec/fiat.(*P256Element).Add":               "crypto/internal/fips140/nistec/fiat",
		"manifest-tool/internal/server/page.NewRenderer":                       "manifest-tool/internal/server/page",
		"sync.(*HashTrieMap[go.shape.interface { Error() string },bool]).Load": "sync",
	} {
		if got := packageOf(symbol); got != want {
			t.Errorf("%s: %q, want %q", symbol, got, want)
		}
	}
}

func TestRowOf(t *testing.T) {
	modules := []string{"github.com/new/library", "github.com/spf13/cobra"}
	for path, want := range map[string]string{
		"manifest-tool/internal/manifest/push":               "ours: push",
		"manifest-tool/internal/manifest":                    "ours: registries, layouts, the model",
		"manifest-tool/internal/platform/executable":         "ours: verify",
		"manifest-tool/internal/suggest":                     "ours: command line, settings, logins",
		"github.com/spf13/cobra":                             "cobra, pflag: the command line",
		"github.com/new/library/v2":                          "github.com/new/library",
		"crypto/tls":                                         "Go: TLS and cryptography",
		"net/http":                                           "Go: HTTP and network",
		"strconv":                                            "Go: everything else",
		"github.com/DataDog/datadog-agent/pkg/template/html": "templates: --output template=, pages",
	} {
		if got := rowOf(path, modules); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// The rows are the whole file: what has no symbols is divided among them.
func TestRowsSumToTheFile(t *testing.T) {
	c := contents{
		"net/http":             {"net/http", 300, 10},
		"crypto/tls":           {"crypto/tls", 200, 5},
		"manifest-tool/cmd":    {"manifest-tool/cmd", 101, 0},
		"manifest-tool/x":      {"manifest-tool/x", 6, 1},
		"github.com/new/thing": {"github.com/new/thing", 1, 2},
	}
	const size = 2000
	var sum int64
	rows := c.rows([]string{"github.com/new/thing"}, size)
	for _, r := range rows {
		sum += r.total
		if r.total < r.code+r.data {
			t.Errorf("%s: %d bytes, with %d of code and %d of data", r.name, r.total, r.code, r.data)
		}
	}
	if sum != size || len(rows) != 4 || rows[0].name != "Go: HTTP and network" {
		t.Errorf("%d bytes in %+v", sum, rows)
	}
}
