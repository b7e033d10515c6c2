// Package manifest knows what an index is: it reads one, assembles one from
// images, and writes one.
//
// An index (Docker: manifest list) puts one name over the images of many
// platforms. Each of its entries is a descriptor (media type, digest, size)
// with the platform it is for.
//
// Reading is Inspect. Writing is in two steps: NewPlan reads everything and
// decides the exact bytes, Push makes them so. Whatever is wrong with the
// input is found by the first step, before anything is written.
//
// Bytes are the truth: what was fetched is kept as it came, and only the
// index that is assembled is encoded here.
package manifest
