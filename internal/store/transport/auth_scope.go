package transport

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// maxSourcesPerToken keeps tokens, which are sent in a header, below the 8 kB that
// many servers accept: one repository name takes about 90 bytes.
const maxSourcesPerToken = 20

// access is the access that one request needs: to its repository and, for a mount, to
// the source repository.
type access struct {
	repository string
	write      bool
	// remove is set for DELETE, which is an action of its own. No plan has it.
	remove bool
	from   string
}

// accessOf returns the access for a request of the distribution-spec, or for one that
// such a request was redirected to. The zero access is that of a request outside of
// any repository.
func accessOf(req *http.Request) access {
	repository := repositoryOf(req)
	if repository == "" {
		return access{}
	}
	n := access{repository: repository, write: req.Method != http.MethodGet && req.Method != http.MethodHead, remove: req.Method == http.MethodDelete}
	if from := req.URL.Query().Get("from"); from != n.repository {
		n.from = from
	}
	return n
}

// repositoryOf is the repository that a request's path names, or that the
// request it was redirected from names, or that InRepository does.
func repositoryOf(req *http.Request) string {
	for r := req; ; r = r.Response.Request {
		if repository, _ := parsePath(r.URL.Path); repository != "" {
			return repository
		}
		if r.Response == nil || r.Response.Request == nil {
			return callOf(req.Context()).repository
		}
	}
}

// parsePath splits the path of a request into the repository and the kind of content
// requested; both are empty outside of any repository. The last component that names
// a kind counts: a repository may be called manifests.
func parsePath(path string) (repository, kind string) {
	path, ok := strings.CutPrefix(path, "/v2/")
	if !ok {
		return "", ""
	}
	for _, k := range []string{"manifests", "blobs", "tags", "referrers"} {
		if i := strings.LastIndex(path, "/"+k+"/"); i > len(repository) {
			repository, kind = path[:i], k
		}
	}
	return repository, kind
}

// accessPlan is the access that a run needs at one registry, known before its first
// request, so that one token can cover all of it.
type accessPlan struct {
	reads  []string
	writes []string
}

func (p *accessPlan) add(repository string, write bool) {
	list := &p.reads
	if write {
		list = &p.writes
	}
	if !slices.Contains(*list, repository) {
		*list = append(*list, repository)
	}
}

// scopes returns the scopes of the token that covers n, none if n was not
// announced. Every token covers all repositories that are written, so
// that a mount needs a single one.
func (p *accessPlan) scopes(n access) []string {
	if n.remove || n.write && !slices.Contains(p.writes, n.repository) {
		return nil
	}
	source := cmp.Or(n.from, n.repository)
	if slices.Contains(p.writes, source) {
		source = ""
	}
	var group []string
	if source != "" || len(p.writes) == 0 {
		i := slices.Index(p.reads, source)
		if i < 0 {
			return nil
		}
		group = p.pullScopesOf(i / maxSourcesPerToken)
	} else {
		group = p.pullScopesOf(0)
	}
	return slices.Concat(p.writeScopes(), group)
}

// pullScopes returns the scopes of every token that covers part of the plan.
func (p *accessPlan) pullScopes() [][]string {
	var all [][]string
	for i := 0; i == 0 || i*maxSourcesPerToken < len(p.reads); i++ {
		all = append(all, slices.Concat(p.writeScopes(), p.pullScopesOf(i)))
	}
	return all
}

func (p *accessPlan) writeScopes() []string {
	var scopes []string
	for _, r := range p.writes {
		scopes = append(scopes, scopeFor(r, true))
	}
	return scopes
}

// pullScopesOf returns the pull scopes of the i-th group of sources.
func (p *accessPlan) pullScopesOf(i int) []string {
	var scopes []string
	for _, r := range p.reads[min(i*maxSourcesPerToken, len(p.reads)):min((i+1)*maxSourcesPerToken, len(p.reads))] {
		if !slices.Contains(p.writes, r) {
			scopes = append(scopes, scopeFor(r, false))
		}
	}
	return scopes
}

// ownScopes returns the scopes of this request alone, for token servers that
// grant no more than a few at once.
func (n access) ownScopes(written bool) []string {
	var scopes []string
	switch {
	case n.remove:
		scopes = append(scopes, scopeFor(n.repository, true)+",delete")
	case n.repository != "":
		scopes = append(scopes, scopeFor(n.repository, n.write || written))
	}
	if n.from != "" {
		scopes = append(scopes, scopeFor(n.from, false))
	}
	return scopes
}

func scopeFor(repository string, write bool) string {
	if write {
		return "repository:" + repository + ":pull,push"
	}
	return "repository:" + repository + ":pull"
}
