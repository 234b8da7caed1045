// Package config reads and edits the XML that a VM is configured by: what it
// says in users' words, its secrets, single settings, and whether two of them
// mean the same. It asks no host.
//
// Source: libvirt.org/formatdomain.html.
package config

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash names one state of a configuration: the SHA-256 of its XML as the host
// gave it, secrets and all, in hexadecimal.
func Hash(xml string) string {
	sum := sha256.Sum256([]byte(xml))
	return hex.EncodeToString(sum[:])
}
