//go:build e2e

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"manifest-tool/e2e/bench/client"
	"manifest-tool/e2e/bench/far"
)

// job is one task for one client.
type job struct {
	scenario scenario
	n        int
	auth     far.Auth
	client   client.Client
}

// outcome is what a job cost.
type outcome struct {
	exchanges   []far.Exchange
	connections int
	wall        time.Duration
	cannot      bool // the client has no way to do it
	stopped     bool // it took too long
	err         error
}

func (o outcome) cost() cost { return cost{len(o.exchanges), far.Chain(o.exchanges)} }

// best returns the outcome that counts, of two of the same job: a failure, else
// the one that was disturbed less.
func best(a, b outcome) outcome {
	order := cmp.Or(cmp.Compare(a.cost().chain, b.cost().chain), cmp.Compare(a.wall, b.wall))
	if a.err != nil || b.err == nil && order <= 0 {
		return a
	}
	return b
}

// run stages the job and has its client do it. Staging, and the push before a
// push that changes nothing, are neither delayed nor counted.
func (b *wireBench) run(ctx context.Context, j job) outcome {
	name := fmt.Sprintf("job-%d", b.staged.Add(1)) // no other job has these repositories
	g, err := newPlot(ctx, b.pairs[j.auth], j.scenario, name, j.n)
	if err != nil {
		return outcome{err: fmt.Errorf("staging: %w", err)}
	}
	if j.scenario.again {
		if done := b.play(ctx, g, j, 0); done.err != nil || done.cannot || done.stopped {
			return done
		}
	}
	return b.play(ctx, g, j, b.roundTrip)
}

// play opens fronts with this round trip time and runs the client's calls.
func (b *wireBench) play(ctx context.Context, g plot, j job, roundTrip time.Duration) outcome {
	seen := &far.Record{}
	near, err := far.NewFront(g.near, b.authority, b.host, roundTrip, seen)
	if err != nil {
		return outcome{err: err}
	}
	defer near.Close()
	other, err := far.NewFront(g.other, b.authority, b.host, roundTrip, seen)
	if err != nil {
		return outcome{err: err}
	}
	defer other.Close()

	home, err := newHome(b.dir, j.auth, near.Host, other.Host)
	if err != nil {
		return outcome{err: err}
	}
	task := g.task(near.Host, other.Host)
	limited, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	steps := j.client.Steps(task)
	start := time.Now()
	for _, step := range steps {
		if err = b.call(limited, home, j.client.Path, step); err != nil {
			break
		}
	}
	done := outcome{wall: time.Since(start), cannot: len(steps) == 0, err: err}
	done.exchanges, done.connections = seen.Exchanges(), near.Connections()+other.Connections()
	if limited.Err() != nil && ctx.Err() == nil {
		done.stopped, done.err = true, nil
	}
	if done.err == nil && !done.cannot && !done.stopped {
		done.err = g.check(ctx, task)
	}
	return done
}

// newHome makes the home of a fresh user who has logged in where a registry
// asks for it.
func newHome(dir string, auth far.Auth, hosts ...string) (string, error) {
	home, err := os.MkdirTemp(dir, "home-")
	if err != nil {
		return "", err
	}
	logins := map[string]any{}
	for _, host := range hosts {
		if auth != far.Open {
			logins[host] = map[string][]byte{"auth": []byte(far.User + ":" + far.Password)} // in base64, as Docker has it
		}
	}
	text, err := json.Marshal(map[string]any{"auths": logins})
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(filepath.Join(home, ".docker"), 0o700); err != nil {
		return "", err
	}
	return home, os.WriteFile(filepath.Join(home, ".docker", "config.json"), text, 0o600)
}

// call runs one program with nothing of the caller's environment but PATH.
func (b *wireBench) call(ctx context.Context, home, path string, step client.Step) error {
	cmd := exec.CommandContext(ctx, path, step.Args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home, "SSL_CERT_FILE=" + b.authority.File}
	cmd.Stdin = strings.NewReader(step.Stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(stderr.String())
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(path), strings.Join(step.Args[:min(2, len(step.Args))], " "), err, said)
	}
	return nil
}
