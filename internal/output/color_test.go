package output

import "testing"

func TestUseColor(t *testing.T) {
	type env map[string]string
	tests := []struct {
		name string
		mode string
		tty  bool
		env  env
		want bool
	}{
		{"terminal", "auto", true, nil, true},
		{"pipe", "auto", false, nil, false},
		{"dumb terminal", "auto", true, env{"TERM": "dumb"}, false},
		{"NO_COLOR", "auto", true, env{"NO_COLOR": "0"}, false},
		{"empty NO_COLOR does not count", "auto", true, env{"NO_COLOR": ""}, true},
		{"CLICOLOR_FORCE on a pipe", "auto", false, env{"CLICOLOR_FORCE": "1"}, true},
		{"CLICOLOR_FORCE on a dumb terminal", "auto", true, env{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, true},
		{"CLICOLOR_FORCE=0 on a pipe", "auto", false, env{"CLICOLOR_FORCE": "0"}, false},
		{"CLICOLOR_FORCE=0 on a terminal", "auto", true, env{"CLICOLOR_FORCE": "0"}, true},
		{"NO_COLOR before CLICOLOR_FORCE", "auto", true, env{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, false},
		{"always before NO_COLOR", "always", false, env{"NO_COLOR": "1", "TERM": "dumb"}, true},
		{"never before CLICOLOR_FORCE", "never", true, env{"CLICOLOR_FORCE": "1"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := UseColor(tt.mode, tt.tty, func(key string) string { return tt.env[key] })
			if err != nil || got != tt.want {
				t.Errorf("UseColor = %v, %v; want %v", got, err, tt.want)
			}
		})
	}
	for _, mode := range []string{"", "yes", "ALWAYS", "auto "} {
		if got, err := UseColor(mode, true, func(string) string { return "" }); err == nil || got {
			t.Errorf("UseColor(%q) = %v, %v; want an error", mode, got, err)
		}
	}
}

// The decision is ours alone: the colour package has its own rules about
// NO_COLOR and terminals, which must not reach a Printer.
func TestPaintIgnoresTheEnvironment(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	t.Setenv("TERM", "dumb")
	if got := (palette{on: true}).name("x"); got == "x" {
		t.Error("no colour although asked for")
	}
	if got := (palette{}).name("x"); got != "x" {
		t.Errorf("colour although off: %q", got)
	}
}
