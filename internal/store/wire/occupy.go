package wire

import (
	"io"
	"net/http"
	"sync"
)

// keep holds the place of a request until its answer was read: up to then it
// has a stream of an HTTP/2 connection, or a whole connection, and a request
// that takes the place would open another one. An answer that may be long, a
// blob's or one from wherever a server led, does not count: a stream from one
// repository into another of the same host would wait for itself.
func (p *place) keep(req *http.Request, resp *http.Response) *http.Response {
	if resp == nil || resp.Body == nil || !isShort(req, resp) {
		p.leave()
		return resp
	}
	resp.Body = &occupying{ReadCloser: resp.Body, leave: sync.OnceFunc(p.leave)}
	return resp
}

// isShort reports whether an answer has a body, and one that is read at once
// and to its end.
func isShort(req *http.Request, resp *http.Response) bool {
	if req.Method == http.MethodHead || resp.Body == http.NoBody {
		return false // an empty one may still be open: its stream ends apart from its header
	}
	_, kind := route(req.URL.Path)
	return req.Method != http.MethodGet || kind != "" && kind != "blobs"
}

// occupying is a body that has a place as long as it is read.
type occupying struct {
	io.ReadCloser
	leave func()
}

func (o *occupying) Read(b []byte) (int, error) {
	n, err := o.ReadCloser.Read(b)
	if err != nil {
		o.leave()
	}
	return n, err
}

func (o *occupying) Close() error {
	defer o.leave()
	return o.ReadCloser.Close()
}
