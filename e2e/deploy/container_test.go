//go:build e2e

package deploy

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"manifest-tool/e2e/internal/clitest"
)

// instructions returns the arguments of an instruction of a Dockerfile, one for each
// time that it occurs.
func instructions(dockerfile, name string) (all []string) {
	joined := strings.ReplaceAll(dockerfile, "\\\n", " ")
	for _, found := range regexp.MustCompile(`(?m)^`+name+` (.*)$`).FindAllStringSubmatch(joined, -1) {
		all = append(all, found[1])
	}
	return all
}

// variables returns the environment of an image.
func variables(dockerfile string) (env []string) {
	for _, line := range instructions(dockerfile, "ENV") {
		env = append(env, strings.Fields(line)...)
	}
	return env
}

func list(t *testing.T, text []string) (words []string) {
	t.Helper()
	if len(text) != 1 {
		t.Fatalf("%q, want one", text)
	}
	clitest.Must(t, json.Unmarshal([]byte(text[0]), &words))
	return words
}

// TestContainerStartsServe starts the service as the container does.
func TestContainerStartsServe(t *testing.T) {
	t.Parallel()
	file := read(t, "Dockerfile")
	entry := list(t, instructions(file, "ENTRYPOINT"))
	if entry[0] != program || !strings.Contains(file, " "+program+"\n") {
		t.Errorf("the container starts %s, want %s", entry[0], program)
	}
	if user := instructions(file, "USER"); len(user) != 1 || strings.HasPrefix(user[0], "0") {
		t.Errorf("the user is %q", user)
	}
	wantVariables(t, variables(file))
	v := clitest.Session{Env: variables(file)}.Serve(t, arguments(t, list(t, instructions(file, "CMD")))...)
	wantStatus(t, v, "/readyz", http.StatusOK)
}

// TestLambdaAdapterIsTrusted starts the service with the environment of the function,
// and sends what the adapter sends: the address of the client in a header.
func TestLambdaAdapterIsTrusted(t *testing.T) {
	t.Parallel()
	env := append(variables(read(t, "Dockerfile")), variables(read(t, "lambda/Dockerfile"))...)
	wantVariables(t, append(functionVariables(t), env...))
	adapter := map[string]string{}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		adapter[name] = value
	}
	if listen := adapter["MANIFEST_TOOL_SERVE_LISTEN"]; listen != ":"+adapter["AWS_LWA_PORT"] {
		t.Errorf("the service listens at %s, the adapter connects to %s", listen, adapter["AWS_LWA_PORT"])
	}
	v := clitest.Session{Env: env}.Serve(t)
	wantStatus(t, v, adapter["AWS_LWA_READINESS_CHECK_PATH"], http.StatusOK)
	clitest.WaitFor(t, "the log has the client", func() bool { return strings.Contains(v.Log(), `"client":"203.0.113.9"`) })
}

// functionVariables returns the names of the variables that the template of the
// function sets, to its parameters.
func functionVariables(t *testing.T) []string {
	t.Helper()
	var template struct {
		Resources map[string]struct {
			Properties struct {
				Environment struct{ Variables map[string]any }
			}
		}
	}
	clitest.Must(t, yaml.Unmarshal([]byte(read(t, "lambda/template.yaml")), &template))
	names := slices.Collect(maps.Keys(template.Resources["Service"].Properties.Environment.Variables))
	if len(names) == 0 {
		t.Error("the function has no variables")
	}
	return names
}

// wantStatus requests a path as a proxy does for a client at 203.0.113.9.
func wantStatus(t *testing.T, v *clitest.Service, path string, status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.URL+path, nil)
	clitest.Must(t, err)
	req.Header.Set("X-Forwarded-For", "203.0.113.9")
	resp, err := http.DefaultClient.Do(req)
	clitest.Must(t, err)
	defer resp.Body.Close()
	if path == "" || resp.StatusCode != status {
		t.Errorf("%q: status %d, want %d", path, resp.StatusCode, status)
	}
}
