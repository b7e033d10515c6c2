// Package suggest finds the known word that a mistyped one most likely means.
package suggest

import (
	"fmt"
	"strings"
)

// Hint returns the hint for an unknown word: the known word that it most likely
// means, or all known words if none is similar.
func Hint(unknown string, known []string) string {
	if near := Closest(unknown, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "the keys known here are " + strings.Join(known, ", ")
}

// Closest returns the known word that an unknown one most likely means, or "" if
// none is similar.
func Closest(unknown string, known []string) string {
	unknown = strings.ToLower(unknown)
	nearest, best := "", 3 // with three wrong letters it is another word
	for _, name := range known {
		d := levenshtein(unknown, name)
		if len(unknown) > 2 && strings.HasPrefix(name, unknown) {
			d = 1 // arch
		}
		// Of two that are equally near the shorter one: tags rather than tag-params.
		if d < len(name) && (d < best || d == best && len(name) < len(nearest)) {
			nearest, best = name, d
		}
	}
	return nearest
}

// NearMiss returns the known word from which a word differs in its case, or in one
// or two letters, and how many these are; "" if there is none. Unlike
// [Closest] it does not take a word for a prefix.
func NearMiss(word string, known []string) (near string, letters int) {
	word = strings.ToLower(word)
	letters = 3
	for _, name := range known {
		if d := levenshtein(word, strings.ToLower(name)); d < letters && d < len(name) {
			near, letters = name, d
		}
	}
	return near, letters
}

// levenshtein counts the letters to insert, drop or replace to turn a into b.
func levenshtein(a, b string) int {
	if len(a) > 2*len(b) {
		return len(a) // far enough; a key may be as long as the file
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, replaced)
		}
	}
	return row[len(b)]
}
