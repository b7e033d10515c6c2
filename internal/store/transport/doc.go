// Package transport sends requests to registries: scheme, credentials, tokens,
// retries, redirects and limits, in one http.RoundTripper with a state per host.
//
// It is separate from store because it does not depend on images: it handles
// requests of the distribution-spec and decides how they are sent. store decides
// which requests are made.
//
// A request passes these stages, outermost first:
//
//	authTransport    adds the credentials a host requires; learns from the first 401
//	retry            repeats requests that may succeed the second time
//	responseBuffer   reads small responses to their end, while they can be repeated
//	schemeTransport  chooses between http and https, once per host
//	limit            limits the requests in flight per host
//	connect          sends the first TLS handshake to a host alone, and makes
//	                 requests share an HTTP/2 connection (h2.go)
//	bodyLimit        limits what a hostile response can make us read
//	secretRecorder   records the secrets that pass, for Redact
//	observer         reports every request that was sent to Options.Observe
//	timeouts         gives up on a host that does not respond
//	transportCache   is the network: certificates, proxies, refused addresses
package transport
