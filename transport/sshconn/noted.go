package sshconn

import (
	"io"

	"golang.org/x/crypto/ssh"
)

// noteSigner returns s, telling note of its key whenever that signs. A client
// signs with the key that the server has agreed to take: the last one that did
// is the one that opened the connection (RFC 4252, 7). What else s can do it
// still can: x/crypto chooses the algorithm by it.
func noteSigner(s ssh.Signer, note func(ssh.PublicKey)) ssh.Signer {
	n := noted{s, note}
	switch s := s.(type) {
	case ssh.MultiAlgorithmSigner:
		return notedMulti{notedAlgorithm{n, s}, s}
	case ssh.AlgorithmSigner:
		return notedAlgorithm{n, s}
	}
	return n
}

type noted struct {
	ssh.Signer
	note func(ssh.PublicKey)
}

// Sign implements [ssh.Signer].
func (n noted) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	n.note(n.PublicKey())
	return n.Signer.Sign(rand, data)
}

type notedAlgorithm struct {
	noted
	with ssh.AlgorithmSigner
}

// SignWithAlgorithm implements [ssh.AlgorithmSigner].
func (n notedAlgorithm) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	n.note(n.PublicKey())
	return n.with.SignWithAlgorithm(rand, data, algorithm)
}

type notedMulti struct {
	notedAlgorithm
	of ssh.MultiAlgorithmSigner
}

// Algorithms implements [ssh.MultiAlgorithmSigner].
func (n notedMulti) Algorithms() []string { return n.of.Algorithms() }

// LoginKey returns the fingerprint ("SHA256:…") of the key that opened the
// connection; "" when a password did.
func (c *Client) LoginKey() string {
	if c.login == nil {
		return ""
	}
	return ssh.FingerprintSHA256(plainKey(c.login))
}
