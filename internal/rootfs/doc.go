// Package rootfs looks into the layers of images as a runtime would see them:
// which file a path means once all layers lie upon each other, which program a
// command starts, and what the programs in a layer were built for. Nothing is
// written to disk, and no layer is held in memory.
//
// It is a package of its own, beside store and below manifest, because it knows
// neither registries nor indexes: a layer is a stream of bytes that is not
// trusted, and a file system is what the layers make of it. manifest decides
// what an answer means.
//
// A layer is read whole, once, to its verified end, or not at all; what is kept
// of it is a Table: a few bytes for each path and the header of each program.
// Layers are read from the top down, and those below the last one that a
// question needed stay unread. That is how both promises are kept: stop as soon
// as the answer is known, and judge nothing by bytes that were not verified.
//
// A layer with a table of contents that its manifest vouches for (eStargz,
// zstd:chunked) is the exception: its Table is that table of contents, and of
// the layer itself only the chunks of the files in question travel, each with a
// digest of its own.
package rootfs
