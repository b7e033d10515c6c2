package page

import (
	"bytes"
	_ "embed"
	"net/http"
	"time"

	template "github.com/DataDog/datadog-agent/pkg/template/html"
)

//go:embed page.html
var source string

// policy allows the files of the service, and nothing that is inline or from another
// host.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// SetHeaders sets the headers of the page that protect it, and requests the hints for
// Guess.
func SetHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Accept-CH", clientHints)
	h.Set("Critical-CH", clientHints)
	h.Set("Vary", hints)
}

// Renderer renders the page. It is safe for concurrent use.
type Renderer struct{ template *template.Template }

// NewRenderer returns a Renderer.
func NewRenderer() *Renderer {
	return &Renderer{template.Must(template.New("page").Funcs(functions()).Parse(source))}
}

// functions returns what the page shows of a View beyond its fields: its templates
// cannot call methods.
func functions() template.FuncMap {
	return template.FuncMap{
		"title": View.Title, "headline": View.Headline, "machine": View.Machine, "options": View.Options, "cards": View.Cards, "size": View.Size,
		"badge": View.Badge, "badgeOfMachine": View.BadgeOfMachine, "markdown": View.Markdown, "api": View.API, "pull": View.Pull,
		"count": Result.Count, "chosen": Result.Chosen, "isMissing": Problem.IsMissing,
		"static":  staticURL,
		"isKnown": func(t time.Time) bool { return !t.IsZero() },
		"utc":     func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") },
		"rfc":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	}
}

// Render returns the page as HTML.
func (r *Renderer) Render(v View) ([]byte, error) {
	var out bytes.Buffer
	err := r.template.Execute(&out, v)
	return out.Bytes(), err
}
