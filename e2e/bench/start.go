//go:build e2e

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"text/tabwriter"
	"time"

	"manifest-tool/e2e/bench/client"
)

// program is one whose start is measured.
type program struct {
	name, path string
	args       []string
	used       []usage
}

// start measures how long programs take to say their version, how much memory
// that takes, and how large they are.
func start(ctx context.Context, dir string, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench start", flag.ContinueOnError)
	runs := flags.Int("runs", 50, "`number` of runs of each program")
	binary := flags.String("binary", "", "`path` of the manifest-tool to run; built when not given")
	if err := flags.Parse(args); err != nil {
		return err
	}
	tool, err := ours(ctx, dir, *binary)
	if err != nil {
		return err
	}
	programs := []*program{{name: client.Ours, path: tool, args: []string{"version"}}}
	for _, name := range []string{"crane", "regctl"} {
		programs = append(programs, &program{name: name, args: []string{"version"}})
	}
	programs = append(programs, &program{name: "true"})
	for _, p := range programs[1:] {
		p.path, _ = exec.LookPath(p.name) // empty: said in the table
	}
	m, err := newMeasurer(ctx, dir)
	if err != nil {
		return err
	}
	if err := runInTurn(ctx, m, programs, *runs); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d runs of \"version\" each, in turn; sizes of stripped binaries. \"true\" shows what starting any program takes.\n\n", *runs)
	return printStarts(out, programs)
}

// runInTurn runs every program so many times, one after the other, so that
// what else the machine does meets all of them.
func runInTurn(ctx context.Context, m measurer, programs []*program, runs int) error {
	for range runs {
		for _, p := range programs {
			if p.path == "" {
				continue
			}
			u, err := m.run(ctx, os.Environ(), p.path, client.Step{Args: p.args})
			if err != nil {
				return err
			}
			p.used = append(p.used, u)
		}
	}
	return nil
}

func printStarts(out io.Writer, programs []*program) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "program\twall min\twall median\tpeak memory\tbinary\t")
	for _, p := range programs {
		if p.path == "" {
			fmt.Fprintf(w, "%s\tnot installed\t\t\t\t\n", p.name)
			continue
		}
		info, err := os.Stat(p.path)
		if err != nil {
			return err
		}
		least := slices.MinFunc(p.used, func(a, b usage) int { return int(a.wall - b.wall) })
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t\n", p.name, milliseconds(least.wall),
			milliseconds(medianOf(p.used, wallOf)), megabytes(medianOf(p.used, peakOf)), megabytes(info.Size()))
	}
	return w.Flush()
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// megabytes writes a number of bytes in units of 1,000,000.
func megabytes(n int64) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) }
