//go:build !linux

package cli

// hush does nothing: term.ReadPassword turns the echo off itself, a moment
// after the question.
func hush(int) {}
