// Package rootfs reads the layers of images as a runtime sees them: which file is
// at a path when all layers are applied, and what the programs in a layer were
// built for. Nothing is written to disk, and no layer is held in memory. Package
// command finds the programs that an image starts.
//
// The package knows neither registries nor indexes: a layer is an untrusted
// stream of bytes. Package verify turns the results into findings.
//
// A layer is read once, to its verified end. What is kept of it is a Table: a few
// bytes for each path, and the header of each program. Layers are read from the
// top down, and those below the last one that a lookup needs are not read.
//
// A layer whose manifest has the digest of a table of contents (eStargz,
// zstd:chunked) is read differently: its Table is that table of contents, and only
// the chunks of the files in question are fetched, each verified by its own
// digest.
package rootfs
