// Command base serves the base image of the release's containers while it runs
// another command, which is goreleaser:
//
//	go run ./e2e/release/base goreleaser release --clean
//
// kos of goreleaser.yaml gets the image at 127.0.0.1:5055/base. No public base
// image has all of Linux's targets of a release, and ko cannot start without one.
// Nothing of the base is published under this name: its layer becomes part of
// the released images.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
)

// address is the registry of base_image in goreleaser.yaml.
const address = "127.0.0.1:5055"

func main() {
	certificates := flag.String("certificates", "/etc/ssl/certs/ca-certificates.crt", "`file` with the CA certificates of the image")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: base [-certificates FILE] COMMAND [ARGUMENT...]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	err := run(address, *certificates, flag.Args())
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		os.Exit(ended.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "base:", err)
		os.Exit(1)
	}
}

// run serves the base image, with the CA certificates of a file, at an address
// while it runs a command. Its error is that of the command, or says why it was
// not started.
func run(address, certificates string, command []string) error {
	pem, err := os.ReadFile(certificates)
	if err != nil {
		return fmt.Errorf("reading CA certificates: %w (Debian's package is ca-certificates)", err)
	}
	stop, err := serve(address, pem)
	if err != nil {
		return err
	}
	defer stop()
	c := exec.Command(command[0], command[1:]...)
	// goreleaser writes the creation time of ko's images in the local time zone.
	c.Env = append(os.Environ(), "TZ=UTC")
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	return c.Run()
}
