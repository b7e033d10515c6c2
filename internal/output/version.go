package output

import "manifest-tool/internal/version"

// PrintVersion writes what the program was built from. The text is that of
// manifest-tool v2.
func (p Printer) PrintVersion(build version.Result) error {
	return p.render(build, func(t *text) {
		t.line("manifest-tool version %s (commit: %s)", Escape(build.Version), Escape(build.Commit))
	})
}
