package output

import (
	"fmt"
	"math"
	"time"
)

// humanSize returns a size in the largest decimal unit in which it is at least 1,
// with one decimal below 10: 512 B, 3.2 kB, 71 MB.
func humanSize(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n), 0
	units := []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	for value >= 999.5 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	if value < 9.95 {
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}

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

// addSize adds sizes, which a manifest may have invented, without overflow.
func addSize(total, size int64) int64 {
	if size > math.MaxInt64-total {
		return math.MaxInt64
	}
	return total + size
}
