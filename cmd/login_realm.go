package cmd

import (
	"context"
	"fmt"
	"strings"

	"manifest-tool/internal/config"
	"manifest-tool/internal/errtext"
	"manifest-tool/internal/store/transport"
)

// askForRealm asks on a terminal whether a token server on another host, which did not
// get the password, belongs to the registry. The answer yes holds for this run; the
// server is returned.
func (o *loginOptions) askForRealm(ctx context.Context, host string, err error) (realm string, ok bool) {
	state := transport.LoginStateOf(err)
	if state.WithheldFrom == "" || o.Prompter.line == nil || len(state.Flags) != 1 || !strings.HasPrefix(state.Flags[0], "--realm-host ") {
		return "", false
	}
	_, _ = fmt.Fprintf(o.Err, "%s names %s as its token server. It gets your password if you agree, now and in later runs.\n",
		o.sanitizer.Line(host), o.sanitizer.Line(state.WithheldFrom))
	answer, err := prompt(ctx, o.Err, "Send it there? (yes or no)", o.Prompter.line, false)
	if err != nil || !strings.EqualFold(answer, "yes") && !strings.EqualFold(answer, "y") {
		return "", false
	}
	realm = strings.ToLower(state.WithheldFrom)
	o.settings.RealmHosts = append(o.settings.RealmHosts[:len(o.settings.RealmHosts):len(o.settings.RealmHosts)], realm)
	return realm, true
}

// storeRealm stores a token server in the settings file as one of the registry, so
// that the question is asked once. A file that cannot be edited is a warning.
func (o *loginOptions) storeRealm(host, realm string) {
	if realm == "" {
		return
	}
	if err := config.AddRealmHost(o.settingsPath, host, realm); err != nil {
		o.notices.Warn(fmt.Sprintf("the token server is not stored: %v; %s", err, errtext.Hint(err)))
		return
	}
	o.notices.Print("note", fmt.Sprintf("%s is stored as a token server of %s in %s", realm, host, o.settingsPath))
}
