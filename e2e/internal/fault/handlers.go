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

// Handler responds to a request of a registry with a fault. It may call
// p.Answer for what the registry would send.
type Handler func(p *Registry, w http.ResponseWriter, r *http.Request)

// Handlers returns the faults of the matrix by the names they have in
// matrix.txt.
func Handlers() map[string]Handler {
	return map[string]Handler{
		"refuse":       stopServer,
		"reset":        func(_ *Registry, w http.ResponseWriter, _ *http.Request) { ResetConn(w) },
		"reset-body":   resetInBody,
		"truncate":     func(p *Registry, w http.ResponseWriter, r *http.Request) { truncate(p, w, r) },
		"over-long":    sendTooMuch,
		"trickle":      trickle,
		"silent":       neverRespond,
		"401":          func(p *Registry, w http.ResponseWriter, _ *http.Request) { p.challenge(w) },
		"403":          respondStatus(http.StatusForbidden),
		"404":          respondStatus(http.StatusNotFound),
		"408":          respondStatus(http.StatusRequestTimeout),
		"429":          respondStatus(http.StatusTooManyRequests),
		"429-after":    respondStatus(http.StatusTooManyRequests, "Retry-After", "1"),
		"500":          respondStatus(http.StatusInternalServerError),
		"502":          respondStatus(http.StatusBadGateway),
		"503":          respondStatus(http.StatusServiceUnavailable),
		"302":          redirectToStorage(http.StatusFound),
		"307":          redirectToStorage(http.StatusTemporaryRedirect),
		"wrong-digest": replaceHeader("Docker-Content-Digest", digest.FromString("something else").String()),
		"wrong-type":   replaceHeader("Content-Type", fixture.Docker().Manifest),
		"html":         sendLoginPage,
		"h2-reset":     func(*Registry, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
}

// WriteError responds with a status and an error body as registries send it.
func WriteError(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errors":[{"code":"SCRIPTED","message":"the script says %d"}]}`, status)
}

// respondStatus returns a handler that responds with a status in the registry's
// place; header is a name and its value, or nothing.
func respondStatus(status int, header ...string) Handler {
	return func(_ *Registry, w http.ResponseWriter, _ *http.Request) {
		if len(header) == 2 {
			w.Header().Set(header[0], header[1])
		}
		WriteError(w, status)
	}
}

// ResetConn resets the connection of a request (TCP RST), or its HTTP/2 stream.
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

// stopServer stops the server in the middle of a request.
func stopServer(p *Registry, w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	p.stop()
	if err == nil {
		_ = conn.Close()
	}
}

// resetInBody resets the connection in the middle of a body: of the request's,
// if it has one, else of the response's.
func resetInBody(p *Registry, w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > 0 {
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
		ResetConn(w)
		return
	}
	truncate(p, w, r)
	ResetConn(w)
}

// RecordResponse returns the response that the registry would send, for the
// caller to change.
func RecordResponse(p *Registry, r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	p.Answer(answer, r)
	return answer
}

// SendResponse sends a recorded response with the given body and the
// Content-Length length.
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

// truncate sends half of the response's body. If the body is empty, it
// announces one and sends half of that.
func truncate(p *Registry, w http.ResponseWriter, r *http.Request) {
	answer := RecordResponse(p, r)
	body := answer.Body.Bytes()
	if len(body) == 0 {
		body = bytes.Repeat([]byte(" "), 64)
	}
	SendResponse(w, r, answer, len(body), body[:len(body)/2])
}

// sendTooMuch sends a body longer than the product accepts for anything but
// blobs, and longer than the descriptor of a blob.
func sendTooMuch(p *Registry, w http.ResponseWriter, r *http.Request) {
	answer := RecordResponse(p, r)
	body := append(answer.Body.Bytes(), bytes.Repeat([]byte(" "), 5<<20)...)
	SendResponse(w, r, answer, len(body), body)
}

// trickle sends the response in small pieces, each of them in time.
func trickle(p *Registry, w http.ResponseWriter, r *http.Request) {
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

// neverRespond reads the request and never responds. If the body were not read,
// net/http would not notice that the client closed the connection.
func neverRespond(_ *Registry, _ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// redirectToStorage returns a handler that redirects to the same path of the
// storage host.
func redirectToStorage(status int) Handler {
	return func(p *Registry, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://"+p.Storage+r.URL.RequestURI())
		w.WriteHeader(status)
	}
}

// replaceHeader returns a handler that sends the response with another value of
// a header.
func replaceHeader(name, value string) Handler {
	return func(p *Registry, w http.ResponseWriter, r *http.Request) {
		answer := RecordResponse(p, r)
		answer.Header().Set(name, value)
		SendResponse(w, r, answer, answer.Body.Len(), answer.Body.Bytes())
	}
}

// sendLoginPage responds with the page of a network that requires its users to
// sign in.
func sendLoginPage(_ *Registry, w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, "<!DOCTYPE html><title>Sign in</title><p>Welcome to our network.")
}

// RequestKinds returns the columns of the matrix: the kinds of requests, as
// requestKind returns them.
func RequestKinds() []string {
	return []string{
		"opening", "token", "head manifest", "get manifest", "get blob",
		"head blob", "post upload", "patch upload", "put upload", "put manifest",
	}
}
