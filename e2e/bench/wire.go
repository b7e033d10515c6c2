//go:build e2e

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"manifest-tool/e2e/bench/client"
	"manifest-tool/e2e/bench/far"
)

// wireBench counts what clients send.
type wireBench struct {
	dir       string
	authority *far.Authority
	pairs     map[far.Auth]pair
	staged    atomic.Int64 // jobs so far

	roundTrip            time.Duration
	host, binary         string
	parallel, runs       int
	trace, kinds         bool
	limit                time.Duration
	numbers, peerNumbers []int
	auths                []far.Auth
	wantScenarios, wants []string // empty: all
}

// wire runs every scenario for every client and prints a table.
func wire(ctx context.Context, dir string, args []string, out io.Writer) error {
	b := &wireBench{dir: dir, pairs: map[far.Auth]pair{}}
	if err := b.parse(args); err != nil {
		return err
	}
	binary, err := ours(ctx, dir, b.binary)
	if err != nil {
		return err
	}
	if b.authority, err = far.NewAuthority(dir); err != nil {
		return err
	}
	for _, auth := range b.auths {
		p, err := startPair(ctx, dir, auth)
		if err != nil {
			return err
		}
		defer p.close()
		b.pairs[auth] = p
	}
	clients := b.clients(binary)
	jobs := b.jobs(clients)
	return b.print(out, clients, jobs, b.runAll(ctx, jobs))
}

func (b *wireBench) parse(args []string) error {
	flags := flag.NewFlagSet("bench wire", flag.ContinueOnError)
	n := flags.String("n", "1,10,50", "images per index, a `list`")
	peerN := flags.String("peers-n", "1,10", "those of them that other clients get too, a `list`")
	auth := flags.String("auth", "open,basic,bearer", "what the registry asks for, a `list`")
	only := flags.String("only", "", "run only these clients, a `list`: ours, crane, regctl, oras, skopeo, docker")
	scenario := flags.String("scenario", "", "run only these, a `list`: s1, s2, s2c, s3, s4, query, resolve, diff, again")
	flags.DurationVar(&b.roundTrip, "rtt", 100*time.Millisecond, "round trip `time`")
	flags.StringVar(&b.host, "host", "0.0.0.0", "`address` of this machine that clients use: 0.0.0.0, 127.0.0.1 or localhost")
	flags.StringVar(&b.binary, "binary", "", "`path` of the manifest-tool to run; built when not given")
	flags.DurationVar(&b.limit, "limit", 45*time.Second, "`time` after which other clients are stopped")
	flags.IntVar(&b.parallel, "parallel", 8, "`number` of other clients that run at once; ours runs alone")
	flags.IntVar(&b.runs, "runs", 1, "`number` of runs of ours, of which the one with the shortest chain counts")
	flags.BoolVar(&b.kinds, "kinds", false, "list the kinds of requests of every run")
	flags.BoolVar(&b.trace, "trace", false, "list every request of every run with its times, in round trips")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, text := range strings.Split(*auth, ",") {
		b.auths = append(b.auths, far.Auth(text))
	}
	b.wants, b.wantScenarios = list(*only), list(*scenario)
	var err error
	if b.numbers, err = numbers(*n); err != nil {
		return err
	}
	b.peerNumbers, err = numbers(*peerN)
	return err
}

// numbers reads a list of numbers.
func numbers(text string) ([]int, error) {
	var all []int
	for _, one := range list(text) {
		number, err := strconv.Atoi(one)
		if err != nil {
			return nil, fmt.Errorf("a list of numbers: %w", err)
		}
		all = append(all, number)
	}
	return all, nil
}

// list splits at commas; nothing gives an empty list.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
}

func (b *wireBench) clients(ours string) []client.Client {
	return slices.DeleteFunc(client.All(ours), func(c client.Client) bool {
		return len(b.wants) > 0 && !slices.Contains(b.wants, c.Name)
	})
}

// jobs returns every job, those of one row of the table together.
func (b *wireBench) jobs(clients []client.Client) []job {
	var all []job
	for _, s := range scenarios() {
		if len(b.wantScenarios) > 0 && !slices.Contains(b.wantScenarios, s.name) {
			continue
		}
		for _, n := range b.numbers {
			for _, auth := range b.auths {
				for _, c := range clients {
					all = append(all, job{s, n, auth, c})
				}
			}
		}
	}
	return all
}
