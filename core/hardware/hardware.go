// Package hardware reads what a host consists of out of what its own tools say:
// one script that only reads, and the parsers of what it prints.
package hardware

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// How much is read. A tool prints a megabyte or two on a host with a thousand
// interfaces; all that the script runs stay below MaxOutput.
const (
	toolOutput = 4 << 20 // bytes, as in [Script]
	fileOutput = 256 << 10
	MaxOutput  = 24 * core.MiB // of the script, all in all
)

// Script is what is to be run on a host, by sh -c, for [Read]. It
// only reads. What each tool prints stands between "@@ NAME" and "@@ end STATUS".
// One that waits for a dead NFS server or disk is ended (status 124; 137
// when it took no notice of the first signal), and one that prints without end
// is cut off, so that it costs its own part only. The status comes by descriptor
// 3, past the pipe: not every shell has pipefail. What a tool leaves running
// holds that pipe, so head has its time, too.
const Script = `PATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export PATH LC_ALL; ` +
	`command -v timeout >/dev/null || timeout() { shift 3; "$@"; }; ` +
	`cut() { timeout -k 1 15 head -c $1; }; ` +
	`run() { echo "@@ $1"; most=$2; shift 2; ` +
	`{ r=$({ { timeout -k 2 10 "$@" 2>/dev/null </dev/null 3>&- 4>&-; echo $? >&3; } | cut $most 3>&- >&4; } 3>&1); } 4>&1; echo; echo "@@ end $r"; }; ` +
	`few=262144; many=4194304; ` +
	`run os $few cat /etc/os-release; run kernel $few uname -r; run uptime $few cat /proc/uptime; run load $few cat /proc/loadavg; ` +
	`run machine $few cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name; ` +
	`echo "@@ numa"; for d in /sys/devices/system/node/node[0-9]*; do [ -e "$d" ] && echo "${d##*/} $(cat "$d/cpulist") $(grep MemTotal "$d/meminfo")"; done | cut $few; echo "@@ end 0"; ` +
	`echo "@@ speed"; for d in /sys/class/net/*; do echo "${d##*/} $(cat "$d/speed" 2>/dev/null)"; done | cut $few; echo "@@ end 0"; ` +
	`run disks $many lsblk -J -b -e 1,7,11 -o NAME,MODEL,SIZE,TRAN,ROTA,TYPE,FSTYPE,MOUNTPOINT; ` +
	`run filesystems $many findmnt -J -b -D -o TARGET,SOURCE,FSTYPE,SIZE,USED; ` +
	`run nics $many ip -j -d address; ` +
	`run nicdrivers $few sh -c 'ls -ld /sys/class/net/*/device /sys/class/net/*/device/driver; true'; ` +
	`run pci $many sh -c 'cd /sys/bus/pci/devices || exit 0; grep -sH . */vendor */device */class */numa_node */sriov_numvfs */sriov_totalvfs; ls -ld */driver */iommu_group */physfn; true'; ` +
	`run pcinames $few lspci -Dmm; ` +
	`run sensors $few sh -c 'cd /sys/class/hwmon || exit 0; grep -sH . */name */temp*_[ilmca]* */fan*_[ilma]* */in*_[ilmca]* */curr*_[ilmca]* */power*_[ilmca]*; true'; ` +
	`s=; [ "$(id -u)" = 0 ] || s="sudo -n"; n=0; for d in /sys/block/sd* /sys/block/nvme* /sys/block/hd*; do [ -e "$d" ] && [ $n -lt 48 ] || continue; n=$((n+1)); ` +
	`run "smart ${d##*/}" $few $s smartctl --json=c -n standby -i -H -A "/dev/${d##*/}"; done`

// section is what one tool printed.
type section struct {
	text   []byte
	status int // the tool's; negative: the output ends before the tool did
}

// sections takes apart what [Script] prints. Of two with one name the
// first counts.
func sections(out []byte) map[string]section {
	all := map[string]section{}
	name, begin := "", 0
	for at := 0; at < len(out); {
		end := at + bytes.IndexByte(out[at:], '\n')
		if end < at {
			end = len(out)
		}
		mark, is := strings.CutPrefix(string(out[at:min(end, at+40)]), "@@ ")
		status, ends := strings.CutPrefix(mark, "end ")
		switch {
		case is && ends && name != "":
			n, err := strconv.Atoi(status)
			if err != nil || n < 0 {
				n = 1
			}
			keepFirst(all, name, section{out[begin:at], n})
			name = ""
		case is && name == "":
			name, begin = mark, min(end+1, len(out))
		}
		at = end + 1
	}
	if name != "" {
		keepFirst(all, name, section{out[begin:], -1})
	}
	return all
}

func keepFirst(all map[string]section, name string, s section) {
	if _, there := all[name]; !there {
		all[name] = s
	}
}

// reading gathers what could be read, and why the rest could not.
type reading struct {
	*apiv1.GetHostHardwareResponse
	from map[string]section
}

// take lets parse read one section. what and tool name it in the sentence that
// tells of a failure; "": it is no loss.
func (r reading) take(name, what, tool string, parse func(text []byte) error) {
	s, there := r.from[name]
	var why string
	switch {
	case !there || s.status < 0:
		why = "the host's answer is cut off"
	case len(s.text) == fileOutput+1 || len(s.text) == toolOutput+1: // and the line feed that the script adds
		why = fmt.Sprintf("%s prints too much", tool)
	case s.status == 127 || s.status == 126:
		why = fmt.Sprintf("%s is not installed on the host", tool)
	case s.status == 124 || s.status == 137:
		why = fmt.Sprintf("%s did not answer within 10 seconds", tool)
	case s.status != 0:
		why = fmt.Sprintf("%s failed with status %d", tool, s.status)
	default:
		if err := parse(s.text); err != nil {
			why = fmt.Sprintf("what %s says is not understood", tool)
		}
	}
	if why != "" && what != "" {
		r.Problems = append(r.Problems, fmt.Sprintf("%s cannot be read: %s", what, why))
	}
}

// Read reads what [Script] printed, at a time.
func Read(out []byte, now time.Time) *apiv1.GetHostHardwareResponse {
	r := reading{&apiv1.GetHostHardwareResponse{}, sections(out)}
	r.take("os", "The operating system", "cat", func(text []byte) error { r.Os = osName(text); return nil })
	r.take("kernel", "The kernel's version", "uname", func(text []byte) error { r.Kernel = oneLine(text, 100); return nil })
	r.take("machine", "", "", func(text []byte) error { r.Machine = machineName(text); return nil })
	r.take("uptime", "The time of boot", "cat", func(text []byte) error {
		up, err := numbers(text, 1)
		if err == nil {
			r.Booted = timestamppb.New(now.Add(-time.Duration(up[0] * float64(time.Second))))
		}
		return err
	})
	r.take("load", "The load", "cat", func(text []byte) (err error) { r.Load, err = numbers(text, 3); return err })
	r.take("numa", "The NUMA nodes", "the kernel", func(text []byte) error { r.Numa = numaNodes(text); return nil })
	r.take("disks", "Disks", "lsblk", func(text []byte) (err error) { r.Disks, err = disks(text); return err })
	r.take("filesystems", "File systems", "findmnt", func(text []byte) (err error) { r.Filesystems, err = filesystems(text); return err })
	r.take("nics", "Network interfaces", "ip", func(text []byte) (err error) { r.Nics, err = nics(text, speeds(r.from["speed"].text)); return err })
	r.more()
	return r.GetHostHardwareResponse
}

// more reads what not every host has, or tells.
func (r reading) more() {
	has := func(name string) bool { _, there := r.from[name]; return there }
	drivers(r.Nics, r.from["nicdrivers"].text)
	if has("pci") {
		r.take("pci", "PCI devices", "the kernel", func(text []byte) error { r.Pci = pciDevices(text, pciNames(r.from["pcinames"].text)); return nil })
	}
	if has("sensors") {
		r.take("sensors", "Sensors", "the kernel", func(text []byte) error { r.Sensors = sensors(text); return nil })
	}
	for _, d := range r.Disks {
		if has("smart " + d.Name) {
			d.Health = diskHealth(r.from["smart "+d.Name])
		}
	}
}
