package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// part is an answer of which n bytes come, and then an error.
type part struct {
	io.Reader
	err error
}

func (p *part) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if errors.Is(err, io.EOF) {
		err = p.err
	}
	return n, err
}

func (p *part) Close() error { return nil }

// spotty is a network whose first answers end too early.
type spotty struct {
	broken int
	err    error
	calls  int
}

func (s *spotty) RoundTrip(req *http.Request) (*http.Response, error) {
	const document = `{"schemaVersion":2}`
	s.calls++
	resp := &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: int64(len(document)), Request: req}
	resp.Body = io.NopCloser(strings.NewReader(document))
	if s.calls <= s.broken {
		resp.Body = &part{strings.NewReader(document[:7]), s.err}
	}
	return resp, nil
}

func TestFault44AManifestThatBreaksOffIsAskedForAgain(t *testing.T) {
	for name, err := range map[string]error{
		"reset": syscall.ECONNRESET, "closed": io.ErrUnexpectedEOF, "ended as if it were whole": io.EOF,
		"HTTP/2 stream": errors.New("stream error: stream ID 3; INTERNAL_ERROR; received from peer"),
	} {
		for _, broken := range []int{1, maxTries - 1, maxTries} {
			t.Run(fmt.Sprint(name, broken), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &spotty{broken: broken, err: err}
					tr := New(Options{Base: s})
					tr.Announce("registry.example", "a", false)
					status, got := send(t.Context(), tr, "GET", manifestOf("a"), "")
					if good := broken < maxTries; good != (got == nil && status == 200) {
						t.Errorf("status %d, %v", status, got)
					}
					if want := min(broken+1, maxTries); s.calls != want {
						t.Errorf("asked %d times, want %d", s.calls, want)
					}
				})
			})
		}
	}
}

// TestFault48AHostThatIsDownIsNotAskedFiveTimesEach holds that after enough
// failures in a row each further request is sent once, and that one good
// answer ends that.
func TestFault48AHostThatIsDownIsNotAskedFiveTimesEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down, calls := true, 0
		net := &network{hosts: map[string]http.HandlerFunc{
			"https://registry.example": func(w http.ResponseWriter, _ *http.Request) {
				if calls++; down {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			},
		}}
		tr := New(Options{Base: net})
		tr.Announce("registry.example", "a", false)
		const requests = 100
		for range requests {
			wantStatus(t, tr, 503, "GET", manifestOf("a"), "")
		}
		if want := maxConsecutiveFailures + requests - maxConsecutiveFailures/maxTries; calls != want {
			t.Errorf("a host that is down was asked %d times, want %d", calls, want)
		}
		down = false
		wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
		down, calls = true, 0
		wantStatus(t, tr, 503, "GET", manifestOf("a"), "")
		if calls != maxTries {
			t.Errorf("after a good answer it was asked %d times, want %d", calls, maxTries)
		}
	})
}

// mute is a network that waits before it answers.
type mute struct{ wait time.Duration }

func (m mute) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case <-req.Context().Done():
		return nil, req.Context().Err()
	case <-time.After(m.wait):
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
	}
}

func TestFault50ASilentServerIsNotWaitedForLonger(t *testing.T) {
	for _, tt := range []struct {
		name, method, path string
		silence, waited    time.Duration // of the answer; of us, 0 when it comes
	}{
		{"a manifest", "GET", "/v2/a/manifests/1", time.Hour, answerLimit},
		{"a manifest that comes late", "GET", "/v2/a/manifests/1", answerLimit - time.Second, 0},
		{"a session", "POST", "/v2/a/blobs/uploads/", time.Hour, answerLimit},
		{"a manifest that is written", "PUT", "/v2/a/manifests/1", time.Hour, answerLimit},
		{"a blob", "GET", "/v2/a/blobs/sha256:00", time.Hour, blobLimit},
		{"a blob that a scanner looks at first", "GET", "/v2/a/blobs/sha256:00", 4 * time.Minute, 0},
		{"an upload that is hashed first", "PUT", "/v2/a/blobs/uploads/1", 4 * time.Minute, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := New(Options{Base: mute{tt.silence}})
				tr.Announce("registry.example", "a", true)
				begun := time.Now()
				_, err := send(t.Context(), tr, tt.method, "https://registry.example"+tt.path, "")
				var silent *ResponseTimeoutError
				if tt.waited == 0 {
					if err != nil {
						t.Errorf("it was not waited for: %v", err)
					}
					return
				}
				if took := time.Since(begun); !errors.As(err, &silent) || took != tt.waited {
					t.Errorf("ended after %v with %v", took, err)
				}
			})
		})
	}
}

// trickle is a body of which a piece comes from time to time.
type trickle struct {
	ctx   context.Context
	piece int
	every time.Duration
	left  int
}

func (d *trickle) Read(b []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(d.every):
	}
	n := min(d.piece, d.left, len(b))
	if d.left -= n; n == 0 {
		return 0, io.EOF
	}
	clear(b[:n])
	return n, nil
}

func (d *trickle) Close() error { return nil }

type trickling struct{ body trickle }

func (d trickling) RoundTrip(req *http.Request) (*http.Response, error) {
	body := d.body
	body.ctx = req.Context()
	return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: &body, Request: req}, nil
}

func TestFault51ATrickleIsNoProgress(t *testing.T) {
	for _, tt := range []struct {
		name  string
		body  trickle
		taken time.Duration // by a consumer that pauses after every piece
		took  time.Duration // until we gave up, 0 when all of it came
	}{
		{"a byte a second", trickle{piece: 1, every: time.Second, left: 1 << 20}, 0, stallLimit},
		{"nothing at all", trickle{piece: 1, every: time.Hour, left: 1 << 20}, 0, stallLimit},
		{"a little less than enough", trickle{piece: minProgress / 61, every: time.Second, left: 1 << 20}, 0, stallLimit},
		{"a slow line", trickle{piece: 1 << 10, every: time.Second, left: 1 << 20}, 0, 0},
		{"a piece every 50 seconds", trickle{piece: 32 << 10, every: 50 * time.Second, left: 1 << 20}, 0, 0},
		{"a consumer that is slow itself", trickle{piece: 1 << 10, every: time.Millisecond, left: 1 << 20}, 2 * time.Minute, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := New(Options{Base: trickling{tt.body}})
				tr.Announce("registry.example", "a", false)
				begun := time.Now()
				req := request(t, "/v2/a/blobs/sha256:00")
				resp, err := tr.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				got, err := consume(resp.Body, tt.taken)
				var slow *StalledError
				switch took := time.Since(begun); {
				case tt.took == 0 && (err != nil || got != tt.body.left):
					t.Errorf("%d bytes came, then %v", got, err)
				case tt.took > 0 && (!errors.As(err, &slow) || took != tt.took):
					t.Errorf("ended after %v with %v", took, err)
				}
			})
		})
	}
}

// consume reads to the end and pauses after every piece.
func consume(r io.Reader, pause time.Duration) (total int, err error) {
	piece := make([]byte, 32<<10)
	for {
		n, err := r.Read(piece)
		if total += n; errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		time.Sleep(pause)
	}
}

// TestFault51AManifestThatTricklesIsGivenUpOnce holds that what was too slow
// is not asked for four times more.
func TestFault51AManifestThatTricklesIsGivenUpOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := New(Options{Base: trickling{trickle{piece: 1, every: time.Second, left: 1 << 20}}})
		tr.Announce("registry.example", "a", false)
		begun := time.Now()
		_, err := send(t.Context(), tr, "GET", manifestOf("a"), "")
		var slow *StalledError
		if took := time.Since(begun); !errors.As(err, &slow) || took != stallLimit {
			t.Errorf("ended after %v with %v", took, err)
		}
	})
}

// TestFault52GoAwayIsRetried is about a body that had begun when the server
// closed the HTTP/2 connection.
func TestFault52GoAwayIsRetried(t *testing.T) {
	for _, text := range []string{
		"http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug=\"\"",
		"http2: client connection lost",
		"stream error: stream ID 1; REFUSED_STREAM; received from peer",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &spotty{broken: 2, err: errors.New(text)}
			tr := New(Options{Base: s})
			tr.Announce("registry.example", "a", false)
			wantStatus(t, tr, 200, "GET", manifestOf("a"), "")
			if s.calls != 3 {
				t.Errorf("%s: asked %d times, want 3", text, s.calls)
			}
		})
	}
}

// TestFault54ARequestThatIsGivenUpLeavesTheOthersAlone has two callers fetch
// one thing with one transport; the first one leaves.
func TestFault54ARequestThatIsGivenUpLeavesTheOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := New(Options{Base: mute{time.Second}})
		tr.Announce("registry.example", "a", false)
		leaving, leave := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { _, err := send(leaving, tr, "GET", manifestOf("a"), ""); first <- err }()
		go func() { _, err := send(t.Context(), tr, "GET", manifestOf("a"), ""); second <- err }()
		synctest.Wait()
		leave()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the one that left ended with %v", err)
		}
		if err := <-second; err != nil {
			t.Errorf("the one that stayed ended with %v", err)
		}
	})
}

// TestFault89AnEventTellsNoSecret sends canaries in every place that a URL and
// an answer have for them.
func TestFault89AnEventTellsNoSecret(t *testing.T) {
	const canary = "CaNaRy"
	net := &network{hosts: map[string]http.HandlerFunc{
		"https://storage.example": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Set-Cookie", canary) },
		"https://registry.example": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", "session="+canary)
			switch {
			case r.Header.Get("Authorization") == "":
				w.Header().Set("WWW-Authenticate", `Basic realm="`+canary+`"`)
				w.WriteHeader(http.StatusUnauthorized)
			case r.Method == http.MethodGet:
				http.Redirect(w, r, "https://storage.example/blob?X-Amz-Signature="+canary+"&X-Amz-Credential="+canary, http.StatusTemporaryRedirect)
			}
		},
	}}
	var said bytes.Buffer
	tr := New(Options{
		Base: net, Credentials: keys{"registry.example": {Username: alice.Username, Password: canary}},
		Observe: func(e Event) { fmt.Fprintf(&said, "%+v\n", e) },
	})
	tr.Announce("registry.example", "a", true)
	wantStatus(t, tr, 200, "GET", "https://registry.example/v2/a/blobs/sha256:00", "")
	wantStatus(t, tr, 200, "PUT", "https://registry.example/v2/a/blobs/uploads/1?_state="+canary, "blob")
	if strings.Count(said.String(), "\n") != 4 || strings.Contains(said.String(), canary) {
		t.Errorf("what was told:\n%s", said.String())
	}
}
