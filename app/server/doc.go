// Package server is the door of the application: it serves the API of
// core/api/v1 and the console WebSockets, over a loopback listener with a token
// (browser, window), a unix socket (command line, other processes of the same
// user) or inside the process.
//
// Whatever comes in passes three layers: a guard that belongs to the listener
// (who may talk at all: token, Host, Origin, peer's user), an interceptor that
// turns [core.Error] into Connect errors and panics into [core.Internal], and
// the services themselves, which know nothing of HTTP.
package server
