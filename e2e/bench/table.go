//go:build e2e

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"manifest-tool/e2e/bench/client"
	"manifest-tool/e2e/bench/far"
)

// print writes the table, its legend, and what failed. It returns an error
// when one of our own runs failed.
func (b *wireBench) print(out io.Writer, clients []client.Client, jobs []job, outcomes []outcome) error {
	fmt.Fprintf(out, "Requests / longest chain of requests, then the wall time in round trips of %v.\n\n", b.roundTrip)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "work\tN\tauth\tfloor")
	for _, c := range clients {
		fmt.Fprintf(w, "\t%s", c.Name)
		if c.Name == client.Ours {
			fmt.Fprint(w, "\tover the floor\tconns")
		}
	}
	fmt.Fprintln(w)
	for i := 0; i < len(jobs); i += len(clients) {
		b.printRow(w, jobs[i:i+len(clients)], outcomes[i:i+len(clients)])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	b.printLegend(out, clients)
	b.printRequests(out, jobs, outcomes)
	return printFailures(out, jobs, outcomes)
}

func (b *wireBench) printRow(w io.Writer, jobs []job, outcomes []outcome) {
	first := jobs[0]
	floor := first.scenario.floorWith(first.auth, first.n)
	fmt.Fprintf(w, "%s\t%d\t%s\t%d/%d", first.scenario.name, first.n, first.auth, floor.requests, floor.chain)
	for i, o := range outcomes {
		fmt.Fprintf(w, "\t%s", b.cell(o))
		if jobs[i].client.Name != client.Ours {
			continue
		}
		if c := o.cost(); o.err != nil || o.stopped {
			fmt.Fprint(w, "\t-\t-")
		} else {
			fmt.Fprintf(w, "\t%+d/%+d\t%d", c.requests-floor.requests, c.chain-floor.chain, o.connections)
		}
	}
	fmt.Fprintln(w)
}

func (b *wireBench) cell(o outcome) string {
	switch {
	case o.err != nil:
		return "failed"
	case o.cannot || o.wall == 0:
		return "-"
	}
	c := o.cost()
	if o.stopped {
		return fmt.Sprintf(">%d >%.0f", c.requests, b.trips(o.wall))
	}
	return fmt.Sprintf("%d/%d %.1f", c.requests, c.chain, b.trips(o.wall))
}

// trips returns a time in round trips.
func (b *wireBench) trips(d time.Duration) float64 { return float64(d) / float64(b.roundTrip) }

// printLegend says what the table holds.
func (b *wireBench) printLegend(out io.Writer, clients []client.Client) {
	fmt.Fprintln(out, "\nwork:")
	for _, s := range scenarios() {
		fmt.Fprintf(out, "  %-7s %s\n", s.name, s.title)
	}
	fmt.Fprintf(out, `  Each image has 3 layers and a config of its own; a push writes %d tags.
floor:  what the protocol needs; with Basic it counts one 401 per registry, with bearer one 401 and one token.
        Sending Basic unasked saves that 401, so Basic may be one request below.
chain:  the most requests of which each started after the one before it was answered. Setting up the first
        connection takes two round trips more, which only the wall time has, as it has the time to compute.
conns:  connections opened, to all registries. A client that makes several calls connects again in each.
-:      not possible, not installed, or not asked for. >R >T: stopped after R requests and T round trips.
clients, of which all but ours run %d at a time, so that their wall times are a little too long:
`, furtherTags+1, b.parallel)
	for _, c := range clients {
		how := c.How
		if c.Path == "" {
			how = "not installed"
		}
		fmt.Fprintf(out, "  %-7s %s\n", c.Name, how)
	}
}

// printRequests lists what was sent, as far as the flags ask for it.
func (b *wireBench) printRequests(out io.Writer, jobs []job, outcomes []outcome) {
	for i, o := range outcomes {
		if len(o.exchanges) == 0 || !b.kinds && !b.trace {
			continue
		}
		fmt.Fprintf(out, "\n%s: %s\n", jobs[i], far.Kinds(o.exchanges))
		for _, e := range o.exchanges {
			if b.trace {
				since := o.exchanges[0].Start
				fmt.Fprintf(out, "  %5.2f %5.2f  %d %s %.150s\n", b.trips(e.Start.Sub(since)), b.trips(e.End.Sub(since)), e.Status, e.Method, e.URI)
			}
		}
	}
}

// printFailures says what failed and why.
func printFailures(out io.Writer, jobs []job, outcomes []outcome) error {
	var ours error
	for i, o := range outcomes {
		if o.err == nil {
			continue
		}
		j := jobs[i]
		fmt.Fprintf(out, "\nfailed: %s: %s\n", j, firstLines(o.err.Error(), 3))
		if j.client.Name == client.Ours && ours == nil {
			ours = fmt.Errorf("%s: %w", j, o.err)
		}
	}
	return ours
}

// firstLines returns at most so many lines of a text.
func firstLines(text string, count int) string {
	lines := strings.SplitN(text, "\n", count+1)
	return strings.Join(lines[:min(count, len(lines))], "\n  ")
}
