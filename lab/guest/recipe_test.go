//go:build linux

package guest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// flatten is init's flat function: what network.awk reads.
const flatten = `tr '{}[],\r' '\n\n\n\n\n\n' | sed "s/\":/\": /g; s/[\"']//g; s/^[ \t]*//; s/[ \t]*\$//; /^\$/d; /^#/d"`

// awk runs a script of the recipe as the guest does: with busybox.
func awk(t *testing.T, input, filter, script string, args ...string) string {
	t.Helper()
	argv := append([]string{"sh", "-c", filter + ` | busybox awk "$@"`, "sh"}, args...)
	cmd := exec.Command("busybox", append(argv, "-f", filepath.Join("recipe/tiny", script))...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("awk: %v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestTheInitsFlattenIsTheOneTestedHere(t *testing.T) {
	script, err := os.ReadFile("recipe/tiny/init")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(flatten, " | sed", ` <"$1" | sed`, 1); !strings.Contains(string(script), want) {
		t.Errorf("recipe/tiny/init does not hold %s", want)
	}
}

func TestNetworkConfig(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"static, block style",
			"version: 2\nethernets:\n    nic0:\n        match:\n            macaddress: \"52:54:00:AB:cd:01\"\n        addresses:\n            - 10.0.0.5/24\n            - fd00::5/64\n        gateway4: 10.0.0.1\n        nameservers:\n            search: [lab.example]\n            addresses: [10.0.0.2, 10.0.0.3]\n",
			"nic0 52:54:00:ab:cd:01 no 10.0.0.5/24,fd00::5/64 10.0.0.1 10.0.0.2,10.0.0.3"},
		{"dhcp, flow style",
			"version: 2\nethernets:\n  eth0: { match: { name: \"e*\" }, dhcp4: true }\n",
			"eth0 - yes - - -"},
		{"json",
			`{"version":2,"ethernets":{"a":{"addresses":["10.0.0.5/24"],"routes":[{"to":"default","via":"10.0.0.1"}]}}}`,
			"a - no 10.0.0.5/24 10.0.0.1 -"},
		{"two cards and a network key",
			"network:\n  version: 2\n  ethernets:\n    lan:\n      match: {macaddress: '52:54:00:00:00:01'}\n      dhcp4: yes\n      set-name: lan\n    wan:\n      addresses:\n      - 192.0.2.1/30\n",
			"lan 52:54:00:00:00:01 yes - - -\nwan - no 192.0.2.1/30 - -"},
		{"version 1",
			"version: 1\nconfig:\n  - type: physical\n    name: eth0\n    mac_address: \"52:54:00:00:00:01\"\n    subnets:\n      - type: static\n        address: 10.0.0.5\n        netmask: 255.255.255.0\n        gateway: 10.0.0.1\n        dns_nameservers:\n          - 10.0.0.2\n  - type: physical\n    name: eth1\n    subnets:\n      - type: dhcp\n",
			"eth0 52:54:00:00:00:01 no 10.0.0.5/255.255.255.0 10.0.0.1 10.0.0.2\neth1 - yes - - -"},
		{"nothing", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := awk(t, tc.in, flatten, "network.awk"); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

func TestPickACardsConfiguration(t *testing.T) {
	const config = "a 52:54:00:00:00:01 no 10.0.0.1/24 - -\nb - no 10.0.0.2/24 - -\neth2 - no 10.0.0.3/24 - -\n"
	for _, tc := range []struct{ nic, mac, want string }{
		{"eth7", "52:54:00:00:00:01", "10.0.0.1/24"}, // by MAC
		{"eth2", "52:54:00:00:00:09", "10.0.0.3/24"}, // by name
		{"eth0", "52:54:00:00:00:09", "10.0.0.2/24"}, // in order
		{"eth1", "52:54:00:00:00:09", ""},
	} {
		got := strings.Fields(awk(t, config, "cat", "pick.awk", "-v", "nic="+tc.nic, "-v", "mac="+tc.mac))
		if tc.want == "" && len(got) == 0 || len(got) == 6 && got[3] == tc.want {
			continue
		}
		t.Errorf("%s %s: %q, want %q", tc.nic, tc.mac, got, tc.want)
	}
}

func TestUsers(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"none named", "#cloud-config\nssh_authorized_keys:\n  - ssh-ed25519 AAAA\n", "debian"},
		{"one", "#cloud-config\nusers:\n    - name: ops\n      sudo: ALL\nwrite_files:\n  - name: not-a-user\n", "ops"},
		{"default and one", "users:\n  - default\n  - name: 'ops'\n", "debian\nops"},
		{"name not first", "users:\n- sudo: ALL\n  name: ops\n- gecos: The name\n  name: dev # a comment\n", "ops\ndev"},
		{"flow", "users: [default, {name: ops, shell: /bin/sh}]\n", "ops"},
		{"renamed default", "user: me\n", "me"},
		{"renamed default, mapping", "user:\n  name: me\n", "me"},
		{"carriage returns", "users:\r\n  - name: ops\r\n", "ops"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := awk(t, tc.in, "cat", "users.awk"); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
