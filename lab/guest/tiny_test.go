//go:build linux

package guest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab/guest"
)

// A boot takes seconds on an idle machine; the limit is for a busy one.
const tinyLimit = 2 * time.Minute

func tiny(t *testing.T) guest.TinyFiles {
	t.Helper()
	files, err := guest.Tiny(t.Context(), guest.Options{Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func userData(public string) string {
	return fmt.Sprintf("#cloud-config\nusers:\n    - name: ops\n      sudo: ALL=(ALL) NOPASSWD:ALL\n      ssh_authorized_keys:\n        - %s\n", public)
}

func TestTinyDirectKernelStaticAddress(t *testing.T) {
	t.Parallel()
	files := tiny(t)
	keyFile, public := newKey(t)
	iso := seedISO(t, seedFiles{
		userData: userData(public),
		metaData: "instance-id: i-1\nlocal-hostname: web1\n",
		network: "version: 2\nethernets:\n    nic0:\n        match:\n            macaddress: \"52:54:00:12:34:56\"\n" +
			"        addresses:\n            - 10.0.2.77/24\n        routes:\n            - to: default\n              via: 10.0.2.2\n",
	})
	m := boot(t, keyFile, "-kernel", files.Kernel, "-initrd", files.Initrd, "-append", files.Cmdline,
		"-drive", "file="+iso+",format=raw,if=virtio,readonly=on")
	m.waitSerial(guest.ReadyLine, tinyLimit)
	m.waitSerial(guest.SeedLine+" /dev/vda web1", tinyLimit)
	m.waitSerial(guest.NetLine+" eth0 10.0.2.77/24", tinyLimit)

	fmt.Fprintln(m.stdin, "ip route | grep default; echo $((6*7))-is-the-answer")
	m.waitSerial("42-is-the-answer", tinyLimit)
	if got, want := m.console(), "default via 10.0.2.2 dev eth0"; !strings.Contains(got, want) {
		t.Errorf("no %q on the console", want)
	}
	m.waitPing(tinyLimit)
	m.shutdown(tinyLimit)
}

func TestTinyDiskWithSCSISeedAndDHCP(t *testing.T) {
	t.Parallel()
	files := tiny(t)
	keyFile, public := newKey(t)
	iso := seedISO(t, seedFiles{
		userData: userData(public),
		metaData: "instance-id: i-2\nlocal-hostname: web2\n",
		network:  "version: 2\nethernets:\n  eth0: { match: { name: \"e*\" }, dhcp4: true }\n",
	})
	m := boot(t, keyFile, "-drive", "file="+overlay(t, files.Disk, "1G")+",format=qcow2,if=virtio",
		"-device", "virtio-scsi-pci", "-drive", "file="+iso+",format=raw,if=none,id=cd,readonly=on", "-device", "scsi-cd,drive=cd")
	m.waitSerial(guest.ReadyLine, tinyLimit)
	m.waitSSH("ops", "id -un; hostname", "ops\nweb2", tinyLimit)
	m.waitSSH("root", "id -u", "0", tinyLimit)
	m.waitPing(tinyLimit)
	m.shutdown(tinyLimit)
}

func TestTinyTakesALateSeed(t *testing.T) {
	t.Parallel()
	files := tiny(t)
	keyFile, public := newKey(t)
	iso := seedISO(t, seedFiles{userData: userData(public), metaData: "instance-id: i-3\nlocal-hostname: web3\n"})
	m := boot(t, keyFile, "-kernel", files.Kernel, "-initrd", files.Initrd, "-append", files.Cmdline, "-device", "virtio-scsi-pci,id=scsi")
	m.waitSerial(guest.ReadyLine, tinyLimit)
	if strings.Contains(m.console(), guest.SeedLine) {
		t.Fatal("a seed out of nowhere")
	}
	m.qmp(
		fmt.Sprintf(`{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"cd","read-only":true,"file":{"driver":"file","filename":%q}}}`, iso),
		`{"execute":"device_add","arguments":{"driver":"scsi-cd","bus":"scsi.0","drive":"cd","id":"cd0"}}`)
	m.waitSerial(guest.SeedLine, tinyLimit)
	m.waitSSH("ops", "hostname", "web3", tinyLimit)
}
