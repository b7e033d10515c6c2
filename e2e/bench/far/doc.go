//go:build e2e

// Package far makes a registry on this machine behave like one that is far
// away. A Backend is a docker-registry process; a Front is in front of it,
// speaks TLS and HTTP/2, makes every request and every connection wait, and
// writes down what came.
package far
