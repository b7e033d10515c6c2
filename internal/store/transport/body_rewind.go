package transport

import (
	"fmt"
	"io"
	"net/http"
)

// drainLimit is the number of bytes of an unneeded response that are read so that its
// connection can be reused.
const drainLimit = 64 << 10

// canRewind reports whether a request can be sent again. It does not open the body,
// which would stay open if it is not sent.
func canRewind(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// rewind returns a request that can be sent again, with a fresh body, which
// belongs to the caller until it is sent.
func rewind(req *http.Request) (*http.Request, error) {
	out := req.Clone(req.Context())
	if req.Body == nil || req.Body == http.NoBody {
		return out, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, fmt.Errorf("reading the request body again: %w", err)
	}
	out.Body = body
	return out, nil
}

// Discard reads the rest of a response up to a limit and closes it: an unread body
// costs the connection.
func Discard(resp *http.Response) {
	if resp == nil || resp.Body == nil {
		return
	}
	_, _ = io.CopyN(io.Discard, resp.Body, drainLimit)
	_ = resp.Body.Close()
}
