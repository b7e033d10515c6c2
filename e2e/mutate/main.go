// Command mutate checks the tests of the guards: it switches each guard off,
// one after the other, in a copy of the project, and demands that the guard's
// test fails. The guards are in a file, one on each line:
//
//	CASE | FILE | SEARCH | REPLACE | PACKAGE | TEST
//
// SEARCH is text that occurs once in FILE; REPLACE is put in its place.
//
//	go run ./e2e/mutate [-list FILE] [-case NUMBER]
//
// It runs in the project's root. The exit code is 1 when a test does not
// notice that its guard is off, or when a line of the file cannot be carried
// out.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	list := flag.String("list", "e2e/mutations.txt", "the `file` with the guards")
	only := flag.String("case", "", "only the guards of the case with this `number`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *list, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// run checks the guards of a list and says how each went.
func run(ctx context.Context, list, only string) error {
	all, err := readGuards(list, only)
	if err != nil {
		return err
	}
	started := time.Now()
	where, err := copyTree(".")
	if err != nil {
		return err
	}
	defer os.RemoveAll(where)
	if err := passesUnmodified(ctx, where, all); err != nil {
		return err
	}
	bad := 0
	for _, g := range all {
		begun := time.Now()
		err := g.check(ctx, where)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		verdict := "noticed"
		if err != nil {
			bad++
			verdict = "FAILED: " + err.Error()
		}
		fmt.Printf("%-3s %s, %s (%.1f s): %s\n", g.number, g.file, g.test, time.Since(begun).Seconds(), verdict)
	}
	fmt.Printf("%d guards, %d failed, %.0f s\n", len(all), bad, time.Since(started).Seconds())
	if bad > 0 {
		return fmt.Errorf("%d of %d guards could be switched off, or not be checked", bad, len(all))
	}
	return nil
}
