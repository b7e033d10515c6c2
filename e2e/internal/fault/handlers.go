//go:build e2e

package fault

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/opencontainers/go-digest"

	"manifest-tool/e2e/internal/fixture"
)

// faultFunc is what happens to a request of a rough registry.
type Handler func(p *Registry, w http.ResponseWriter, r *http.Request)

// faultFuncs returns the faults of the matrix by their names in it.
func Handlers() map[string]Handler {
	return map[string]Handler{
		"refuse":       goneAway,
		"reset":        func(_ *Registry, w http.ResponseWriter, _ *http.Request) { ResetConn(w) },
		"reset-body":   resetInBody,
		"truncate":     func(p *Registry, w http.ResponseWriter, r *http.Request) { halfAnswer(p, w, r) },
		"over-long":    overLong,
		"trickle":      slowAnswer,
		"silent":       noAnswer,
		"401":          func(p *Registry, w http.ResponseWriter, _ *http.Request) { p.challenge(w) },
		"403":          answersWith(http.StatusForbidden),
		"404":          answersWith(http.StatusNotFound),
		"408":          answersWith(http.StatusRequestTimeout),
		"429":          answersWith(http.StatusTooManyRequests),
		"429-after":    answersWith(http.StatusTooManyRequests, "Retry-After", "1"),
		"500":          answersWith(http.StatusInternalServerError),
		"502":          answersWith(http.StatusBadGateway),
		"503":          answersWith(http.StatusServiceUnavailable),
		"302":          redirectsWith(http.StatusFound),
		"307":          redirectsWith(http.StatusTemporaryRedirect),
		"wrong-digest": lyingHeader("Docker-Content-Digest", digest.FromString("something else").String()),
		"wrong-type":   lyingHeader("Content-Type", fixture.Docker().Manifest),
		"html":         signInPage,
		"h2-reset":     func(*Registry, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
}

// errorResponse answers with a status and a body as registries write it.
func WriteError(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errors":[{"code":"SCRIPTED","message":"the script says %d"}]}`, status)
}

// answersWith answers with a status in the registry's place; header is a name and its
// value, or nothing.
func answersWith(status int, header ...string) Handler {
	return func(_ *Registry, w http.ResponseWriter, _ *http.Request) {
		if len(header) == 2 {
			w.Header().Set(header[0], header[1])
		}
		WriteError(w, status)
	}
}

// resetConn breaks the connection of a request with a RST.
func ResetConn(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: the stream is reset
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// goneAway ends the server in the middle of a request.
func goneAway(p *Registry, w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	p.Stop()
	if err == nil {
		_ = conn.Close()
	}
}

// resetInBody resets the connection in the middle of what is sent: of the
// request's body, else of the answer's.
func resetInBody(p *Registry, w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > 0 {
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
		ResetConn(w)
		return
	}
	halfAnswer(p, w, r)
	ResetConn(w)
}

// wouldAnswer returns what the registry answers, with room for changes.
func RecordResponse(p *Registry, r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	p.Answer(answer, r)
	return answer
}

// sendResponse sends an answer with the length its body is said to have.
func SendResponse(w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder, length int, body []byte) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	if r.Method != http.MethodHead {
		w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(answer.Code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
		_ = http.NewResponseController(w).Flush()
	}
}

// halfAnswer sends half of an answer's body; one without a body has got one.
func halfAnswer(p *Registry, w http.ResponseWriter, r *http.Request) {
	answer := RecordResponse(p, r)
	body := answer.Body.Bytes()
	if len(body) == 0 {
		body = bytes.Repeat([]byte(" "), 64)
	}
	SendResponse(w, r, answer, len(body), body[:len(body)/2])
}

// overLong sends more than anything but a blob may have, and more than a blob
// should have.
func overLong(p *Registry, w http.ResponseWriter, r *http.Request) {
	answer := RecordResponse(p, r)
	body := append(answer.Body.Bytes(), bytes.Repeat([]byte(" "), 5<<20)...)
	SendResponse(w, r, answer, len(body), body)
}

// slowAnswer sends the answer in small pieces, each in good time.
func slowAnswer(p *Registry, w http.ResponseWriter, r *http.Request) {
	answer := RecordResponse(p, r)
	body := answer.Body.Bytes()
	time.Sleep(20 * time.Millisecond)
	SendResponse(w, r, answer, len(body), nil)
	for size := max(1, len(body)/8); len(body) > 0 && r.Method != http.MethodHead; body = body[min(size, len(body)):] {
		time.Sleep(10 * time.Millisecond)
		_, _ = w.Write(body[:min(size, len(body))])
		_ = http.NewResponseController(w).Flush()
	}
}

// noAnswer takes the request and never answers. The body is read, or net/http
// would not notice that the client went away.
func noAnswer(_ *Registry, _ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// redirectsWith redirects to the same path of the storage host.
func redirectsWith(status int) Handler {
	return func(p *Registry, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://"+p.Storage+r.URL.RequestURI())
		w.WriteHeader(status)
	}
}

// lyingHeader answers with another value of a header.
func lyingHeader(name, value string) Handler {
	return func(p *Registry, w http.ResponseWriter, r *http.Request) {
		answer := RecordResponse(p, r)
		answer.Header().Set(name, value)
		SendResponse(w, r, answer, answer.Body.Len(), answer.Body.Bytes())
	}
}

// signInPage is the page of a network that wants its users to sign in first.
func signInPage(_ *Registry, w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, "<!DOCTYPE html><title>Sign in</title><p>Welcome to our network.")
}

// matrixKinds are the columns of the matrix: the kinds of requests, as
// requestKind names them.
func RequestKinds() []string {
	return []string{
		"opening", "token", "head manifest", "get manifest", "get blob",
		"head blob", "post upload", "patch upload", "put upload", "put manifest",
	}
}
