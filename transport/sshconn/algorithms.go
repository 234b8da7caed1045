package sshconn

import (
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/cpu"
)

// hostKeyPreference is our order of host-key algorithms: short keys first.
func hostKeyPreference(legacy bool) []string {
	plain := []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
	}
	if legacy {
		plain = append(plain, ssh.KeyAlgoRSA)
	}
	return plain
}

func certAlgorithms() []string {
	return []string{
		ssh.CertAlgoED25519v01, ssh.CertAlgoECDSA256v01, ssh.CertAlgoECDSA384v01, ssh.CertAlgoECDSA521v01,
		ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01,
	}
}

// hostKeyAlgorithms returns what to offer to a host of which lines are known:
// certificates first when an authority is known, then the types of the known
// keys, so that a host known by its RSA key is not asked for another one, then
// the rest. spec is ssh_config's HostKeyAlgorithms: a list, or a list after +
// (append), - (remove) or ^ (put first).
func hostKeyAlgorithms(lines knownHosts, spec string, legacy bool) []string {
	all := hostKeyPreference(legacy)
	var offer []string
	for _, l := range lines {
		switch {
		case l.marker == "cert-authority":
			offer = append(offer, certAlgorithms()...)
		case l.key.Type() == ssh.KeyAlgoRSA:
			offer = append(offer, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		case slices.Contains(all, l.key.Type()):
			offer = append(offer, l.key.Type())
		}
	}
	// Certificates go first: with one, a plain key of the same host is not needed.
	slices.SortStableFunc(offer, func(a, b string) int { return boolRank(isCert(a)) - boolRank(isCert(b)) })
	offer = append(offer, all...)
	offer = applySpec(offer, spec, append(certAlgorithms(), all...))
	return unique(offer)
}

func boolRank(first bool) int {
	if first {
		return 0
	}
	return 1
}

func isCert(algorithm string) bool { return strings.HasSuffix(algorithm, "-cert-v01@openssh.com") }

func applySpec(offer []string, spec string, known []string) []string {
	if spec == "" {
		return offer
	}
	named := func(patterns string) (out []string) {
		for _, p := range strings.Split(patterns, ",") {
			for _, algorithm := range known {
				if matchPattern(p, algorithm) {
					out = append(out, algorithm)
				}
			}
		}
		return out
	}
	switch spec[0] {
	case '+':
		return append(offer, named(spec[1:])...)
	case '^':
		return append(named(spec[1:]), offer...)
	case '-':
		drop := named(spec[1:])
		return slices.DeleteFunc(offer, func(a string) bool { return slices.Contains(drop, a) })
	}
	return named(spec)
}

func unique(list []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// ciphers returns x/crypto's safe ciphers, AES-GCM first where the processor has
// AES instructions (2.8 times less CPU than ChaCha20), ChaCha20 first where not.
func ciphers() []string {
	list := ssh.SupportedAlgorithms().Ciphers
	hasAES := cpu.X86.HasAES || cpu.ARM64.HasAES || cpu.S390X.HasAES || cpu.ARM.HasAES
	rank := func(c string) int {
		switch {
		case c == ssh.CipherChaCha20Poly1305 && !hasAES:
			return 0
		case strings.Contains(c, "-gcm@"):
			return 1
		case c == ssh.CipherChaCha20Poly1305:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(list, func(a, b string) int { return rank(a) - rank(b) })
	return list
}

// transportAlgorithms is what we offer beside host keys: no CBC, no SHA-1.
func transportAlgorithms(legacy bool) ssh.Config {
	safe := ssh.SupportedAlgorithms()
	macs := slices.DeleteFunc(safe.MACs, func(m string) bool { return m == ssh.HMACSHA1 })
	kex := safe.KeyExchanges
	if legacy {
		macs = append(macs, ssh.HMACSHA1)
		kex = append(kex, ssh.InsecureKeyExchangeDH14SHA1)
	}
	return ssh.Config{Ciphers: ciphers(), MACs: macs, KeyExchanges: kex}
}
