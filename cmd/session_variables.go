package cmd

import (
	"fmt"
	"slices"
	"strings"

	"manifest-tool/internal/config"
	"manifest-tool/internal/suggest"
)

// variablePrefix begins the names of all variables of this program.
const variablePrefix = "MANIFEST_TOOL_"

// warnOfVariables names each variable that is nearly that of a setting: a misspelled
// MANIFEST_TOOL_VERIFY would leave out a check that a pipeline relies on. Other unknown
// names may be those of scripts. With --strict the first one is an error.
func (s *session) warnOfVariables() error {
	if s.Environ == nil {
		return nil
	}
	known := []string{variablePrefix + "CONFIG", cachePasswordVariable}
	for _, setting := range config.Settings() {
		known = append(known, setting.Variable())
	}
	for _, variable := range slices.Sorted(slices.Values(s.Environ())) {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, variablePrefix) || value == "" || slices.Contains(known, name) {
			continue
		}
		near, _ := suggest.NearMiss(name, known)
		switch {
		case near == "":
		case s.settings.Strict:
			return usagef("the variable %s is not a setting, did you mean %s?", name, near)
		default:
			s.warnOnce(fmt.Sprintf("the variable %s is not a setting, and is ignored (did you mean %s?)", name, near))
		}
	}
	return nil
}
