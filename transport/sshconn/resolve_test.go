//go:build linux

package sshconn

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

// openSSH resolves alias with the real ssh -G and returns its answers.
func openSSH(t testing.TB, file, alias string) (answers map[string][]string, ok bool) {
	t.Helper()
	out, err := exec.Command("ssh", "-G", "-F", file, "--", alias).Output()
	if err != nil {
		return nil, false
	}
	answers = map[string][]string{}
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		answers[key] = append(answers[key], value)
	}
	return answers, true
}

// compare checks our Target against the answers of ssh -G.
func compare(t testing.TB, target Target, answers map[string][]string) {
	t.Helper()
	one := func(key string) string {
		if len(answers[key]) == 0 {
			return ""
		}
		return answers[key][0]
	}
	home, _ := os.UserHomeDir()
	for _, c := range []struct{ what, got, want string }{
		{"hostname", strings.ToLower(target.Host), strings.ToLower(one("hostname"))},
		{"user", target.User, one("user")},
		{"port", itoa(target.Port), one("port")},
		{"hostkeyalias", target.HostKeyAlias, one("hostkeyalias")},
		{"identitiesonly", map[bool]string{true: "yes", false: "no"}[target.IdentitiesOnly], one("identitiesonly")},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, ssh says %q", c.what, c.got, c.want)
		}
	}
	var want []string
	for _, f := range answers["identityfile"] {
		// ssh -G leaves tokens and ~ in place.
		if f = strings.Replace(f, "~/", home+"/", 1); !strings.ContainsAny(f, "%$") && !strings.HasSuffix(f, "/.ssh/id_xmss") && !strings.HasSuffix(f, "/.ssh/id_dsa") {
			want = append(want, f)
		}
	}
	if !strings.Contains(strings.Join(answers["identityfile"], ""), "%") && strings.Join(target.Identities, " ") != strings.Join(want, " ") {
		t.Errorf("identityfile: got %q, ssh says %q", target.Identities, want)
	}
}

func TestResolveAgreesWithOpenSSH(t *testing.T) {
	dir := t.TempDir()
	include := filepath.Join(dir, "included")
	os.WriteFile(include, []byte("User before\nHost in*\n  Port 2201\nMatch all\n  HostKeyAlias fromhost-%h\n"), 0o600)
	for name, text := range map[string]string{
		"first value wins":    "Host web*\n User alice\n Port 2222\nHost *\n User bob\n Port 22\n IdentityFile ~/.ssh/all\n",
		"identities add up":   "Host web1\n IdentityFile ~/.ssh/a\nHost *\n IdentityFile /k/b\n IdentityFile ~/.ssh/c\n IdentitiesOnly yes\n",
		"quotes and equals":   "Host=\"web1\"\n HostName = \"10.0.0.1\"\nUser=\"a b\"\n\tIdentityFile \"/my keys/id\" # note\n",
		"negation":            "Host web* !web2\n Port 2201\nHost *\n Port 2202\n",
		"question mark":       "Host web?\n Port 2201\nHost web??\n Port 2202\n",
		"several patterns":    "Host db1 web1 \"web2\"\n HostName real-%h.example\n",
		"match host":          "Match host web1,web2\n User m\nMatch originalhost inner user root\n Port 99\nMatch !host web1\n Port 98\n",
		"match after user":    "Host web1\n User deploy\nMatch user deploy\n Port 2203\nMatch host web* user nobody\n Port 1\n",
		"match hostname":      "Host web1\n HostName db.internal\nMatch host *.internal\n Port 2204\nMatch originalhost web1\n User orig\n",
		"match all":           "Host web1\n Port 1022\nMatch all\n Port 1023\n User everyone\n",
		"include":             "Host inner\n Include " + include + "\nHost *\n User after\n",
		"include at the top":  "Include " + include + "\nUser after\nPort 5\n",
		"include of nothing":  "Include /no/such/*\nPort 2205\n",
		"upper case":          "HOST WEB1\n HOSTNAME 10.1.1.1\n uSeR x\n",
		"comments and spaces": "# one\n\n  # two\nHost  web1   db1 \t\n\tPort\t2206\t\n",
		"carriage returns":    "Host web1\r\n Port 2207\r\n User crlf\r\n",
		"unknown ones":        "IgnoreUnknown *\nFancyNewThing yes\nPort 2208\n",
		"none":                "Host web1\n IdentityFile none\n ProxyJump none\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "config")
			os.WriteFile(file, []byte(text), 0o600)
			for _, alias := range []string{"web1", "web2", "web12", "inner", "db1"} {
				answers, ok := openSSH(t, file, alias)
				if !ok {
					t.Fatalf("ssh -G does not read it:\n%s", text)
				}
				target, err := Resolve(Config{Address: alias, SSHConfig: file})
				if err != nil {
					t.Fatal(describe(err))
				}
				if name == "none" && alias == "web1" {
					answers["identityfile"] = nil
				}
				compare(t, target, answers)
				if t.Failed() {
					t.Fatalf("alias %s of\n%s", alias, text)
				}
			}
		})
	}
}

func TestResolveBeyondSSHG(t *testing.T) {
	t.Setenv("KEYS", "/keys")
	t.Setenv("SSH_AUTH_SOCK", "/agent")
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "config")
		os.WriteFile(file, []byte(text), 0o600)
		return file
	}
	t.Run("tokens", func(t *testing.T) {
		got, err := Resolve(Config{Address: "root@web1", Home: "/home/x", SSHConfig: write(
			"HostName %h.example\nIdentityFile ${KEYS}/%r@%h:%p-%n-%%\nUserKnownHostsFile ~/a %d/b\nGlobalKnownHostsFile /c\nIdentityAgent none\nStrictHostKeyChecking no\n")})
		if err != nil {
			t.Fatal(describe(err))
		}
		if got.Host != "web1.example" || got.Identities[0] != "/keys/root@web1.example:22-web1-%" || got.Agent != "" || got.Strict != "ask" ||
			strings.Join(got.KnownHosts, " ") != "/home/x/a /home/x/b /c" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("what is given wins", func(t *testing.T) {
		file := write("User conf\nPort 1\nProxyJump j\nIdentityFile /conf\n")
		got, err := Resolve(Config{Address: "ssh://url@web1:2", User: "flag", Port: 3, Jumps: []string{}, Identity: []string{"/flag"}, SSHConfig: file})
		if err != nil || got.String() != "flag@web1:3" || len(got.Jumps) != 0 || got.Identities[0] != "/flag" || !got.Chosen {
			t.Errorf("got %+v, %v", got, err)
		}
		got, err = Resolve(Config{Address: "ssh://url@web1:2", SSHConfig: file})
		if err != nil || got.String() != "url@web1:2" || got.Agent != "/agent" || len(got.Jumps) != 1 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("chain of jumps", func(t *testing.T) {
		got, err := Resolve(Config{Address: "c", SSHConfig: write("User u\nHost c\n ProxyJump x@a:1,b\nHost a\n ProxyJump gate\n")})
		var chain []string
		for _, j := range got.Jumps {
			chain = append(chain, j.String())
		}
		if err != nil || strings.Join(chain, " ") != "u@gate:22 x@a:1 u@b:22" {
			t.Errorf("got %q, %v", chain, err)
		}
	})
	t.Run("jump host under Host *", func(t *testing.T) {
		got, err := Resolve(Config{Address: "c", SSHConfig: write("Host *\n ProxyJump gate\n")})
		if err != nil || len(got.Jumps) != 1 || got.Jumps[0].Host != "gate" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("chosen key of a jump host", func(t *testing.T) {
		got, err := Resolve(Config{Address: "c", Identity: []string{"/k"}, Jumps: []string{"a", "b"}, SSHConfig: write("Host b\n IdentityFile /own\n")})
		if err != nil || got.Jumps[0].Identities[0] != "/k" || got.Jumps[1].Identities[0] != "/own" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("match that needs a shell", func(t *testing.T) {
		got, err := Resolve(Config{Address: "c", SSHConfig: write("Match exec \"touch /tmp/never\"\n Port 9\nHost c\n User u\n")})
		if err != nil || got.Port != 22 || got.User != "u" || strings.Join(got.Skipped, " ") != "config:1" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	for name, c := range map[string]struct {
		text string
		code core.Code
	}{
		"loop":                {"Host c\n ProxyJump a\nHost a\n ProxyJump b\nHost b\n ProxyJump a\n", core.Invalid},
		"proxy command":       {"ProxyCommand nc %h %p\n", core.Unsupported},
		"port":                {"Port many\n", core.Invalid},
		"open quote":          {"User \"x\n", core.Invalid},
		"no value":            {"Host c\nUser\n", core.Invalid},
		"host name of option": {"HostName -oProxyCommand=x\n", core.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Resolve(Config{Address: "c", SSHConfig: write(c.text)})
			wantError(t, err, c.code)
		})
	}
	t.Run("include of itself", func(t *testing.T) {
		file := write("")
		os.WriteFile(file, []byte("Include "+file+"\n"), 0o600)
		_, err := Resolve(Config{Address: "c", SSHConfig: file})
		wantError(t, err, core.Invalid)
	})
	t.Run("includes that double", func(t *testing.T) { // 2^16 files, and none deeper than is allowed
		next := write("User deep\n")
		for range maxConfigDepth {
			next = write("Include " + next + "\nInclude " + next + "\n")
		}
		_, err := Resolve(Config{Address: "c", SSHConfig: next})
		wantError(t, err, core.Invalid)
		if err != nil && !strings.Contains(err.Error(), "1000 files") {
			t.Errorf("got %v, want the number of files", err)
		}
	})
	t.Run("a thousand files", func(t *testing.T) {
		dir := t.TempDir()
		for i := range maxConfigFiles - 1 {
			if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), []byte("Port 2207\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := Resolve(Config{Address: "c", SSHConfig: write("Include " + dir + "/*\n")})
		if err != nil || got.Port != 2207 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestParseAddress(t *testing.T) {
	for s, want := range map[string]Address{
		"web1":                   {"", "web1", 0},
		"root@web1":              {"root", "web1", 0},
		"root@web1:2222":         {"root", "web1", 2222},
		"ssh://web1":             {"", "web1", 0},
		"ssh://root@web1:22/":    {"root", "web1", 22},
		"ssh://a%40b@web1":       {"a@b", "web1", 0},
		"a@b@web1":               {"a@b", "web1", 0},
		"::1":                    {"", "::1", 0},
		"[::1]:22":               {"", "::1", 22},
		"root@[fe80::1%eth0]:22": {"root", "fe80::1%eth0", 22},
		"ssh://root@[::1]:22":    {"root", "::1", 22},
		"münchen.example":        {"", "münchen.example", 0},
	} {
		if got, err := ParseAddress(s); err != nil || got != want {
			t.Errorf("%q: got %+v, %v; want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "@", "a@", "@b", "-oProxyCommand=x", "a@-b", "-a@b", "web1:0", "web1:65536", "web1:x", "http://web1", "ssh://u:p@web1",
		"ssh://web1/path", "ssh://", "a b", "a\nb", "a\x00b", "$(id)", "`id`", "a;b", "web1?x", "ssh://web1?x=1", "a/b", "\u202eabc", "[::1", "ssh://%zz@h"} {
		got, err := ParseAddress(s)
		if core.CodeOf(err) != core.Invalid {
			t.Errorf("%q: got %+v, %v; want Invalid", s, got, err)
		}
	}
}
