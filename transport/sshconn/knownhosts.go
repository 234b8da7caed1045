package sshconn

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// knownLine is one usable line of a known_hosts file.
type knownLine struct {
	file     string
	number   int    // from 1
	marker   string // "", "cert-authority" or "revoked"
	patterns []string
	key      ssh.PublicKey
}

// String returns "known_hosts:12".
func (l knownLine) String() string { return fmt.Sprintf("%s:%d", filepath.Base(l.file), l.number) }

// knownHosts are the lines of all files, in order.
//
// x/crypto's own reader refuses a whole file for one line that it cannot parse,
// and tells neither the lines of a certificate authority nor those of a
// wildcard apart; a library on top of it takes the authority's key type for the
// host's. Hence these few functions, with [ssh.ParseKnownHosts] for the lines.
type knownHosts []knownLine

// readKnownHosts reads files; one that is missing or unreadable is empty, and a
// line that cannot be parsed is left out, as OpenSSH does.
func readKnownHosts(files []string) knownHosts {
	var known knownHosts
	for _, file := range files {
		text, err := readFile(file, maxKnownFile)
		if err != nil {
			continue
		}
		known = append(known, parseKnownHosts(file, text)...)
	}
	return known
}

func parseKnownHosts(file string, text []byte) knownHosts {
	var known knownHosts
	for i, line := range bytes.Split(text, []byte("\n")) {
		marker, patterns, key, _, _, err := ssh.ParseKnownHosts(line)
		if err == nil && slices.Contains([]string{"", "cert-authority", "revoked"}, marker) {
			known = append(known, knownLine{file, i + 1, marker, patterns, key})
		}
	}
	return known
}

// lookup returns the lines for a host, without the revoked ones. When no line
// has the port, those for the bare name count, as in OpenSSH; exact is false
// then, and a different key in such a line does not mean that a key has changed.
func (known knownHosts) lookup(host string, port int) (lines knownHosts, exact bool) {
	name := knownhosts.Normalize(strings.ToLower(hostPort(host, port)))
	for _, l := range known {
		if l.marker != "revoked" && l.matches(name) {
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 && port != 22 {
		lines, _ = known.lookup(host, 22)
		return lines, false
	}
	return lines, true
}

// revoked returns the line that revokes key, whatever host it names: a key that
// is known to be stolen is good for nobody.
func (known knownHosts) revoked(key ssh.PublicKey) (knownLine, bool) {
	for _, l := range known {
		if l.marker == "revoked" && sameKey(l.key, key) {
			return l, true
		}
	}
	return knownLine{}, false
}

func (l knownLine) matches(name string) bool {
	if strings.HasPrefix(l.patterns[0], "|") {
		return len(l.patterns) == 1 && matchHashed(l.patterns[0], name)
	}
	return matchWords(strings.Split(strings.ToLower(strings.Join(l.patterns, ",")), ","), name)
}

// matchHashed compares |1|salt|HMAC-SHA1(salt, name). Source: sshd(8), "ssh_known_hosts file format".
func matchHashed(hashed, name string) bool {
	parts := strings.Split(hashed, "|")
	if len(parts) != 4 || parts[1] != "1" {
		return false
	}
	salt, err1 := base64.StdEncoding.DecodeString(parts[2])
	want, err2 := base64.StdEncoding.DecodeString(parts[3])
	if err1 != nil || err2 != nil {
		return false
	}
	mac := hmac.New(sha1.New, salt)
	mac.Write([]byte(name))
	return hmac.Equal(mac.Sum(nil), want)
}

func sameKey(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }
