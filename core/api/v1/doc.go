// Package apiv1 is the contract that the window, the browser, the command line
// and the tests all speak: one .proto file per noun, whose comments are the
// reference, and the Go generated from them by build/tools/generate.sh.
package apiv1
