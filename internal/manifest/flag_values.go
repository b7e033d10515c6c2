package manifest

import (
	"slices"
	"strings"
)

// ParseEnum parses the value of a flag that takes one of two or more words. Any
// other value is an InputError that names them.
func ParseEnum[T ~string](flag, value string, words ...T) (T, error) {
	if slices.Contains(words, T(value)) {
		return T(value), nil
	}
	var list strings.Builder
	for _, w := range words[:len(words)-2] {
		list.WriteString(string(w) + ", ")
	}
	list.WriteString(string(words[len(words)-2]) + " or " + string(words[len(words)-1]))
	return "", InputErrorf("%s: unknown value %.60q: it is %s", flag, value, list.String())
}

// SplitList splits the values of a repeatable flag at their commas, trims the
// items and drops empty ones.
func SplitList(values []string) []string {
	var items []string
	for _, value := range values {
		for item := range strings.SplitSeq(value, ",") {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
	}
	return items
}
