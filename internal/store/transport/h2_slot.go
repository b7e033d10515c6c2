package transport

import (
	"io"
	"net/http"
	"sync"
)

// holdUntilRead holds the place of a request until its answer was read: up to then it
// has a stream of an HTTP/2 connection, or a whole connection, and a request
// that takes the place would open another one. An answer that may be long, a
// blob's or one from wherever a server led, does not count: a stream from one
// repository into another of the same host would wait for itself.
func (p *slot) holdUntilRead(req *http.Request, resp *http.Response) *http.Response {
	if resp == nil || resp.Body == nil || !isBoundedBody(req, resp) {
		p.release()
		return resp
	}
	resp.Body = &slotBody{ReadCloser: resp.Body, leave: sync.OnceFunc(p.release)}
	return resp
}

// isBoundedBody reports whether an answer has a body, and one that is read at once
// and to its end.
func isBoundedBody(req *http.Request, resp *http.Response) bool {
	if req.Method == http.MethodHead || resp.Body == http.NoBody {
		return false // an empty one may still be open: its stream ends apart from its header
	}
	_, kind := parsePath(req.URL.Path)
	return req.Method != http.MethodGet || kind != "" && kind != "blobs"
}

// slotBody is a body that has a place as long as it is read.
type slotBody struct {
	io.ReadCloser
	leave func()
}

func (o *slotBody) Read(b []byte) (int, error) {
	n, err := o.ReadCloser.Read(b)
	if err != nil {
		o.leave()
	}
	return n, err
}

func (o *slotBody) Close() error {
	defer o.leave()
	return o.ReadCloser.Close()
}
