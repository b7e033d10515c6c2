package output

import (
	"testing"
	"time"
)

func TestFormatDate(t *testing.T) {
	at := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		value any
		want  string
	}{{at, "2025-01-02"}, {&at, "2025-01-02"}, {(*time.Time)(nil), ""}, {nil, ""}} {
		if got, err := formatDate(time.DateOnly, c.value); err != nil || got != c.want {
			t.Errorf("%v: %q, %v, want %q", c.value, got, err, c.want)
		}
	}
	if _, err := formatDate(time.DateOnly, "2025"); err == nil {
		t.Error("text was taken for a time")
	}
}
