// Package store reads and writes manifests and blobs in registries and in OCI
// layouts on disk. It handles them as bytes and descriptors and verifies every
// byte it returns; package manifest interprets them.
//
// A Store routes each reference to the implementation of its kind of storage
// (backend.go). All use of go-containerregistry's remote package is here.
package store
