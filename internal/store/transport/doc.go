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
//	whole      reads small answers to their end, while they can be asked for again
//	address    decides between http and https, once per host
//	limit      caps the requests in flight per host
//	connect    holds the first TLS handshake with a host alone, and has an HTTP/2
//	           connection shared
//	bound      limits what a hostile answer can make us read
//	heard      keeps the secrets that pass by, for Redact
//	observe    tells Options.Observe about every request that really went out
//	patience   gives up on a host that says nothing
//	base       is the network: certificates, proxies, addresses that are refused
package transport
