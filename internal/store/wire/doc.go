// Package wire carries requests to registries: scheme, credentials, tokens,
// retries, redirects and bounds, in one http.RoundTripper with a state per
// host.
//
// It is a package of its own, beside store, because it knows nothing of
// images: it sees requests of the distribution-spec and decides how they
// travel. store decides which requests are made.
//
// A request passes these stages, outermost first:
//
//	authorize  adds what the host asks for; learns from the first 401
//	retry      repeats what may pass the second time
//	address    decides between http and https, once per host
//	limit      caps the requests in flight per host
//	connect    holds the first TLS handshake with a host alone, and has an HTTP/2
//	           connection shared
//	bound      limits what a hostile answer can make us read
//	observe    tells Options.Observe about every request that really went out
package wire
