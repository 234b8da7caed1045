// Package cli is the command line: a file per noun, each verb a thin client of
// the API in core/api/v1, whether a running application serves it or this
// process does. What a user may rely on is written in the help texts and held
// by the scripts in testdata.
package cli
