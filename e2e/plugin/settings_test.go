//go:build e2e

package plugin

import (
	"fmt"
	"strings"
	"testing"

	"manifest-tool/e2e/internal/clitest"
	"manifest-tool/e2e/internal/fixture"
	"manifest-tool/e2e/internal/registrytest"
)

// withHost returns texts with the host in place of HOST.
func withHost(texts []string, host string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, strings.ReplaceAll(text, "HOST", host))
	}
	return all
}

// commas returns a list of n tags.
func commas(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint(i))
	}
	return strings.Join(all, ",")
}

// TestArguments pushes by target, template and platforms.
func TestArguments(t *testing.T) {
	t.Parallel()
	open := registrytest.StartOpen(t)
	images := fixture.NewImageSet(t, fixture.Docker(), "app")
	open.PutImages(t, "app", images)
	settings := withHost([]string{
		"PLUGIN_TARGET=HOST/app:1.4.2", "PLUGIN_TEMPLATE=HOST/app:ARCHVARIANT", "PLUGIN_PLATFORMS=linux/amd64,linux/arm64,linux/arm/v7",
	}, open.Host)

	t.Run("pushes_with_the_tags_of_the_build", func(t *testing.T) {
		t.Parallel()
		digest := step{env: append(buildVariables(t, "tag"), settings...)}.run(t).PushedDigest(t)
		for _, tag := range []string{"1.4.2", "1.4", "1"} {
			if got, _ := open.Manifest(t, "app", tag); got.Digest != digest {
				t.Errorf("%s is %s, want %s", tag, got.Digest, digest)
			}
		}
		fixture.WantEntries(t, fixture.WantComplete(t, open.Repository("app"), digest), images.Objects()...)
	})
	t.Run("leaves_out_what_is_missing", func(t *testing.T) {
		t.Parallel()
		env := append(settings, withHost([]string{"PLUGIN_TARGET=HOST/app:some", "PLUGIN_PLATFORMS=linux/amd64,linux/s390x"}, open.Host)...)
		done := step{env: env}.run(t)
		done.WantCode(t, 1)
		open.WantAbsent(t, "app", "some")
		done = step{env: append(env, "PLUGIN_IGNORE_MISSING=true")}.run(t)
		fixture.WantEntries(t, fixture.WantComplete(t, open.Repository("app"), done.PushedDigest(t)), images[0].Image)
		done.WantStderr(t, "warning: ", "/app:s390x")
	})
	t.Run("skips_a_pull_request", func(t *testing.T) {
		t.Parallel()
		g, seen := open.BehindProxy(t, nil)
		env := append(buildVariables(t, "pull"), "PLUGIN_AUTO_TAG=true", "PLUGIN_TARGET="+g.Host+"/app:none", "PLUGIN_TEMPLATE="+g.Host+"/app:ARCH", "PLUGIN_PLATFORMS=linux/amd64")
		done := step{env: env}.run(t)
		done.WantCode(t, 0)
		done.WantStderr(t, `skipped: nothing is pushed: auto_tag pushes git tags and the default branch "main", and this build is of "refs/pull/7/head"`)
		clitest.WantText(t, "stdout", "", done.Stdout)
		if all := seen.Matching(func(registrytest.Request) bool { return true }); len(all) > 0 {
			t.Errorf("requests: %v", all)
		}
	})
}

// TestLogin pushes to a registry that requires a login, and whose CA is unknown. The
// password is in no output, although the template has it.
func TestLogin(t *testing.T) {
	t.Parallel()
	g := registrytest.StartBasicTLS(t)
	images := fixture.NewImageSet(t, fixture.OCI(), "app")
	g.PutImages(t, "app", images)
	env := withHost([]string{
		"PLUGIN_USERNAME=" + registrytest.UserName, "PLUGIN_DUMP=true", "MANIFEST_TOOL_DEBUG=true",
		"PLUGIN_SPEC=image: HOST/app:all\nannotations: {a: " + registrytest.UserPassword + "}\nmanifests:\n- image: HOST/app:amd64\n- image: HOST/app:arm64\n",
	}, g.Host)
	for _, c := range []struct {
		code     int
		settings []string
		message  string
	}{
		{1, []string{"PLUGIN_PASSWORD=" + registrytest.UserPassword}, "certificate"},
		{1, []string{"PLUGIN_PASSWORD=looking-glass", "PLUGIN_INSECURE=true"}, "401"},
		{0, []string{"PLUGIN_PASSWORD=" + registrytest.UserPassword, "PLUGIN_INSECURE=true"}, "warning: PLUGIN_INSECURE: the certificate is not checked for " + g.Host + ", and plain http is used if there is no TLS"},
		{0, []string{"PLUGIN_PASSWORD=" + registrytest.UserPassword, "PLUGIN_SKIP_VERIFY=true"}, "warning: PLUGIN_SKIP_VERIFY: the certificate is not checked for "},
		{0, []string{"PLUGIN_PASSWORD=" + registrytest.UserPassword, "MANIFEST_TOOL_CA_FILE=" + g.CAFile}, "annotations: {a: REDACTED}"},
	} {
		done := step{env: append(env, c.settings...)}.run(t)
		done.WantCode(t, c.code)
		done.WantStderr(t, c.message)
		if all := done.Stdout + done.Stderr; strings.Contains(all, registrytest.UserPassword) && c.settings[0] != "PLUGIN_PASSWORD=looking-glass" || strings.Contains(all, "looking-glass") {
			t.Errorf("the password is printed:\n%s", all)
		}
		if c.code != 0 {
			g.WantAbsent(t, "app", "all")
		}
	}
}
