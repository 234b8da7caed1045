// Package sshconn keeps one SSH connection per host and multiplexes everything
// in it: commands, unix sockets (libvirt), TCP through the host, files.
//
// [Resolve] reads the user's ssh_config, [Dialer] dials and shares jump hosts,
// [Client] is one connection, [Local] is the same for this machine without SSH.
// Nothing is asked of the user while a connection is made: what is missing (a
// password, a passphrase, trust in a host key) is an error with a code and
// details, and the caller dials again with the answer.
//
// Trust on first use takes two dials. The first ends with
// [core.HostKeyUnknown] and the fingerprint; the second has that fingerprint in
// [Config.Pins], and the key that it proves is written to [Config.TrustFile].
// A changed key ([core.HostKeyChanged]) is accepted in the same way, and its old
// lines are dropped.
//
// The agent is never forwarded, and no setting turns that on.
//
// The package is larger than our 3,000 lines because a connection, its commands,
// sockets and files share one lifetime and one set of limits; ssh_config
// (sshconfig.go, resolve.go), host keys (knownhosts.go, trust.go, algorithms.go)
// and files (files*.go) are the seams along which it would be cut.
package sshconn
