// Package manifest is the model of indexes (Docker: manifest lists) and the
// images they name, with the functions that every command shares.
//
// An index puts one name over the images of many platforms. Each of its entries
// is a descriptor (media type, digest, size) with a platform.
//
// The package parses the bytes of indexes, manifests and configs into the types
// of the image-spec, checks descriptors, and fetches documents from a Reader:
// FetchRoot for what a reference names, FetchChild for an entry, Walk for all
// that an index leads to. The limits of the walk are the same for all commands.
// Errors that the user can correct are InputErrors.
//
// Commands are sub-packages: inspect, resolve, diff and verify read, push
// writes; spec reads the input of push, and transfer copies images.
//
// Fetched bytes are kept unchanged: only an index that push assembles is
// encoded.
package manifest
