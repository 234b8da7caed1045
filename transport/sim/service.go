package sim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
)

// service is one of systemd's on a simulated host.
type service struct{ name, text, atBoot string }

var services = []service{
	{"chrony.service", "chrony, an NTP client/server", "enabled"},
	{"cron.service", "Regular background program processing daemon", "enabled"},
	{"dbus.service", "D-Bus System Message Bus", "static"},
	{"dnsmasq.service", "dnsmasq - A lightweight DHCP and caching DNS server", "disabled"},
	{"iscsid.service", "iSCSI initiator daemon (iscsid)", "disabled"},
	{"libvirt-guests.service", "libvirt guests suspend & resume service", "enabled"},
	{"libvirtd.service", "libvirt legacy monolithic daemon", "enabled"},
	{"mdmonitor.service", "MD array monitor", "static"},
	{"multipathd.service", "Device-Mapper Multipath Device Controller", "enabled"},
	{"networking.service", "Raise network interfaces", "enabled"},
	{"nftables.service", "nftables", "enabled"},
	{"smartd.service", "Self Monitoring and Reporting Technology (SMART) Daemon", "enabled"},
	{"ssh.service", "OpenBSD Secure Shell server", "enabled"},
	{"systemd-journald.service", "Journal Service", "static"},
	{"systemd-logind.service", "User Login Management", "static"},
	{"systemd-udevd.service", "Rule-based Manager for Device Events and Files", "static"},
	{"unattended-upgrades.service", "Unattended Upgrades Shutdown", "enabled"},
	{"virtlogd.service", "libvirt logging daemon", "indirect"},
}

// systemctl answers list-units, list-unit-files, show, start, stop and restart.
//
// Source of the forms: systemctl(1).
func (h *Host) systemctl(args []string) host.Output {
	if len(args) == 0 {
		return failed(1, "systemctl: no command")
	}
	name := args[len(args)-1]
	at := slices.IndexFunc(services, func(s service) bool { return s.name == name })
	var rows []map[string]string
	switch args[0] {
	case "list-units":
		for _, s := range services {
			active, sub := h.activity(s.name)
			rows = append(rows, map[string]string{"unit": s.name, "load": "loaded", "active": active, "sub": sub, "description": s.text})
		}
		return jsonLine(rows)
	case "list-unit-files":
		for _, s := range services {
			rows = append(rows, map[string]string{"unit_file": s.name, "state": s.atBoot, "vendor_preset": "enabled"})
		}
		return jsonLine(rows)
	case "show":
		if at < 0 {
			return printed("LoadState=not-found\nActiveState=inactive\nSubState=dead")
		}
		active, sub := h.activity(name)
		return printed("LoadState=loaded\nActiveState=" + active + "\nSubState=" + sub + "\nRefuseManualStart=no\nRefuseManualStop=no")
	case "start", "stop", "restart":
		if at < 0 {
			return failed(5, "Failed to %s %s: Unit %s not found.", args[0], name, name)
		}
		h.halted[name] = args[0] == "stop"
		return host.Output{}
	}
	return failed(1, "Unknown command verb %s.", args[0])
}

func (h *Host) activity(unit string) (active, sub string) {
	switch {
	case unit == "smartd.service" && h.halted[unit]:
		return "failed", "failed"
	case h.halted[unit]:
		return "inactive", "dead"
	case unit == "networking.service" || unit == "nftables.service" || unit == "libvirt-guests.service":
		return "active", "exited"
	}
	return "active", "running"
}

func jsonLine(v any) host.Output {
	text, err := json.Marshal(v)
	if err != nil {
		panic("sim: " + err.Error()) // of our own types
	}
	return host.Output{Out: append(text, '\n')}
}

// saying is what a simulated host's journal repeats.
type saying struct {
	unit, from string
	priority   int
	text       string
}

var sayings = []saying{
	{"ssh.service", "sshd", 6, "Accepted publickey for root from 10.20.0.9 port 50122 ssh2: ED25519 SHA256:9Jk0c1oVqk"},
	{"cron.service", "CRON", 6, "(root) CMD (test -x /usr/sbin/anacron || run-parts --report /etc/cron.hourly)"},
	{"libvirtd.service", "libvirtd", 4, "Domain id=3 name='backup1' is tainted: host-cpu"},
	{"chrony.service", "chronyd", 6, "Selected source 162.159.200.1 (2.debian.pool.ntp.org)"},
	{"", "kernel", 6, "br0: port 4(vnet7) entered forwarding state"},
	{"systemd-logind.service", "systemd-logind", 6, "New session 218 of user root."},
	{"libvirtd.service", "libvirtd", 6, "dnsmasq-dhcp: DHCPACK(virbr0) 192.168.122.71 52:54:00:5e:10:9c"},
	{"smartd.service", "smartd", 5, "Device: /dev/sda [SAT], SMART Usage Attribute: 194 Temperature_Celsius changed from 69 to 68"},
	{"unattended-upgrades.service", "unattended-upgrade", 6, "No packages found that can be upgraded unattended"},
	{"", "kernel", 4, "perf: interrupt took too long (2512 > 2500), lowering kernel.perf_event_max_sample_rate"},
	{"multipathd.service", "multipathd", 3, "sdc: path offline"},
	{"ssh.service", "sshd", 6, "Disconnected from user root 10.20.0.9 port 50122"},
}

// between is how often a simulated host writes to its journal.
const between = 37 * time.Second

// journalctl answers --output=json with --reverse or --after-cursor, --lines,
// --unit, --priority=0..N, --since and --until.
func (h *Host) journalctl(args []string) host.Output {
	flags := map[string]string{}
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		flags[name] = value
	}
	lines, err := strconv.Atoi(flags["--lines"])
	if err != nil {
		lines = 1000
	}
	last := int(h.fleet.now().Sub(h.booted) / between)
	i, step := last, -1
	if after, ok := flags["--after-cursor"]; ok {
		n, err := strconv.ParseInt(strings.TrimPrefix(after, "s=5;i="), 16, 64)
		if err != nil {
			return failed(1, "Failed to seek to cursor: Invalid argument")
		}
		i, step = int(n)+1, 1
	}
	var out []byte
	for ; lines > 0 && i >= 0 && i <= last; i += step {
		s, at := sayings[i*7%len(sayings)], h.booted.Add(time.Duration(i)*between)
		if !said(s, at, flags) {
			continue
		}
		out = append(out, jsonLine(map[string]string{
			"__CURSOR": fmt.Sprintf("s=5;i=%x", i), "__REALTIME_TIMESTAMP": strconv.FormatInt(at.UnixMicro(), 10), "PRIORITY": strconv.Itoa(s.priority),
			"_SYSTEMD_UNIT": s.unit, "SYSLOG_IDENTIFIER": s.from, "_PID": strconv.Itoa(600 + i*131%9000), "MESSAGE": s.text,
		}).Out...)
		lines--
	}
	return host.Output{Out: out}
}

// said tells whether a filter lets an entry through.
func said(s saying, at time.Time, flags map[string]string) bool {
	if unit := flags["--unit"]; unit != "" && unit != s.unit {
		return false
	}
	if most, err := strconv.Atoi(strings.TrimPrefix(flags["--priority"], "0..")); err == nil && s.priority > most {
		return false
	}
	if since, err := strconv.ParseInt(strings.TrimPrefix(flags["--since"], "@"), 10, 64); err == nil && at.Unix() < since {
		return false
	}
	until, err := strconv.ParseInt(strings.TrimPrefix(flags["--until"], "@"), 10, 64)
	return err != nil || at.Unix() <= until
}
