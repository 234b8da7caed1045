//go:build !linux

package lab

// Reexec does nothing: labs need Linux.
func Reexec() {}
