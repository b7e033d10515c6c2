package transport

import (
	"fmt"
	"io"
	"net/http"
)

// drainLimit is how many bytes of an unwanted answer are read so that its
// connection can be used again.
const drainLimit = 64 << 10

// canRewind reports whether a request can be sent again. It opens nothing:
// a body that is asked for and not sent would stay open.
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
		return nil, fmt.Errorf("reading once more what is to be sent: %w", err)
	}
	out.Body = body
	return out, nil
}

// Discard reads the rest of an answer within bounds and closes it: a body
// left unread costs the connection.
func Discard(resp *http.Response) {
	if resp == nil || resp.Body == nil {
		return
	}
	_, _ = io.CopyN(io.Discard, resp.Body, drainLimit)
	_ = resp.Body.Close()
}
