package main

import "testing"

// TestTheListFitsTheCode holds that the check can be carried out: each guard's
// text stands where the list says, once.
func TestTheListFitsTheCode(t *testing.T) {
	all, err := readGuards("../mutations.txt", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range all {
		if _, _, err := g.off("../.."); err != nil {
			t.Errorf("case %s: %v", g.number, err)
		}
	}
}

func TestALineThatIsNoGuardIsRefused(t *testing.T) {
	for _, line := range []string{"01 | a.go | x | y | ./a", "01 | a.go | x | x | ./a | TestA", "01"} {
		if g, err := parseGuard(line); err == nil {
			t.Errorf("%q is read as %+v", line, g)
		}
	}
}
