// Command size shows what the bytes of the stripped binary for linux/amd64 are for.
//
//	go run ./e2e/size [-packages]
//
// It builds the binary twice, as a release does and with symbols, and counts the code
// and the data of each package by its symbols. What has no symbols of its own, such
// as the tables of the runtime and the descriptions of types, is divided among the
// packages in proportion to their code. All rows together are the size of the file.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
)

func main() {
	packages := flag.Bool("packages", false, "list the packages of each row")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *packages); err != nil {
		fmt.Fprintln(os.Stderr, "size:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, packages bool) error {
	dir, err := os.MkdirTemp("", "manifest-tool-size-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	stripped, full := filepath.Join(dir, "stripped"), filepath.Join(dir, "full")
	if err := build(ctx, stripped, "-s -w"); err != nil {
		return err
	}
	if err := build(ctx, full, ""); err != nil {
		return err
	}
	info, err := os.Stat(stripped)
	if err != nil {
		return err
	}
	counted, err := countSymbols(full)
	if err != nil {
		return err
	}
	modules, err := readModules(full)
	if err != nil {
		return err
	}
	return printRows(out, counted.rows(modules, info.Size()), packages)
}

// build builds the program of the working directory.
func build(ctx context.Context, path, ldflags string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", ldflags, "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, text)
	}
	return nil
}

// printRows writes the rows, in units of 1,000,000 bytes.
func printRows(out io.Writer, rows []row, packages bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MB\tcode\tdata\tfor")
	var sum row
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", megabytes(r.total), megabytes(r.code), megabytes(r.data), r.name)
		if packages {
			for _, p := range r.packages {
				fmt.Fprintf(w, "\t%s\t%s\t  %s\n", megabytes(p.code), megabytes(p.data), p.name)
			}
		}
		sum.total, sum.code, sum.data = sum.total+r.total, sum.code+r.code, sum.data+r.data
	}
	fmt.Fprintf(w, "%s\t%s\t%s\tall: %d bytes\n", megabytes(sum.total), megabytes(sum.code), megabytes(sum.data), sum.total)
	return w.Flush()
}

func megabytes(n int64) string { return fmt.Sprintf("%.3f", float64(n)/1e6) }
