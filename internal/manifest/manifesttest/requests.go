package manifesttest

import (
	"net/http"
	"slices"
	"sync"
)

// requests are the requests that a registry has received.
type requests struct {
	lock sync.Mutex
	list []string
}

func (r *requests) record(req *http.Request) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.list = append(r.list, req.Method+" "+req.URL.Path)
}

// Requests returns the requests since the last reset, as "METHOD path".
func (r *requests) Requests() []string {
	r.lock.Lock()
	defer r.lock.Unlock()
	return slices.Clone(r.list)
}

// ResetRequests discards the recorded requests.
func (r *requests) ResetRequests() {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.list = nil
}
