package transport

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestFault39HeadersAreReadUpTo256Kibibytes speaks to a server that writes its
// header by hand.
func TestFault39HeadersAreReadUpTo256Kibibytes(t *testing.T) {
	for size, ok := range map[int]bool{200 << 10: true, 300 << 10: false, 4 << 20: false} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			host := listen(t, func(c net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					return
				}
				// The client may hang up in the middle of it.
				_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nX: %s\r\n\r\n", strings.Repeat("x", size))
			})
			tr := New(Options{Host: set(HostConfig{PlainHTTP: true})})
			tr.Announce(host, "a", false)
			_, err := send(t.Context(), tr, "GET", "https://"+host+"/v2/a/blobs/sha256:00", "")
			if ok && err != nil || !ok && (err == nil || !strings.Contains(err.Error(), "headers exceeded")) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestFault14LinkOfAnAnswerIsNotFollowed holds that nothing this tool reads is
// taken from the next URL of a Link header.
func TestFault14LinkOfAnAnswerIsNotFollowed(t *testing.T) {
	for _, to := range []string{"https://trap.example/v2/a/tags/list", "/v2/a/manifests/1"} {
		net := &network{hosts: map[string]http.HandlerFunc{"https://registry.example": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "<"+to+`>; rel="next"`)
		}}}
		tr := New(Options{Base: net})
		tr.Announce("registry.example", "a", false)
		wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
		net.wantExactly(t, map[string]int{"GET " + manifestOf("a") + " - 200": 1})
	}
}
