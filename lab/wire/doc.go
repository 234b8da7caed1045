//go:build linux

// Package wire is the way from the machine to a lab's host: a TCP [Proxy] over a
// [Cable] that adds latency, can be damaged, and counts what passes.
package wire
