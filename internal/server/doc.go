// Package server is the query service: an http.Handler that answers which platforms
// images have. It reads through a cache (package cache) and cannot write to a
// registry. docs/serve.md describes the addresses; openapi.json their answers.
// Source: issue 14; mquery of v2 (/mquery).
package server
