package server

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestFault102ConnectionsAreBounded opens more idle connections than are allowed, while
// a request is being answered.
func TestFault102ConnectionsAreBounded(t *testing.T) {
	const limit = 10
	arrived, release := make(chan bool), make(chan bool)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			arrived <- true
			<-release
		}
		_, _ = io.WriteString(w, "ok")
	})}
	LimitConnections(server, limit)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }() // it ends with Close
	defer server.Close()
	open := func(request string) net.Conn {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	answer := func(conn net.Conn) error {
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		return err
	}
	busy := open("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
	<-arrived
	for range 3 * limit { // active, for net/http
		open("GET / HTTP/1.1\r\nHost: ")
	}
	var idle []net.Conn
	for range 3 * limit {
		conn := open("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if err := answer(conn); err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	_ = idle[0].SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := idle[0].Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the oldest idle connection: %v", err)
	}
	for _, conn := range []net.Conn{idle[len(idle)-1], idle[len(idle)-2]} {
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil || answer(conn) != nil {
			t.Errorf("a new idle connection: %v", err)
		}
	}
	close(release)
	if err := answer(busy); err != nil {
		t.Errorf("the request in progress: %v", err)
	}
}
