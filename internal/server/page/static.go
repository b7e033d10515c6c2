package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// StaticPath is the path below which the files of the page are.
const StaticPath = "/static/"

//go:embed static
var staticFiles embed.FS

// staticTypes are the files of the page with their media types.
func staticTypes() map[string]string {
	return map[string]string{
		"page.css": "text/css; charset=utf-8",
		"page.js":  "text/javascript; charset=utf-8",
		"icon.svg": "image/svg+xml",
	}
}

// staticHash is part of the path of a file, so that browsers may keep it forever.
func staticHash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// staticURL is the path of a file, for the template.
func staticURL(name string) (string, error) {
	content, err := staticFiles.ReadFile("static/" + name)
	return StaticPath + staticHash(content) + "/" + name, err
}

// ServeStatic answers a request for a file of the page; rest is what follows
// StaticPath. It returns false if there is no such file.
//
// The file of another version is answered with this one's, which is not kept: while
// replicas are updated, a page may come from one of them and its style from another.
func ServeStatic(w http.ResponseWriter, r *http.Request, rest string) bool {
	hash, name, _ := strings.Cut(rest, "/")
	contentType, known := staticTypes()[name]
	if !known {
		return false
	}
	content, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("ETag", `"`+staticHash(content)+`"`)
	h.Set("Cache-Control", "no-cache")
	if hash == staticHash(content) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	return true
}
