package sshconn

import (
	"cmp"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Target is one host after ssh_config was applied: what is really dialed.
type Target struct {
	// Alias is the name as typed, Host the name or address that is dialed.
	Alias, Host string
	Port        int
	User        string
	// Identities are the key files to try, in order; missing files are left out later.
	Identities []string
	// Chosen: Identities come from [Config.Identity] and must exist.
	Chosen bool
	// IdentitiesOnly: the agent's other keys are not offered.
	IdentitiesOnly bool
	Certificates   []string
	// Agent is the socket of the agent; "" for none.
	Agent string
	// HostKeyAlias is looked up in known_hosts in place of Host; "" when unused.
	HostKeyAlias string
	// HostKeyAlgorithms is ssh_config's value, with its +, - or ^; "" for the default.
	HostKeyAlgorithms string
	KnownHosts        []string
	// Strict is "yes" (never ask), "accept-new" or "ask". "no" and "off" of
	// ssh_config count as "ask": no setting makes us trust silently.
	Strict string
	// Pin is the fingerprint that the host must show; "" when not pinned.
	Pin string
	// Jumps are the hosts on the way, first one first; each has no Jumps of its own.
	Jumps []Target
	// Skipped lists Match lines of ssh_config that need a shell or the network
	// to evaluate and were taken as not matching ("config:12").
	Skipped []string
}

// Addr returns host:port, with brackets round an IPv6 address.
func (t Target) Addr() string { return hostPort(t.Host, t.Port) }

// String returns user@host:port.
func (t Target) String() string { return t.User + "@" + t.Addr() }

// Resolve applies ssh_config to cfg. It reads files and dials nothing.
//
// It knows Host, Match (all, host, originalhost, user, localuser), Include,
// HostName, User, Port, IdentityFile, IdentitiesOnly, CertificateFile,
// IdentityAgent, ProxyJump, UserKnownHostsFile, GlobalKnownHostsFile,
// StrictHostKeyChecking, HostKeyAlgorithms and HostKeyAlias, with the tokens
// %% %d %h %n %p %r %u and ${VAR}. Other keywords are ignored, except that a
// ProxyCommand is refused: going round it would be wrong.
//
// Errors: [core.Invalid] for an unreadable address or file and a loop of jump
// hosts, [core.Unsupported] for ProxyCommand.
func Resolve(cfg Config) (Target, error) {
	files, err := cfg.readConfigFiles()
	if err != nil {
		return Target{}, err
	}
	r := resolver{cfg: cfg, files: files}
	if u, err := user.Current(); err == nil {
		r.localUser = u.Username[strings.LastIndex(u.Username, `\`)+1:] // DOMAIN\user on Windows
	}
	a, err := ParseAddress(cfg.Address)
	if err != nil {
		return Target{}, err
	}
	a.User, a.Port = cmp.Or(cfg.User, a.User), cmp.Or(cfg.Port, a.Port)
	t, jump, err := r.host(a)
	if err != nil {
		return Target{}, err
	}
	if len(cfg.Identity) > 0 {
		t.choose(cfg)
	}
	jumps := cfg.Jumps
	if jumps == nil {
		jumps = splitJumps(jump)
	}
	t.Jumps, err = r.chain(jumps, []string{t.Addr()})
	return t, err
}

// choose makes the keys of cfg.Identity the only ones to offer.
func (t *Target) choose(cfg Config) {
	t.Identities, t.Chosen = nil, true
	for _, file := range cfg.Identity {
		t.Identities = append(t.Identities, expandHome(file, cfg.home()))
	}
}

type resolver struct {
	cfg       Config
	files     *sshConfig
	localUser string
}

// chain resolves a list of jump hosts. Only the first may have a ProxyJump of
// its own: each later one is reached through the one before it. seen holds the
// addresses that the chain leads to.
func (r resolver) chain(jumps, seen []string) ([]Target, error) {
	var chain []Target
	for i, name := range jumps {
		a, err := ParseAddress(name)
		if err != nil {
			return nil, err
		}
		t, next, err := r.host(a)
		if err != nil {
			return nil, err
		}
		// "Host *" with a ProxyJump also matches the jump host itself; OpenSSH
		// does not go through a host to reach it either.
		if len(jumps) == 1 && len(seen) > 0 && t.Addr() == seen[len(seen)-1] {
			return nil, nil
		}
		if slices.Contains(seen, t.Addr()) {
			return nil, core.Errorf(core.Invalid, "jump host %s leads back to itself", core.Escape(name))
		}
		seen = append(seen, t.Addr())
		if i == 0 {
			if chain, err = r.chain(splitJumps(next), seen); err != nil {
				return nil, err
			}
		}
		chain = append(chain, t)
	}
	return chain, nil
}

func splitJumps(value string) []string {
	if value == "" || strings.EqualFold(value, "none") {
		return nil
	}
	return strings.Split(value, ",")
}

// host resolves one host and returns its ProxyJump beside it.
func (r resolver) host(a Address) (t Target, jump string, err error) {
	l, skipped := r.files.lookup(a.Host, a.User, r.localUser)
	t = Target{Alias: a.Host, Host: a.Host, Skipped: skipped}
	t.User = cmp.Or(a.User, l.one("user"), r.localUser)
	if t.Port, err = portOf(a.Port, l); err != nil {
		return t, "", err
	}
	tokens := r.tokens(&t)
	if name := l.one("hostname"); name != "" {
		t.Host = tokens.Replace(name)
	}
	if _, err := ParseAddress(hostPort(t.Host, t.Port)); err != nil {
		return t, "", err
	}
	if command := l.one("proxycommand"); command != "" && !strings.EqualFold(command, "none") && l.one("proxyjump") == "" {
		return t, "", core.Errorf(core.Unsupported, "%s is reached by a ProxyCommand in ssh_config, which is not supported", core.Escape(a.Host)).
			WithHint("use ProxyJump, or name the jump host with --jump")
	}
	r.paths(&t, l, r.tokens(&t))
	t.HostKeyAlias = l.one("hostkeyalias")
	t.HostKeyAlgorithms = l.one("hostkeyalgorithms")
	t.Pin = r.cfg.Pins[t.Addr()]
	return t, l.one("proxyjump"), nil
}

// paths fills in what names files: identities, certificates, the agent, known_hosts.
func (r resolver) paths(t *Target, l lookup, tokens *strings.Replacer) {
	home := r.cfg.home()
	expand := func(paths []string) (out []string) {
		for _, p := range paths {
			if !strings.EqualFold(p, "none") {
				out = append(out, expandHome(tokens.Replace(expandEnv(p)), home))
			}
		}
		return out
	}
	t.IdentitiesOnly = strings.EqualFold(l.one("identitiesonly"), "yes")
	t.Certificates = expand(l.all["certificatefile"])
	t.Identities = expand(l.all["identityfile"])
	switch {
	case len(l.all["identityfile"]) > 0:
	case len(r.cfg.Identity) > 0: // also for a jump host of which ssh_config says nothing
		t.choose(r.cfg)
	default:
		t.Identities = expand([]string{"~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ecdsa_sk", "~/.ssh/id_ed25519", "~/.ssh/id_ed25519_sk"})
	}
	switch agent := cmp.Or(r.cfg.Agent, l.one("identityagent"), "SSH_AUTH_SOCK"); {
	case strings.EqualFold(agent, "none"):
	case agent == "SSH_AUTH_SOCK":
		t.Agent = os.Getenv(agent)
	case strings.HasPrefix(agent, "$") && !strings.HasPrefix(agent, "${"):
		t.Agent = os.Getenv(agent[1:])
	default:
		t.Agent = expand([]string{agent})[0]
	}
	if t.KnownHosts = r.cfg.KnownHosts; t.KnownHosts == nil {
		t.KnownHosts = append(
			expand(argsOr(l, "userknownhostsfile", "~/.ssh/known_hosts", "~/.ssh/known_hosts2")),
			expand(argsOr(l, "globalknownhostsfile", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"))...)
	}
	switch strict := strings.ToLower(l.one("stricthostkeychecking")); {
	case r.cfg.AcceptNew, strict == "accept-new":
		t.Strict = "accept-new"
	case strict == "yes", strict == "true":
		t.Strict = "yes"
	default:
		t.Strict = "ask"
	}
}

func argsOr(l lookup, keyword string, defaults ...string) []string {
	if line, ok := l.first[keyword]; ok {
		return line.args
	}
	return defaults
}

func portOf(given int, l lookup) (int, error) {
	line, ok := l.first["port"]
	if given != 0 || !ok {
		return cmp.Or(given, 22), nil
	}
	port, err := strconv.Atoi(line.args[0])
	if err != nil || port < 1 || port > 65535 {
		return 0, core.Errorf(core.Invalid, "ssh_config: %s: %s is not a port", line.where, core.Printable(line.args[0], 20))
	}
	return port, nil
}

// tokens expands TOKENS of ssh_config(5) with what is known of t so far.
func (r resolver) tokens(t *Target) *strings.Replacer {
	local, _ := os.Hostname()
	short, _, _ := strings.Cut(local, ".")
	return strings.NewReplacer("%%", "%", "%d", r.cfg.home(), "%h", t.Host, "%L", short, "%l", local,
		"%n", t.Alias, "%p", strconv.Itoa(t.Port), "%r", t.User, "%u", r.localUser)
}

// expandEnv expands ${VAR}, the only form that OpenSSH knows.
func expandEnv(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "${")
		name, rest, closed := strings.Cut(after, "}")
		b.WriteString(before)
		if !found || !closed {
			b.WriteString(s[len(before):])
			return b.String()
		}
		b.WriteString(os.Getenv(name))
		s = rest
	}
}
