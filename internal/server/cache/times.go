package cache

import "time"

// Times are how long a Cache uses what it read. The zero values are the defaults.
type Times struct {
	// Fresh is how long a tag is used without checking it.
	Fresh time.Duration
	// Stale is how long a tag is used while its registry does not respond.
	Stale time.Duration
	// Missing is how long a missing image, or one that may not be read, is believed to be
	// so; Failed how long a registry that failed is left alone, and Throttled one that
	// limits the rate and does not say for how long.
	Missing, Failed, Throttled time.Duration
	// Document is how long documents are kept by digest.
	Document time.Duration
	// Fetch is how long reading from a registry may take.
	Fetch time.Duration
}

// maxPause is the longest time for which a registry is left alone, whatever it asks
// for: a mistake of a registry must not last longer than its operator needs to notice.
const maxPause = time.Hour

func (t Times) orDefault() Times {
	for _, one := range []struct {
		at  *time.Duration
		def time.Duration
	}{
		{&t.Fresh, 30 * time.Second},
		{&t.Stale, 24 * time.Hour},
		{&t.Missing, 10 * time.Second},
		{&t.Failed, 5 * time.Second},
		{&t.Throttled, time.Minute},
		{&t.Document, 24 * time.Hour},
		{&t.Fetch, 30 * time.Second},
	} {
		if *one.at == 0 {
			*one.at = one.def
		}
	}
	return t
}
