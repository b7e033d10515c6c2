// Package page renders the web page of the query service: a search field, the
// platforms of an image, and which image a machine pulls. The page needs no script,
// sends no request to another host, and has nothing inline that its
// Content-Security-Policy would have to allow.
package page
