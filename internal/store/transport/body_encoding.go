package transport

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// isGzip reports whether a response is compressed although no request asks for that.
// Some proxies and stores of files do it.
func isGzip(resp *http.Response) bool {
	coding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	return coding == "gzip" || coding == "x-gzip" // RFC 9110, section 8.4.1.3
}

// undoGzip returns the content of a compressed body, or the body if it is not
// compressed in spite of its header. limit bounds the content as it does the body.
func undoGzip(raw []byte, limit *TooLargeError) ([]byte, error) {
	if !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		return raw, nil
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("undoing its Content-Encoding: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(unpacked, limit.Limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("undoing its Content-Encoding: %w", err)
	case int64(len(content)) > limit.Limit:
		return nil, limit
	}
	return content, nil
}

// undoErrorGzip makes a compressed error page readable; one that cannot be read is
// left as it is, since its status matters more.
func undoErrorGzip(resp *http.Response) {
	raw, err := io.ReadAll(resp.Body)
	if err == nil {
		if content, err := undoGzip(raw, &TooLargeError{"error page", maxError}); err == nil {
			raw = content
		}
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(raw))
}

// withoutLength removes the length of a compressed response to a HEAD: it is not that
// of the content.
func withoutLength(resp *http.Response) {
	resp.ContentLength = -1
	resp.Header.Del("Content-Length")
}
