// Package virt speaks to libvirt on one host: typed calls over go-libvirt on a
// connection that somebody else dials, in core's words and with core's errors.
// It is the border between users' words (VM, host) and libvirt's (domain, node).
//
// The layers, from the wire upwards:
//
//   - [wire] frames packets; nothing larger than libvirt's own limit is read.
//   - [guard] stands between the wire and go-libvirt: it lets through only
//     replies to calls that were made, whose every count was checked. go-libvirt
//     panics, or fills the memory, on anything else.
//   - [session] is one connection: a deadline on every call, a heartbeat, and an
//     end that is final. Streams (consoles, uploads) have connections of their own.
//   - [Conn] is a host as core's packages want it.
//
// Source of the protocol: libvirt's src/rpc/virnetprotocol.x and
// src/remote/remote_protocol.x.
package virt
