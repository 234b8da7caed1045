package sshconn

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// identity is one key to offer, with a label for messages.
type identity struct {
	signer ssh.Signer
	label  string // "id_ed25519 SHA256:…", "agent: comment SHA256:…"
}

func newIdentity(name string, signer ssh.Signer) identity {
	label := name + " " + ssh.FingerprintSHA256(plainKey(signer.PublicKey()))
	if _, ok := signer.PublicKey().(*ssh.Certificate); ok {
		label += " (certificate)"
	}
	return identity{signer, label}
}

// identities collects the keys to offer to a host: its files in order, each
// from the agent where the agent has it, then the agent's other keys. Chosen
// identities are offered alone: ten keys of an agent would use up the server's MaxAuthTries.
type identities struct {
	target Target
	cfg    Config
	agent  []identity
	list   []identity
	conn   io.Closer // to the agent; nil without one
	// failed is the reason why a chosen key could not be used, found while
	// signing; x/crypto would hide it behind "no methods remain".
	failed error
}

// loadIdentities reads key files and asks the agent for its list. The caller
// closes it after authentication.
//
// Errors: [core.Invalid] for a chosen file that is missing or no key,
// [core.SecretNeeded] for one whose public half cannot be read without the passphrase.
func loadIdentities(ctx context.Context, cfg Config, t Target) (*identities, error) {
	ids := &identities{target: t, cfg: cfg}
	ids.openAgent(ctx)
	for _, file := range t.Identities {
		if err := ids.addFile(file); err != nil {
			if t.Chosen {
				ids.close()
				return nil, err
			}
			cfg.logger().Debug("identity left out", "file", file, "err", err)
		}
	}
	if !t.Chosen && !t.IdentitiesOnly {
		for _, id := range ids.agent {
			ids.add(id)
		}
	}
	return ids, nil
}

func (ids *identities) close() {
	if ids.conn != nil {
		ids.conn.Close()
	}
}

// openAgent lists the agent's keys. An agent that does not answer counts as none.
func (ids *identities) openAgent(ctx context.Context) {
	if ids.target.Agent == "" {
		return
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", ids.target.Agent)
	if err != nil {
		ids.cfg.logger().Debug("no ssh agent", "err", err)
		return
	}
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	ids.conn = conn
	client := agent.NewClient(conn)
	keys, err1 := client.List()
	signers, err2 := client.Signers()
	if err := errors.Join(err1, err2); err != nil || len(keys) != len(signers) {
		ids.cfg.logger().Debug("ssh agent does not list its keys", "err", err)
		return
	}
	for i, signer := range signers {
		ids.agent = append(ids.agent, newIdentity("agent: "+core.Escape(keys[i].Comment), signer))
	}
}

func (ids *identities) add(id identity) {
	same := func(other identity) bool { return sameKey(other.signer.PublicKey(), id.signer.PublicKey()) }
	if !slices.ContainsFunc(ids.list, same) {
		ids.list = append(ids.list, id)
	}
}

// addFile adds the key of a file: its certificates first, then the key itself.
func (ids *identities) addFile(path string) error {
	signer, err := ids.signerOf(path)
	if err != nil {
		return err
	}
	name := filepath.Base(path)
	plain := plainKey(signer.PublicKey())
	for _, certFile := range append(slices.Clone(ids.target.Certificates), path+"-cert.pub") {
		if cert := readCert(certFile); cert != nil && sameKey(cert.Key, plain) {
			if certified, err := ssh.NewCertSigner(cert, signer); err == nil {
				ids.add(newIdentity(name, certified))
			}
		}
	}
	for _, id := range ids.agent { // certificates that only the agent has
		if cert, ok := id.signer.PublicKey().(*ssh.Certificate); ok && sameKey(cert.Key, plain) {
			ids.add(id)
		}
	}
	ids.add(newIdentity(name, signer))
	return nil
}

// signerOf finds who can sign for the key of a file: the agent, the file, or
// the file once its passphrase is known.
func (ids *identities) signerOf(path string) (ssh.Signer, error) {
	name := filepath.Base(path)
	text, readErr := readFile(path, maxKeyFile)
	public := readPublic(path)
	if public == nil {
		public = readPublic(path + ".pub")
	}
	signer, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	isLocked := errors.As(err, &locked)
	if isLocked && locked.PublicKey != nil {
		public = locked.PublicKey
	}
	if err == nil {
		return signer, nil
	}
	if public != nil {
		for _, id := range ids.agent {
			if sameKey(id.signer.PublicKey(), public) {
				return id.signer, nil
			}
		}
	}
	switch {
	case isLocked && public != nil:
		return &lockedSigner{ids: ids, path: path, text: text, public: public}, nil
	case isLocked:
		return (&lockedSigner{ids: ids, path: path, text: text}).open()
	case public != nil:
		return nil, core.Errorf(core.Invalid, "the secret half of %s is neither beside it nor in the agent", core.Escape(name)).
			WithHint("load it with ssh-add; hardware keys work through an agent only")
	case readErr != nil:
		return nil, core.Errorf(core.Invalid, "the key file %s cannot be read: %w", core.Escape(name), errors.Unwrap(readErr)).
			WithHint("name a private key that is there")
	}
	return nil, core.Errorf(core.Invalid, "%s is not a private key", core.Escape(name)).
		WithHint("name a file as ssh-keygen makes it, without .pub")
}

func readPublic(path string) ssh.PublicKey {
	text, err := readFile(path, maxKeyFile)
	if err != nil {
		return nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return nil
	}
	return key
}

func readCert(path string) *ssh.Certificate {
	cert, _ := readPublic(path).(*ssh.Certificate)
	return cert
}

// lockedSigner is a key behind a passphrase. It is offered by its public half,
// and the passphrase is wanted only when the host accepts that.
type lockedSigner struct {
	ids    *identities
	path   string
	text   []byte
	public ssh.PublicKey
}

func (s *lockedSigner) PublicKey() ssh.PublicKey { return s.public }

func (s *lockedSigner) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return s.SignWithAlgorithm(rand, data, "")
}

func (s *lockedSigner) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	signer, err := s.open()
	if err != nil {
		s.ids.failed = err
		return nil, err
	}
	if with, ok := signer.(ssh.AlgorithmSigner); ok {
		return with.SignWithAlgorithm(rand, data, algorithm)
	}
	return signer.Sign(rand, data)
}

func (s *lockedSigner) open() (ssh.Signer, error) {
	name := core.Escape(filepath.Base(s.path))
	needed := func(format string) *core.Error {
		return core.Errorf(core.SecretNeeded, format, name).
			WithDetail("secret", "passphrase").WithDetail("for", s.path)
	}
	passphrase, ok := s.ids.cfg.secret("passphrase", s.path)
	if !ok {
		return nil, needed("the key %s needs its passphrase")
	}
	signer, err := ssh.ParsePrivateKeyWithPassphrase(s.text, []byte(passphrase))
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, needed("the passphrase of the key %s is wrong").WithDetail("wrong", "yes")
	}
	if err != nil {
		return nil, fmt.Errorf("unlock %s: %w", name, err)
	}
	return signer, nil
}
