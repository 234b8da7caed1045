// Package house holds no code, only tests: they enforce the design that
// ARCHITECTURE.md describes, by parsing this tree's files. They do not run
// "go list": its answers are not seen by go test's cache, which would then go on
// passing over a tree that broke.
package house
