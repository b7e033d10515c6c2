package store

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"manifest-tool/internal/store/transport"
)

// lists is a registry of one repository, a, whose list of tags has any number
// of pages: the page at ?last=N holds tag N. link writes the header that leads
// from a page to the next.
func lists(t *testing.T, link func(host string, page int) string) *front {
	t.Helper()
	var f *front
	f = newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v2/a/tags/list" {
			return false
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("last"))
		if header := link(f.host, page); header != "" {
			w.Header().Set("Link", header)
		}
		fmt.Fprintf(w, `{"name":"a","tags":["%d"]}`, page)
		return true
	})
	return f
}

func TestFault14AListGoesOnAtItsOwnAddressOnly(t *testing.T) {
	stolen := newFront(t, func(http.ResponseWriter, *http.Request) bool { return false })
	tests := []struct {
		name string
		link string // of the first page; HOST is the registry, TRAP another
		want []string
	}{
		{"relative", `</v2/a/tags/list?n=1000&last=1>; rel="next"`, []string{"0", "1"}},
		{"a query alone", `<?last=1>; rel=next`, []string{"0", "1"}},
		{"absolute", `<http://HOST/v2/a/tags/list?last=1>; rel="next"`, []string{"0", "1"}},
		{"one of several", `<https://TRAP/>; rel=preconnect, <?last=7>; title="a, b; rel=next"; rel="prev", <?last=1>; rel="start next"`, []string{"0", "1"}},
		{"another relation", `<?last=1>; rel="prev"`, []string{"0"}},
		{"itself", `<?n=1000>; rel="next"`, []string{"0"}},
		{"another host", `<http://TRAP/v2/a/tags/list?last=1>; rel="next"`, []string{"0", "1"}},
		{"another host without a scheme", `<//TRAP/v2/a/tags/list?last=1>; rel="next"`, []string{"0", "1"}},
		{"another host without a query", `<http://TRAP/v2/a/tags/list>; rel="next"`, nil},
		{"another host with a password", `<http://u:p@TRAP/v2/a/tags/list?last=1>; rel="next"`, nil},
		{"another scheme of the web", `<https://HOST/v2/a/tags/list?last=1>; rel="next"`, []string{"0", "1"}},
		{"with a password", `<http://u:p@HOST/v2/a/tags/list?last=1>; rel="next"`, nil},
		{"another scheme", `<ftp://HOST/v2/a/tags/list?last=1>; rel="next"`, nil},
		{"another repository", `</v2/b/tags/list?last=1>; rel="next"`, []string{"0", "1"}},
		{"a path before it", `</repository/docker/v2/a/tags/list?last=1>; rel="next"`, []string{"0", "1"}},
		{"relative to the list", `<tags/list?last=1>; rel="next"`, []string{"0", "1"}},
		{"another kind", `</v2/a/manifests/1?last=1>; rel="next"`, nil},
		{"malformed", `/v2/a/tags/list?last=1; rel="next"`, nil},
		{"not closed", `<?last=1; rel="next"`, nil},
		{"no address", `<http://%zz>; rel="next"`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := lists(t, func(host string, page int) string {
				if page > 0 {
					return ""
				}
				return strings.NewReplacer("HOST", host, "TRAP", stolen.host).Replace(tt.link)
			})
			s := newStore(t)
			got, err := s.Tags(t.Context(), ref(t, s, f.host+"/a", false))
			if tt.want == nil && (!errors.Is(err, errLink) || strings.Contains(err.Error(), "last=1")) {
				t.Errorf("error %v", err)
			}
			if tt.want != nil && err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, got); tt.want != nil && diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
		})
	}
	if len(stolen.seen) > 0 {
		t.Errorf("another host was asked: %q", stolen.seen)
	}
}

func TestFault14ALinkDoesNotLeaveHTTPS(t *testing.T) {
	at := &url.URL{Scheme: "https", Host: "registry.example", Path: "/v2/a/tags/list"}
	link, err := nextPage(at, "https", []string{`<http://registry.example/v2/a/tags/list?last=1>; rel=next`})
	if err != nil || link.next.Scheme != "https" || !errors.Is(link.doubt, errOtherAddress) {
		t.Errorf("got %+v, %v", link, err)
	}
}

func TestFault14AListThatGoesInARoundEnds(t *testing.T) {
	f := lists(t, func(_ string, page int) string { return fmt.Sprintf("<?last=%d>; rel=next", page%3+1) })
	s := newStore(t)
	got, err := s.Tags(t.Context(), ref(t, s, f.host+"/a", false))
	if err != nil || len(got) != 4 || len(f.seen) != 4 {
		t.Errorf("%q after %d requests, %v", got, len(f.seen), err)
	}
}

func TestFault14AListWithoutAnEndIsGivenUp(t *testing.T) {
	f := lists(t, func(_ string, page int) string { return fmt.Sprintf("<?last=%d>; rel=next", page+1) })
	s := newStore(t)
	_, err := s.Tags(t.Context(), ref(t, s, f.host+"/a", false))
	if err == nil || !strings.Contains(err.Error(), "more than 1000 pages") {
		t.Errorf("error %v", err)
	}
	if len(f.seen) != maxPages {
		t.Errorf("%d requests", len(f.seen))
	}
}

func TestFault14APageIsReadUpToFourMebibytes(t *testing.T) {
	s, body := flooding(t, http.StatusOK, http.Header{"Content-Type": {"application/json"}})
	at := ref(t, s, "registry.example/a:1", false)
	_, err := s.Tags(t.Context(), at)
	var large *transport.TooLargeError
	if !errors.As(err, &large) || body.taken.Load() != 4<<20+1 {
		t.Errorf("%d bytes were taken, error %v", body.taken.Load(), err)
	}
}

func TestFault14AListHasSoManyEntriesAtMost(t *testing.T) {
	f := newFront(t, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/tags/") {
			fmt.Fprintf(w, `{"tags":[%s""]}`, strings.Repeat(`"",`, maxTags))
		} else {
			fmt.Fprintf(w, `{"schemaVersion":2,"manifests":[%s{}]}`, strings.Repeat(`{},`, maxReferrers))
		}
		return true
	})
	s := newStore(t)
	at := ref(t, s, f.host+"/a", false)
	_, tags := s.Tags(t.Context(), at)
	_, referrers := s.Referrers(t.Context(), at.WithDigest(smallIndex("x").Descriptor.Digest))
	for limit, err := range map[int]error{maxTags: tags, maxReferrers: referrers} {
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("more than %d entries", limit)) {
			t.Errorf("%d: error %v", limit, err)
		}
	}
}

// FuzzLink checks that a list continues at the requested URL and
// nowhere else, whatever a registry writes, and that a refusal repeats no query.
func FuzzLink(f *testing.F) {
	for _, seed := range []string{
		"", `<>; rel="next"`, `<?n=1&last=x>; rel="next"`, `</v2/a/tags/list?last=c4nary-state>; rel=next`, `<http://evil.example/v2/a/tags/list?c4nary-state>;rel=next`,
		`<https://registry.example/v2/a/tags/list?last=1>; rel="next"`, `<//evil.example>; rel=next`, `<ftp:x?c4nary-state>; rel=next`, `<https://u:c4nary-state@registry.example/v2/a/tags/list>; rel=next`,
		`<a>; rel="prev", <b>; rel="next"`, `<a>; title="x, <b>; rel=next"; rel=first`, `<a>; title="\"; rel=next"; rel=up`, `<a>; REL="Start NEXT"`, `<a>; rel=next; rel=prev`,
		`a; rel=next`, `<a; rel=next`, `<a>; rel="next`, `<a> rel=next`, `<a>;;; ,,, <b>;rel=next`, "<a\x00>; rel=next", "<\x7f>;rel=next", `<%zz>; rel=next`, `<../../b/tags/list>; rel=next`,
		`</v2/%61/tags/list>; rel=next`, `<https:/v2/a/tags/list>; rel=next`, `<https://REGISTRY.example/v2/a/tags/list>; rel=next`, `<#x>; rel=next`, `<x>; rel*=UTF-8''next`, `< ?last=2 >; rel = next`,
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, header string, secure bool) {
		at := &url.URL{Scheme: "https", Host: "registry.example", Path: "/v2/a/tags/list", RawQuery: "n=1000"}
		scheme := "http"
		if secure {
			scheme = "https"
		}
		link, err := nextPage(at, scheme, []string{header})
		next := link.next
		if link.doubt != nil && strings.Contains(header, "?c4nary-state") && strings.Contains(link.doubt.Error(), "c4nary-state") {
			t.Fatalf("%q: %v", header, link.doubt)
		}
		if err != nil {
			if !errors.Is(err, errLink) || strings.Contains(header, "?c4nary-state") && strings.Contains(err.Error(), "c4nary-state") {
				t.Fatalf("%q: %v", header, err)
			}
			return
		}
		if next == nil {
			return
		}
		if next.Scheme != at.Scheme || next.Host != at.Host || next.Path != at.Path || next.User != nil || next.Fragment != "" || next.Opaque != "" {
			t.Fatalf("%q leads to %s", header, next)
		}
	})
}
