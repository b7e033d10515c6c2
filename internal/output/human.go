package output

import (
	"fmt"
	"math"
	"time"
)

// humanSize writes a number of bytes in decimal units, as registries and
// container engines do: 670 B, 1.2 kB, 34.5 MB, 678 GB.
func humanSize(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, units := float64(n), []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	for i, unit := range units {
		value /= 1000
		if value < 99.95 {
			return fmt.Sprintf("%.1f %s", value, unit)
		}
		if value < 999.5 || i == len(units)-1 {
			return fmt.Sprintf("%.0f %s", value, unit)
		}
	}
	return ""
}

// humanAge writes how long ago something was, in its largest unit.
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
			return fmt.Sprintf("%d %ss", age/unit.span, unit.name)
		}
	}
	return "just now"
}

// sum adds sizes, which a manifest may have made up, without overflowing.
func sum(total, size int64) int64 {
	if size > math.MaxInt64-total {
		return math.MaxInt64
	}
	return total + size
}
