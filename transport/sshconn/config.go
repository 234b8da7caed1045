package sshconn

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Config says which host to dial and how. Only Address is needed; what is
// left empty follows ssh_config and then OpenSSH's defaults.
type Config struct {
	// Address is what [ParseAddress] reads; it may be an alias of ssh_config.
	Address string
	// User and Port win over the address and ssh_config; "" and 0 mean not given.
	User string
	Port int
	// Jumps are the hosts to go through, first one first, as addresses or
	// aliases. Nil follows ProxyJump; an empty non-nil list means none.
	Jumps []string
	// Identity lists key files. When it is not empty these are offered and
	// nothing else, also to a jump host for which ssh_config has no IdentityFile. A .pub file, or a key file without its secret half, means the
	// key of that name in the agent.
	Identity []string
	// SSHConfig is read in place of ~/.ssh/config and /etc/ssh/ssh_config; "none" reads nothing.
	SSHConfig string
	// KnownHosts replaces the files of ssh_config; nil follows them.
	KnownHosts []string
	// TrustFile is this application's own known_hosts file. It is read first: if
	// it knows a host, no other file is asked. Accepted keys are written to it.
	// "" when nothing is to be kept.
	TrustFile string
	// Pins maps "host:port" (as [Target.Addr] prints it) to the fingerprint
	// "SHA256:…" that the user has compared. A pinned host shows that key or is
	// refused with HostKeyChanged; known_hosts files are not asked, except for @revoked.
	Pins map[string]string
	// AcceptNew accepts and stores the key of a host that was never seen. It never
	// accepts a changed key.
	AcceptNew bool
	// Secrets returns a secret that the user has already given: kind is
	// "password", "passphrase" or "prompt", subject what it is for
	// (user@host:port, the key file's path, the server's question). It must not
	// wait for anybody. Nil, or false, leads to a core.SecretNeeded error.
	Secrets func(kind, subject string) (secret string, ok bool)
	// Agent is the agent's socket; "" follows IdentityAgent and SSH_AUTH_SOCK; "none" uses none.
	Agent string
	// LegacyAlgorithms also offers ssh-rsa and SHA-1 key exchange, for hosts
	// that are too old for anything else.
	LegacyAlgorithms bool
	// DialTimeout bounds each hop from the first packet to the end of authentication; 0 means 12 s.
	DialTimeout time.Duration
	// Dial replaces net.Dialer for the first hop.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Home replaces the user's home directory, where ~/.ssh is.
	Home string
	// Logger may be nil.
	Logger *slog.Logger
}

const defaultDialTimeout = 12 * time.Second

func (c Config) dialTimeout() time.Duration {
	if c.DialTimeout > 0 {
		return c.DialTimeout
	}
	return defaultDialTimeout
}

func (c Config) logger() *slog.Logger {
	if c.Logger != nil {
		return c.Logger
	}
	return slog.New(slog.DiscardHandler)
}

func (c Config) home() string {
	if c.Home != "" {
		return c.Home
	}
	home, _ := os.UserHomeDir() // "" makes ~/.ssh a relative path that is not there
	return home
}

func (c Config) secret(kind, subject string) (string, bool) {
	if c.Secrets == nil {
		return "", false
	}
	return c.Secrets(kind, subject)
}

// readConfigFiles reads the ssh_config that applies: the user's, then the system's.
func (c Config) readConfigFiles() (*sshConfig, error) {
	if c.SSHConfig == "none" {
		return &sshConfig{}, nil
	}
	home := c.home()
	if c.SSHConfig != "" {
		return readSSHConfig(expandHome(c.SSHConfig, home), home)
	}
	files, err := readSSHConfig(filepath.Join(home, ".ssh", "config"), home)
	if err != nil {
		return nil, err
	}
	// A Host of the user's file ends with that file.
	files.lines = append(files.lines, configLine{keyword: "host", args: []string{"*"}})
	return files, files.read("/etc/ssh/ssh_config", home, 0)
}
