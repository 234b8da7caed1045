// Package core holds what every other package speaks in: identifiers, byte
// sizes, names and their checks, shell quoting, and the error type with its
// codes. It imports the standard library only.
package core
