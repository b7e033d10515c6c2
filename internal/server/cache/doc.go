// Package cache is a manifest.Reader that remembers what it read, for a service that
// answers many clients. A Cache holds documents and configs under their digests,
// and for each tag which digest it had and when that was checked. Bytes are
// compared with their digest whenever they are taken out, so a Storage that several
// machines share need not be trusted with them.
//
// However many callers need the same content at the same time, it is requested
// once, and a caller that gives up does not end the request of the others. A registry
// that limits the rate, or is down, is left alone for a time, whatever is requested of
// it: what was known is then returned, marked as stale.
// Source: issue 14; faults.md 98 to 101.
package cache
