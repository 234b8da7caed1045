//go:build linux

package sshconn

import (
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Whatever the file holds, reading ends, and a host that comes out can be dialed
// as it stands: it is no option and has no odd bytes.
func FuzzSSHConfig(f *testing.F) {
	for _, seed := range []string{
		"Host web*\n User a\nPort 22\n", "Match host a,b user !c\nHostName %h.x\n", "Include /dev/null\nHost=\"a b\" 'c' \\\"d\n",
		"Match !all\nMatch exec x\nPort=1\n", "ProxyJump a,b,[::1]:3\nHost b\nProxyJump none\n", "IdentityFile ${HOME}/%d/%%\n", "HostName -x\n", "=\n", "Host\n",
	} {
		f.Add(seed, "web1")
	}
	f.Fuzz(func(t *testing.T, text, alias string) {
		if strings.Contains(strings.ToLower(text), "include") {
			return // would read this machine's files
		}
		files := &sshConfig{}
		err := files.parse(text, "config", "/", "/home/x", 0)
		if err != nil {
			if core.CodeOf(err) != core.Invalid {
				t.Fatalf("parse: %v", err)
			}
			return
		}
		a, err := ParseAddress(alias)
		if err != nil {
			return
		}
		target, jump, err := (resolver{cfg: Config{Home: "/home/x"}, files: files}).host(a)
		if err != nil {
			if code := core.CodeOf(err); code != core.Invalid && code != core.Unsupported {
				t.Fatalf("resolve: %v", err)
			}
			return
		}
		if again, err := ParseAddress(hostPort(target.Host, target.Port)); err != nil || again.Host != target.Host {
			t.Errorf("host %q port %d cannot be dialed: %+v, %v", target.Host, target.Port, again, err)
		}
		(resolver{cfg: Config{Home: "/home/x"}, files: files}).chain(splitJumps(jump), []string{target.Addr()})
	})
}

// matchPattern must agree with a plain recursive definition.
func FuzzMatchPattern(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("**", "")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 12 || len(s) > 20 {
			return
		}
		if got, want := matchPattern(pattern, s), slowMatch(pattern, s); got != want {
			t.Errorf("%q on %q: got %v, want %v", pattern, s, got, want)
		}
	})
}

func slowMatch(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return slowMatch(p[1:], s) || s != "" && slowMatch(p, s[1:])
	}
	return s != "" && (p[0] == '?' || p[0] == s[0]) && slowMatch(p[1:], s[1:])
}

const fuzzKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKYNJQ2a1ywC0r2U7QY1cUXcE+S1M4vTcGwZ1n0Xk1mB"

// A key that x/crypto's own reader refuses must never be accepted by ours, as
// far as that one reads the file at all.
func FuzzKnownHosts(f *testing.F) {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(fuzzKey))
	if err != nil {
		f.Fatal(err)
	}
	hashed := knownhosts.HashHostname("[web1]:2222")
	for _, seed := range []string{
		"web1 " + fuzzKey, "[web1]:2222 " + fuzzKey, hashed + " " + fuzzKey, "@revoked * " + fuzzKey, "@cert-authority * " + fuzzKey,
		"*,!web1 " + fuzzKey, "[w*]:22?? " + fuzzKey + "\r\n# x\n\n", "|1|x|y " + fuzzKey, "@x web1 " + fuzzKey, "web1", ", " + fuzzKey,
	} {
		f.Add([]byte(seed))
	}
	file := filepath.Join(f.TempDir(), "known_hosts")
	f.Fuzz(func(t *testing.T, text []byte) {
		known := parseKnownHosts(file, text)
		checker := &hostKeyChecker{target: Target{Host: "web1", Port: 2222}, known: known}
		_, err := checker.judge(key)
		hostKeyAlgorithms(known, "", false)
		switch core.CodeOf(err) {
		case core.HostKeyUnknown, core.HostKeyChanged, core.HostKeyRevoked:
			return
		case "":
		default:
			t.Fatalf("got %v", err)
		}
		if strings.Contains(string(text), "[web1]:2222") || !strings.Contains(string(text), "[") {
			return // theirs takes neither wildcard ports nor the name without the port
		}
		os.WriteFile(file, text, 0o600)
		theirs, err := knownhosts.New(file)
		if err != nil {
			return
		}
		if err := theirs("web1:2222", &net.TCPAddr{}, key); err != nil && !strings.Contains(string(text), "*") && !strings.Contains(string(text), "?") {
			lines, exact := known.lookup("web1", 2222)
			if exact {
				t.Errorf("we accept by %v what x/crypto refuses: %v", lines, err)
			}
		}
	})
}

// Which lines match a host must be what ssh-keygen -F says.
func TestKnownHostsAgreesWithSSHKeygen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "known_hosts")
	lines := []string{
		"web1 ", "web1,web2 ", "web* ", "web?,!web2 ", "*.example ", "[web1]:2222 ", "[web*]:2222 ", "[web1]:22 ", "WEB1 ", "!web1,* ",
		knownhosts.HashHostname("web1") + " ", knownhosts.HashHostname("[web1]:2222") + " ", "10.0.0.1 ", "::1 ", "[::1]:2222 ",
	}
	os.WriteFile(file, []byte(strings.Join(lines, fuzzKey+"\n")+fuzzKey+"\n"), 0o600)
	known := readKnownHosts([]string{file})
	if len(known) != len(lines) {
		t.Fatalf("%d of %d lines were read", len(known), len(lines))
	}
	for _, name := range []string{"web1", "web2", "web22", "a.example", "[web1]:2222", "[web9]:2222", "10.0.0.1", "::1", "[::1]:2222", "other"} {
		out, _ := exec.Command("ssh-keygen", "-F", name, "-f", file).Output() // status 1: none
		var want, got []string
		for line := range strings.Lines(string(out)) {
			if _, number, ok := strings.Cut(line, "found: line "); ok {
				want = append(want, strings.Fields(number)[0])
			}
		}
		for _, l := range known {
			if l.matches(name) {
				got = append(got, itoa(l.number))
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: got lines %q, ssh-keygen says %q", name, got, want)
		}
	}
}

func TestBackoff(t *testing.T) {
	var b Backoff
	for range 3 {
		limit := 250 * time.Millisecond
		var total time.Duration
		for range 1000 {
			d := b.Next()
			if d < limit/2 || d > limit {
				t.Fatalf("got %v, want between half and all of %v", d, limit)
			}
			total += d
			limit = min(2*limit, 2*time.Second)
		}
		if mean := total / 1000; math.Abs(mean.Seconds()-1.5) > 0.1 {
			t.Errorf("mean %v, want about 1.5 s", mean)
		}
		b.Reset()
	}
}

func TestCiphersPreferAESWhereItIsFast(t *testing.T) {
	first := ciphers()[0]
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo")
	if hasAES := strings.Contains(string(cpuinfo), " aes "); hasAES != strings.HasPrefix(first, "aes128-gcm") {
		t.Errorf("AES instructions: %v, but %s is first", hasAES, first)
	}
}

func TestHostKeyAlgorithmsSpec(t *testing.T) {
	all := strings.Join(hostKeyAlgorithms(nil, "", false), ",")
	for spec, want := range map[string]string{
		"ssh-ed25519":                       "ssh-ed25519",
		"rsa-sha2-???,ssh-ed25519":          "rsa-sha2-512,rsa-sha2-256,ssh-ed25519",
		"-ecdsa-*,rsa-*":                    "ssh-ed25519",
		"^rsa-sha2-256":                     "rsa-sha2-256," + strings.TrimSuffix(all, ",rsa-sha2-256"),
		"+ssh-ed25519-cert-v01@openssh.com": all + ",ssh-ed25519-cert-v01@openssh.com",
		"":                                  all,
	} {
		if got := strings.Join(hostKeyAlgorithms(nil, spec, false), ","); got != want {
			t.Errorf("%q: got %s, want %s", spec, got, want)
		}
	}
	if strings.Contains(all, "ssh-rsa") || strings.Contains(all, "dss") {
		t.Errorf("SHA-1 is offered: %s", all)
	}
}
