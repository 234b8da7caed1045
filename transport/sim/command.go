package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/hardware"
	"github.com/limiquantix/limiquantix/core/host"
)

// Run answers a few commands as a Debian host does to root: uname, hostname, id,
// date (in seconds), cat, test, ip -j, echo, true, false, env, systemctl,
// journalctl, virsh list, a script with "command -v", and [hardware.Script]. Any other exits with 127, as a shell that finds no such program.
func (l *Link) Run(ctx context.Context, c host.Command) (host.Output, error) {
	if _, err := core.Quote(c.Argv...); err != nil {
		return host.Output{}, err
	}
	return ask(ctx, l, "Run", func(h *Host) (host.Output, error) {
		return h.answer(c.Argv, c.Stdin), nil
	})
}

func (h *Host) answer(argv []string, stdin []byte) host.Output {
	name, args := path.Base(argv[0]), argv[1:]
	switch name {
	case "env":
		for len(args) > 0 && strings.Contains(args[0], "=") {
			args = args[1:]
		}
		if len(args) > 0 {
			return h.answer(args, stdin)
		}
		return host.Output{}
	case "systemctl":
		return h.systemctl(args)
	case "journalctl":
		return h.journalctl(args)
	case "virsh":
		return h.virsh(args)
	case "true":
		return host.Output{}
	case "false":
		return host.Output{Exit: 1}
	case "echo":
		return printed(strings.Join(args, " "))
	case "hostname":
		return printed(h.facts.Hostname)
	case "uname":
		return h.uname(args)
	case "id":
		return identity(args)
	case "cat":
		return h.cat(args, stdin)
	case "test":
		return h.test(args)
	case "date":
		return printed(strconv.FormatInt(h.fleet.now().Unix(), 10))
	case "sh":
		if len(args) == 2 && args[1] == hardware.Script {
			return h.hardware()
		}
		return lookup(args)
	case "ip":
		return h.ip(args)
	}
	return failed(127, "sh: 1: %s: not found", core.Escape(argv[0]))
}

func printed(line string) host.Output { return host.Output{Out: []byte(line + "\n")} }

func failed(exit int, format string, args ...any) host.Output {
	return host.Output{ErrOut: fmt.Appendf(nil, format+"\n", args...), Exit: exit}
}

func (h *Host) uname(args []string) host.Output {
	values := map[string]string{"": "Linux", "-s": "Linux", "-m": h.facts.Arch, "-r": "6.1.0-40-amd64", "-n": h.facts.Hostname}
	values["-a"] = strings.Join([]string{"Linux", h.facts.Hostname, values["-r"], "#1 SMP", h.facts.Arch, "GNU/Linux"}, " ")
	v, ok := values[strings.Join(args, " ")]
	if !ok {
		return failed(1, "uname: invalid option")
	}
	return printed(v)
}

func identity(args []string) host.Output {
	switch strings.Join(args, " ") {
	case "-u", "-g":
		return printed("0")
	case "-un", "-gn", "-nG", "-Gn":
		return printed("root")
	case "-G":
		return printed("0")
	}
	return printed("uid=0(root) gid=0(root) groups=0(root)")
}

func (h *Host) cat(args []string, stdin []byte) host.Output {
	if len(args) == 0 {
		return host.Output{Out: bytes.Clone(stdin)}
	}
	files := map[string]string{
		"/etc/os-release": "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n",
		"/etc/machine-id": strings.ReplaceAll(h.facts.UUID, "-", "") + "\n",
		"/proc/uptime":    "864000.00 13824000.00\n",
	}
	var out host.Output
	for _, p := range args {
		text, ok := files[p]
		if !ok {
			out.Exit = 1
			out.ErrOut = fmt.Appendf(out.ErrOut, "cat: %s: No such file or directory\n", core.Escape(p))
		}
		out.Out = append(out.Out, text...)
	}
	return out
}

// lookup is the one script that the host understands: it looks for programs, as
// host check does, and they are all there.
func lookup(args []string) host.Output {
	if len(args) < 3 || args[0] != "-c" || !strings.Contains(args[1], "command -v") {
		return failed(127, "sh: 1: the simulated host runs no scripts")
	}
	return printed(strings.Join(args[3:], "\n"))
}

// test knows the files of pools, and /dev/kvm.
func (h *Host) test(args []string) host.Output {
	if len(args) != 2 || len(args[0]) != 2 || !strings.Contains("defrwx", args[0][1:]) {
		return host.Output{Exit: 2}
	}
	p := args[1]
	dir := h.disk.dirs[path.Clean(p)] != nil
	there := dir && args[0] != "-f" || h.disk.find(p) != nil && args[0] != "-d" || p == "/dev/kvm" && h.facts.KVM
	if !there {
		return host.Output{Exit: 1}
	}
	return host.Output{}
}

// ip answers "ip -j link" and "ip -j addr" (in any of their spellings): the
// loopback, one NIC, the bridges of active networks.
func (h *Host) ip(args []string) host.Output {
	var words []string
	jsonOut := false
	for _, a := range args {
		if strings.HasPrefix(a, "-") {
			jsonOut = jsonOut || strings.Contains(a, "j")
			continue
		}
		words = append(words, a)
	}
	if !jsonOut || len(words) == 0 || !strings.HasPrefix("address", words[0]) && !strings.HasPrefix("link", words[0]) {
		return failed(255, "ip: the simulated host answers ip -j link and ip -j addr")
	}
	out, err := json.Marshal(h.interfaces(words[0][0] == 'a'))
	if err != nil {
		return failed(1, "ip: %v", err)
	}
	return printed(string(out))
}

// netdev is an interface as "ip -j" prints it.
type netdev struct {
	Index   int        `json:"ifindex"`
	Name    string     `json:"ifname"`
	Flags   []string   `json:"flags"`
	MTU     int        `json:"mtu"`
	State   string     `json:"operstate"`
	Type    string     `json:"link_type"`
	MAC     string     `json:"address"`
	Address []addrInfo `json:"addr_info,omitempty"`
	Master  string     `json:"master,omitempty"`
	Link    linkInfo   `json:"linkinfo,omitzero"`
}

// linkInfo is what ip -d adds.
type linkInfo struct {
	Kind string `json:"info_kind,omitempty"`
}

type addrInfo struct {
	Family string `json:"family"`
	Local  string `json:"local"`
	Prefix int    `json:"prefixlen"`
	Scope  string `json:"scope"`
}

func (h *Host) interfaces(addresses bool) []netdev {
	up := []string{"BROADCAST", "MULTICAST", "UP", "LOWER_UP"}
	list := []netdev{
		{1, "lo", []string{"LOOPBACK", "UP", "LOWER_UP"}, 65536, "UNKNOWN", "loopback", "00:00:00:00:00:00", []addrInfo{{"inet", "127.0.0.1", 8, "host"}}, "", linkInfo{}},
		{2, "eth0", up, 1500, "UP", "ether", "52:54:01" + macTail(h.facts.UUID), []addrInfo{{"inet", bridgedIP(h.facts.UUID).String(), 16, "global"}}, "", linkInfo{}},
	}
	for _, n := range h.lans() {
		if n.active && n.bridge != "" {
			list = append(list, netdev{len(list) + 1, n.bridge, up, 1500, "UP", "ether", "52:54:02" + macTail(n.uuid),
				[]addrInfo{{"inet", n.subnet.Addr().String(), n.subnet.Bits(), "global"}}, "", linkInfo{}})
		}
	}
	if !addresses {
		for i := range list {
			list[i].Address = nil
		}
	}
	return list
}

// macTail returns the last three bytes of a MAC address from a UUID's first.
func macTail(uuid string) string { return ":" + uuid[0:2] + ":" + uuid[2:4] + ":" + uuid[4:6] }
