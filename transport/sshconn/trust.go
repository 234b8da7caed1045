package sshconn

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// trustFile is our own known_hosts file. The lock orders the writers of this
// process; a reader always sees a whole file.
type trustFile struct {
	mu sync.Mutex
}

// record makes key the only plain key of name in the file at path, keeping all
// other lines as they are. The file gets mode 0600 and is replaced by rename.
func (f *trustFile) record(path, host string, port int, key ssh.PublicKey) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	old, err := readFile(path, maxKnownFile)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read trusted host keys: %w", err)
	}
	name := knownhosts.Normalize(strings.ToLower(hostPort(host, port)))
	drop := map[int]bool{}
	for _, l := range parseKnownHosts(path, old) {
		if l.marker == "" && len(l.patterns) == 1 && (l.patterns[0] == name || matchHashed(l.patterns[0], name)) {
			drop[l.number] = true
		}
	}
	var out bytes.Buffer
	for i, line := range bytes.SplitAfter(old, []byte("\n")) {
		if !drop[i+1] {
			out.Write(line)
		}
	}
	if out.Len() > 0 && !bytes.HasSuffix(out.Bytes(), []byte("\n")) {
		out.WriteByte('\n')
	}
	out.WriteString(knownhosts.Line([]string{name}, key) + "\n")
	return replaceFile(path, out.Bytes())
}

func replaceFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write trusted host keys: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write trusted host keys: %w", err)
	}
	defer os.Remove(tmp.Name()) // fails after the rename, as it should
	_, err = tmp.Write(text)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write trusted host keys: %w", err)
	}
	return nil
}

// hostKeyChecker judges the host key of one dial.
type hostKeyChecker struct {
	target Target
	known  knownHosts // all files; the trust file's lines first
	own    string     // path of the trust file, "" for none
	trust  *trustFile
	logger *slog.Logger

	mu       sync.Mutex
	accepted ssh.PublicKey // shown again at each re-key
}

// name is what known_hosts calls the host.
func (c *hostKeyChecker) name() (host string, port int) {
	if c.target.HostKeyAlias != "" {
		return c.target.HostKeyAlias, 22
	}
	return c.target.Host, c.target.Port
}

// lines returns what is known of the host. If our own file knows it, that alone
// counts: a key that was replaced there must not come back through another file.
func (c *hostKeyChecker) lines() (lines knownHosts, exact bool) {
	host, port := c.name()
	var own knownHosts
	for _, l := range c.known {
		if c.own != "" && l.file == c.own {
			own = append(own, l)
		}
	}
	if lines, exact := own.lookup(host, port); len(lines) > 0 {
		return lines, exact
	}
	return c.known.lookup(host, port)
}

// check is an [ssh.HostKeyCallback]. It is called after the host has proved that it has the key.
//
// Errors: HostKeyRevoked, HostKeyChanged, HostKeyUnknown, each with the details
// "address", "fingerprint", "key_type"; changed also has "old_fingerprint",
// "old_key_type" and "known_hosts" (file:line).
func (c *hostKeyChecker) check(_ string, _ net.Addr, shown ssh.PublicKey) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.accepted != nil && sameKey(c.accepted, shown) {
		return nil
	}
	record, err := c.judge(shown)
	if err != nil {
		return err
	}
	c.accepted = shown
	if record && c.own != "" {
		host, port := c.name()
		if err := c.trust.record(c.own, host, port, plainKey(shown)); err != nil {
			// The connection is as trustworthy without the file; the question comes again.
			c.logger.Warn("host key not stored", "host", c.target.Addr(), "err", err)
		}
	}
	return nil
}

// judge decides about a key; record says that it is to be stored.
func (c *hostKeyChecker) judge(shown ssh.PublicKey) (record bool, err error) {
	key := plainKey(shown)
	if line, ok := c.known.revoked(key); ok {
		return false, c.problem(core.HostKeyRevoked, key, "the key of %s is marked as revoked", c.target.Addr()).
			WithDetail("known_hosts", line.String()).WithHint("this key must not be trusted; give the host a new one")
	}
	lines, exact := c.lines()
	if c.target.Pin != "" {
		return c.judgePinned(key, lines)
	}
	certErr := c.checkCert(shown, lines)
	if certErr == nil {
		return false, nil
	}
	var changed *knownLine
	for _, l := range lines {
		if l.marker == "" && sameKey(l.key, key) {
			return false, nil
		}
		if l.marker == "" && exact && changed == nil {
			changed = &l
		}
	}
	if changed != nil {
		return false, c.problem(core.HostKeyChanged, key, "%s shows another host key than before", c.target.Addr()).
			WithDetail("old_fingerprint", ssh.FingerprintSHA256(changed.key)).
			WithDetail("old_key_type", changed.key.Type()).WithDetail("known_hosts", changed.String()).
			WithHint("either the host was reinstalled or somebody is in between; compare the fingerprint on the host before you accept it")
	}
	if c.target.Strict == "accept-new" {
		c.logger.Info("new host key accepted", "host", c.target.Addr(), "fingerprint", ssh.FingerprintSHA256(key))
		return true, nil
	}
	e := c.problem(core.HostKeyUnknown, key, "the host key of %s is not known yet", c.target.Addr()).
		WithHint("compare the fingerprint with `ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub` on the host")
	if _, isCert := shown.(*ssh.Certificate); isCert {
		e.Cause = certErr
	}
	return false, e.WithDetail("strict", c.target.Strict)
}

func (c *hostKeyChecker) judgePinned(key ssh.PublicKey, lines knownHosts) (record bool, err error) {
	shown := ssh.FingerprintSHA256(key)
	if shown != c.target.Pin {
		return false, c.problem(core.HostKeyChanged, key, "%s shows another host key than the pinned one", c.target.Addr()).
			WithDetail("old_fingerprint", c.target.Pin).
			WithHint("either the host was reinstalled or somebody is in between; compare the fingerprint on the host before you accept it")
	}
	for _, l := range lines {
		if l.file == c.own && l.marker == "" && sameKey(l.key, key) {
			return false, nil
		}
	}
	return true, nil
}

func (c *hostKeyChecker) problem(code core.Code, key ssh.PublicKey, format string, args ...any) *core.Error {
	return core.Errorf(code, format, args...).
		WithDetail("address", c.target.Addr()).
		WithDetail("fingerprint", ssh.FingerprintSHA256(key)).
		WithDetail("key_type", key.Type())
}

// checkCert accepts a host certificate signed by an authority of lines for this host.
func (c *hostKeyChecker) checkCert(shown ssh.PublicKey, lines knownHosts) error {
	cert, ok := shown.(*ssh.Certificate)
	if !ok {
		return errors.New("not a certificate")
	}
	if cert.CertType != ssh.HostCert {
		return errors.New("the host shows a user's certificate")
	}
	if line, ok := c.known.revoked(cert.SignatureKey); ok {
		return fmt.Errorf("the authority is revoked in %s", line)
	}
	for _, l := range lines {
		if l.marker == "cert-authority" && sameKey(l.key, cert.SignatureKey) {
			host, _ := c.name()
			return (&ssh.CertChecker{}).CheckCert(host, cert)
		}
	}
	return errors.New("the certificate's authority is not known")
}

// plainKey returns the key inside a certificate, and any other key as it is.
func plainKey(key ssh.PublicKey) ssh.PublicKey {
	if cert, ok := key.(*ssh.Certificate); ok {
		return cert.Key
	}
	return key
}
