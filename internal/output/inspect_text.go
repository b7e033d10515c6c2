package output

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"manifest-tool/internal/manifest"
	"manifest-tool/internal/manifest/inspect"
)

// config adds the facts of an entry's config to the piped text, if they were
// requested: manifest-tool v2 has no such lines.
func (t *text) config(n string, e manifest.Entry) {
	switch {
	case e.ConfigMissing:
		t.line("[%s]   Config: %s", n, t.paint.bad("missing"))
	case e.Config != nil:
		t.line("[%s]   Config:", n)
		for _, f := range configFacts(inspect.NewImageConfig(*e.Config)) {
			t.line("[%s]    - %s: %s", n, f.name, t.paint.name(f.value))
		}
	}
}

// extraText adds the parts that manifest-tool v2 does not have.
func (t *text) extraText(in inspect.Inspection) {
	if in.Referrers == nil {
		return
	}
	c := t.paint
	t.line(" * Referrers: %s", c.count("%d", len(in.Referrers)))
	for i, r := range in.Referrers {
		n := i + 1
		t.line("[%d]     Role: %s", n, c.name(string(r.Role)))
		t.line("[%d]     Type: %s", n, c.name(typeOf(r)))
		t.line("[%d]   Digest: %s", n, c.digest(r.Digest))
		t.line("[%d]   Length: %s", n, c.size(r.Size))
		if r.Tag != "" {
			t.line("[%d]      Tag: %s", n, c.name(r.Tag))
		}
		t.line("")
	}
}

// typeOf returns the most specific type of a referrer.
func typeOf(r inspect.Referrer) string {
	if r.ArtifactType != "" {
		return r.ArtifactType
	}
	return r.MediaType
}

// fact is one fact of a config.
type fact struct{ name, value string }

// configFacts returns the facts of a config that are set.
func configFacts(c *inspect.ImageConfig) []fact {
	var all []fact
	add := func(name string, values ...string) {
		for _, v := range values {
			if v != "" {
				all = append(all, fact{name, v})
			}
		}
	}
	add("Platform", formatPlatform(c.Platform))
	if c.Created != nil {
		add("Created", c.Created.UTC().Format(time.RFC3339))
	}
	add("Author", c.Author)
	add("Entrypoint", shellWords(c.Entrypoint))
	add("Cmd", shellWords(c.Cmd))
	add("Env", c.Env...)
	add("User", c.User)
	add("WorkingDir", c.WorkingDir)
	add("ExposedPort", c.ExposedPorts...)
	add("Volume", c.Volumes...)
	add("StopSignal", c.StopSignal)
	add("Label", pairs(c.Labels)...)
	return all
}

// shellWords returns a command as JSON, which delimits its arguments.
func shellWords(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(parts); err != nil {
		return strings.Join(parts, " ")
	}
	return strings.TrimSpace(b.String())
}

// pairs returns a map as sorted key=value strings.
func pairs(m map[string]string) []string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		all = append(all, k+"="+m[k])
	}
	return all
}
