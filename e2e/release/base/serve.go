package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// serve starts a registry at an address and pushes the base image to it, as
// "base:latest". The returned function stops it.
func serve(address string, certificates []byte) (stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("starting the registry of the base image: %w", err)
	}
	server := &http.Server{
		Handler:           registry.New(registry.Logger(log.New(io.Discard, "", 0))),
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Print("base: ", err)
		}
	}()
	stop = func() { _ = server.Close() }
	if err := push(listener.Addr().String()+"/base:latest", certificates); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

func push(to string, certificates []byte) error {
	ref, err := name.ParseReference(to)
	if err != nil {
		return err
	}
	all, err := index(certificates)
	if err != nil {
		return err
	}
	if err := remote.WriteIndex(ref, all); err != nil {
		return fmt.Errorf("pushing the base image to %s: %w", to, err)
	}
	return nil
}
