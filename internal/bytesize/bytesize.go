// Package bytesize adds sizes and formats them for people.
package bytesize

import (
	"fmt"
	"math"
)

// Format returns a size in the largest decimal unit in which it is at least 1,
// with one decimal below 10: 512 B, 3.2 kB, 71 MB.
func Format(n int64) string {
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

// Add adds sizes, which a manifest may have invented, without overflow.
func Add(total, size int64) int64 {
	if size > math.MaxInt64-total {
		return math.MaxInt64
	}
	return total + size
}
