//go:build linux

// Package inside is what runs in a lab's host: the first process, which builds
// the host around itself by a [Plan] ([Build]), becomes its init ([Init]), and
// then takes [Request]s from the lab's supervisor through a socket pair.
package inside
