package platform

import (
	"sort"
	"strings"
	"testing"

	"github.com/containerd/platforms"
	"github.com/google/go-cmp/cmp"
)

// shapes are the platforms of indexes as they are found in registries; "-" is
// an entry that declares none.
func shapes() map[string]string {
	const attested = " unknown/unknown"
	return map[string]string{
		"one platform":           "linux/amd64",
		"Docker official":        "linux/amd64" + attested + " linux/arm/v5" + attested + " linux/arm/v7" + attested + " linux/arm64/v8" + attested + " linux/386" + attested + " linux/mips64le" + attested + " linux/ppc64le" + attested + " linux/s390x" + attested,
		"Alpine":                 "linux/amd64 linux/arm/v6 linux/arm/v7 linux/arm64/v8 linux/386 linux/ppc64le linux/riscv64 linux/s390x",
		"Docker official, Go":    "linux/amd64 linux/arm/v7 linux/arm64/v8 linux/386 linux/ppc64le linux/riscv64 linux/s390x windows/amd64:10.0.26100.4349 windows/amd64:10.0.20348.3807 windows/amd64:10.0.17763.7434",
		"Kubernetes pause":       "linux/amd64 linux/arm64 linux/arm linux/ppc64le linux/s390x windows/amd64:10.0.17763.2114 windows/amd64:10.0.19041.1415 windows/amd64:10.0.19042.1415 windows/amd64:10.0.20348.320",
		"arm of all generations": "linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm/v8 linux/arm64",
		"arm, best last":         "linux/arm linux/arm64/v9 linux/arm64/v8.2 linux/arm64/v8 linux/arm/v6",
		"amd64 of all levels":    "linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 linux/386",
		"amd64, best first":      "linux/amd64/v4 linux/amd64/v3 linux/amd64/v2 linux/amd64/v1",
		"BuildKit, attested":     "linux/amd64 linux/arm64 unknown/unknown unknown/unknown",
		"doubles and gaps":       "- linux/amd64 linux/amd64 - /amd64 linux/ linux/arm64/v8 linux/aarch64",
		"Windows with features":  "windows/amd64 windows(10.0.20348.1+win32k)/amd64 windows(10.0.26100.1+win32k)/amd64 windows(10.0.26100.1+exotic)/amd64 linux(+gpu)/amd64 linux/amd64 windows/arm64:10.0.26100.1",
	}
}

// nodes are the platforms that are asked for.
func nodes() []string {
	return strings.Fields(`
		linux/amd64 linux/amd64/v1 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 linux/x86_64 linux/386 linux/i386
		linux/arm linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm/v8 linux/armhf linux/armel
		linux/arm64 linux/arm64/v8 linux/arm64/v8.2 linux/arm64/v9 linux/arm64/v9.2 linux/aarch64
		linux/ppc64le linux/s390x linux/riscv64 linux/mips64le linux/mips64 linux/loong64
		windows/amd64 windows/amd64:10.0.17763.1 windows/amd64:10.0.17763 windows/amd64:10.0.19042.9 windows/amd64:10.0.20348.1
		windows/amd64:10.0.25398.1 windows/amd64:10.0.26100.1 windows/amd64:10.0.26200.1 windows/arm64:10.0.26100.1 windows/arm64
		linux(+gpu)/amd64 windows(10.0.26100+exotic)/amd64 darwin/arm64 freebsd/amd64`)
}

// loose reads what an index may say, which need not be a platform.
func loose(t *testing.T, text string) *Platform {
	t.Helper()
	if text == "-" {
		return nil
	}
	if p, err := Parse(text); err == nil {
		return &p
	}
	parts := strings.Split(text, "/")
	return &Platform{OS: parts[0], Architecture: parts[1]}
}

func offersOf(t *testing.T, shape string) []Candidate {
	t.Helper()
	var offers []Candidate
	for _, text := range strings.Fields(shape) {
		offers = append(offers, Candidate{Platform: loose(t, text)})
	}
	return offers
}

func nodeOf(t *testing.T, text string) Platform {
	t.Helper()
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// containerdsOrder is containerd's images.Manifest: what has no platform or
// matches is kept, and sorted with what has no platform last.
func containerdsOrder(m platforms.Matcher, less func(a, b Platform) bool, node Platform, offers []Candidate) []int {
	at := func(p Platform) Platform {
		if p.OS == "" {
			p.OS = node.OS // platforms.Normalize takes the os of the machine it runs on
		}
		return p
	}
	var kept []int
	for i, o := range offers {
		if o.Platform == nil || m.Match(at(*o.Platform)) {
			kept = append(kept, i)
		}
	}
	sort.SliceStable(kept, func(i, j int) bool {
		a, b := offers[kept[i]].Platform, offers[kept[j]].Platform
		return a != nil && (b == nil || less(at(*a), at(*b)))
	})
	return kept
}

// orderOf lists the positions of the entries that fit, the best one first.
func orderOf(matches []Match) []int {
	var order []int
	for i, m := range matches {
		if m.Fits() {
			order = append(order, i)
		}
	}
	sort.Slice(order, func(a, b int) bool { return matches[order[a]].Rank < matches[order[b]].Rank })
	return order
}

func TestSelectAgreesWithContainerd(t *testing.T) {
	if len(nodes()) < 40 || len(shapes()) < 12 {
		t.Fatalf("%d platforms and %d indexes", len(nodes()), len(shapes()))
	}
	for name, shape := range shapes() {
		offers := offersOf(t, shape)
		for _, text := range nodes() {
			node := nodeOf(t, text)
			only := platforms.Only(node)
			want := containerdsOrder(only, only.Less, node, offers)
			if diff := cmp.Diff(want, orderOf(Select(RuleContainerd, node, offers))); diff != "" {
				t.Errorf("%s, for %s: order of the entries (-containerd +ours):\n%s", name, text, diff)
			}
		}
	}
}

// platforms.Default of a Windows node is NewMatcher, newest version first. Its
// code is built on Windows only.
func TestSelectAgreesWithContainerdOnWindows(t *testing.T) {
	for name, shape := range shapes() {
		offers := offersOf(t, shape)
		for _, text := range nodes() {
			node := nodeOf(t, text)
			m := platforms.NewMatcher(node)
			newest := func(a, b Platform) bool {
				if m.Match(a) && m.Match(b) {
					return a.OSVersion > b.OSVersion
				}
				return m.Match(a) && !m.Match(b)
			}
			want := containerdsOrder(m, newest, node, offers)
			if diff := cmp.Diff(want, orderOf(Select(RuleWindows, node, offers))); diff != "" {
				t.Errorf("%s, for %s: order of the entries (-containerd +ours):\n%s", name, text, diff)
			}
		}
	}
}

func TestSelect(t *testing.T) {
	all := shapes()
	for _, c := range []struct {
		rule        SelectionRule
		node, shape string
		best        int // -1: nothing fits
		reasons     map[int]string
	}{
		{RuleContainerd, "linux/arm64", all["Docker official"], 6, map[int]string{6: "it is for this platform", 0: "its architecture is amd64", 1: "it is for no platform", 4: "linux/arm64/v8 fits better"}},
		{RuleContainerd, "linux/arm/v6", all["Docker official"], 2, map[int]string{2: "such a node runs it too", 4: "its variant is v7"}},
		{RuleContainerd, "linux/arm64", all["Kubernetes pause"], 1, nil},
		{RuleContainerd, "windows/amd64:10.0.20348.9", all["Kubernetes pause"], 8, map[int]string{5: "its os.version is 10.0.17763.2114", 0: "its os is linux"}},
		{RuleContainerd, "linux/amd64", all["doubles and gaps"], 1, map[int]string{2: "as good, but listed later", 0: "no platform, and another one fits"}},
		{RuleContainerd, "linux/s390x", "linux/amd64 - -", 1, map[int]string{1: "no platform, a last resort"}},
		{RuleContainerd, "linux/amd64", "linux(+gpu)/amd64", -1, map[int]string{0: "it needs the os.features gpu"}},
		{RuleContainerd, "linux/amd64", "", -1, nil},
		{RuleWindows, "windows/amd64:10.0.26100.1", "windows/amd64:10.0.20348.1 windows/amd64:10.0.26100.2", 1, nil},
		{RuleContainerd, "windows/amd64:10.0.26100.1", "windows/amd64:10.0.20348.1 windows/amd64:10.0.26100.2", 0, nil},
		{RulePodman, "linux/arm/v7", "linux/arm linux/arm/v5 linux/arm/v6", 2, map[int]string{0: "linux/arm/v6 fits better"}},
		{RulePodman, "linux/arm", "linux/arm/v5 linux/arm/v7", 1, map[int]string{0: "linux/arm/v7 fits better"}},
		{RulePodman, "linux/arm/v6", "linux/arm/v7 linux/arm/v5", 1, map[int]string{0: "its variant is v7"}},
		{RulePodman, "linux/arm64", "linux/arm64/v8", 0, map[int]string{0: "it is for this platform"}},
		{RulePodman, "linux/amd64", "linux/386 linux/amd64/v2 -", 2, map[int]string{0: "its architecture is 386", 1: "its variant is v2"}},
		{RulePodman, "windows/amd64:10.0.26100.1", "windows/amd64:10.0.17763.1 windows/amd64:10.0.26100.1", 0, nil},
		{RulePodman, "linux/amd64/v3", "linux/amd64/v2 linux/amd64", 1, nil},
		{RuleExact, "linux/arm64", "linux/arm/v7 linux/arm64/v8", 1, map[int]string{0: "its architecture is arm"}},
		{RuleExact, "linux/arm/v7", "linux/arm/v6 -", -1, map[int]string{0: "its variant is v6", 1: "no platform"}},
		{RuleExact, "windows/amd64:10.0.17763", "windows/amd64:10.0.17763.9", 0, nil},
		{RuleExact, "windows/amd64:10.0.17763", "windows/amd64:10.0.20348.9 windows/amd64", -1, map[int]string{0: "its os.version is 10.0.20348.9", 1: "it lacks the os.version or os.features"}},
		{RuleExact, "linux/amd64", "linux/amd64/v3", -1, map[int]string{0: "its variant is v3"}},
		{RuleFirst, "linux/arm/v7", "linux/arm64 linux/arm/v5 linux/arm/v7", 1, map[int]string{2: "as good, but listed later"}},
	} {
		got := Select(c.rule, nodeOf(t, c.node), offersOf(t, c.shape))
		if best := Best(got); best != c.best {
			t.Errorf("%s, %s from %q: entry %d, want %d", c.rule, c.node, c.shape, best, c.best)
		}
		for i, want := range c.reasons {
			if got[i].Reason != want {
				t.Errorf("%s, %s from %q: entry %d: %q, want %q", c.rule, c.node, c.shape, i, got[i].Reason, want)
			}
		}
		for i, m := range got {
			if m.Reason == "" {
				t.Errorf("%s, %s from %q: entry %d has no reason", c.rule, c.node, c.shape, i)
			}
		}
	}
}

func TestSelect_OSVersion(t *testing.T) {
	offer := func(version string) Candidate {
		return Candidate{Platform: &Platform{OS: "darwin", Architecture: "arm64", OSVersion: version}}
	}
	offers := []Candidate{offer("macOS 12.6"), offer("macOS 13.4"), offer("")}
	for asked, want := range map[string]int{"macOS 13.4": 1, "macOS 12.6": 0, "": 0, "macOS 15": 0} {
		node := Platform{OS: "darwin", Architecture: "arm64", OSVersion: asked}
		if got := Best(Select(RuleContainerd, node, offers)); got != want {
			t.Errorf("%q: entry %d, want %d", asked, got, want)
		}
	}
}

func TestSelect_PodmanZstd(t *testing.T) {
	amd64 := nodeOf(t, "linux/amd64")
	offers := []Candidate{{Platform: &amd64}, {Platform: &amd64, Zstd: true}}
	if got := Select(RulePodman, amd64, offers); Best(got) != 1 || got[0].Reason != "as good, but not compressed with zstd" {
		t.Errorf("podman: %+v", got)
	}
	if got := Select(RuleContainerd, amd64, offers); Best(got) != 0 {
		t.Errorf("containerd: %+v", got)
	}
	undeclared := []Candidate{{}, {Zstd: true}, {Zstd: true}}
	if got := Select(RulePodman, amd64, undeclared); Best(got) != 1 || got[0].Reason != "no platform, and not compressed with zstd" || got[2].Rank != 1 {
		t.Errorf("without a platform: %+v", got)
	}
	if got := Select(RuleContainerd, amd64, undeclared); Best(got) != 0 {
		t.Errorf("without a platform, containerd: %+v", got)
	}
}

// A node that lacks less is nearer.
func TestSelectDistances(t *testing.T) {
	offers := offersOf(t, "unknown/unknown windows/arm linux/s390x linux/arm/v7 linux(+gpu)/arm/v5 linux/arm/v5")
	got := Select(RuleContainerd, nodeOf(t, "linux/arm/v6"), offers)
	for i := range got[1:] {
		if got[i].Distance <= got[i+1].Distance {
			t.Errorf("entry %d is at %d, the next one at %d", i, got[i].Distance, got[i+1].Distance)
		}
	}
}

func TestParseRule(t *testing.T) {
	for _, r := range selectionRules() {
		if got, err := ParseRule(string(r)); got != r || err != nil {
			t.Errorf("%s: %q, %v", r, got, err)
		}
	}
	if _, err := ParseRule("docker"); err == nil || !strings.Contains(err.Error(), "containerd, windows, podman, exact or first") {
		t.Errorf("docker: %v", err)
	}
}
