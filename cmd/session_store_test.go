package cmd

import (
	"slices"
	"testing"
)

// TestPipelineRealms has the variables of GitLab, which are for one registry only.
func TestPipelineRealms(t *testing.T) {
	both := []string{"gitlab.example", "gitlab.example:8443"}
	for name, tt := range map[string]struct {
		registry, server, port string
		want                   []string
	}{
		"the registry":     {"reg.example:5050", "gitlab.example", "8443", both},
		"another spelling": {"Reg.Example:5050", "gitlab.example", "8443", both},
		"no port":          {"reg.example:5050", "gitlab.example", "", both[:1]},
		"another port":     {"reg.example", "gitlab.example", "8443", nil},
		"another registry": {"mirror.example", "gitlab.example", "8443", nil},
		"no registry":      {"", "gitlab.example", "8443", nil},
		"no server":        {"reg.example:5050", "", "8443", nil},
		"no host":          {"reg.example:5050", "a/b", "8443", nil},
	} {
		t.Run(name, func(t *testing.T) {
			variables := map[string]string{"CI_REGISTRY": tt.registry, "CI_SERVER_HOST": tt.server, "CI_SERVER_PORT": tt.port}
			s := newSession(Deps{Getenv: func(name string) string { return variables[name] }})
			if got := s.pipelineRealms("reg.example:5050"); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
