// Package system reads the registry settings that other programs have on this
// machine: registries.conf of Podman, Skopeo and Buildah (containers-registries.conf(5)),
// hosts.toml of containerd and nerdctl, and daemon.json of Docker.
//
// Only settings that say how a registry is reached are read. A file that cannot be
// used is left out with a warning, and so is a setting that this program cannot
// follow safely.
package system
