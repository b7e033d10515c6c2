package output

import "time"

// humanAge returns an age in its largest unit.
func humanAge(now, then time.Time) string {
	age := now.Sub(then)
	if age < 0 {
		return "in the future"
	}
	const day = 24 * time.Hour
	for _, unit := range []struct {
		name string
		span time.Duration
		from time.Duration
	}{
		{"year", 365 * day, 2 * 365 * day},
		{"month", 30 * day, 60 * day},
		{"week", 7 * day, 14 * day},
		{"day", day, 2 * day},
		{"hour", time.Hour, 2 * time.Hour},
		{"minute", time.Minute, 2 * time.Minute},
	} {
		if age >= unit.from {
			return Pluralize(int(age/unit.span), unit.name)
		}
	}
	return "just now"
}
