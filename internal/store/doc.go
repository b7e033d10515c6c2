// Package store knows where manifests and blobs live: in a registry or in an
// OCI layout on disk. It reads and writes them as bytes and descriptors and
// verifies every byte it hands out; what they mean is package manifest's.
//
// A Ref says which place is meant, a Store routes to it. All use of
// go-containerregistry's remote package is here.
package store
