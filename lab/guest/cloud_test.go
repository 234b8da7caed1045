//go:build linux

package guest_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab/guest"
)

// About 40 s on an idle machine with 2 cores.
const cloudLimit = 6 * time.Minute

func cloud(t *testing.T) string {
	t.Helper()
	image, err := guest.Cloud(t.Context(), guest.Options{Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func cloudSeed(t *testing.T, public, name string) string {
	t.Helper()
	return seedISO(t, seedFiles{
		userData: userData(public) + "runcmd:\n    - [touch, /run/ran]\n",
		metaData: fmt.Sprintf("instance-id: i-%s\nlocal-hostname: %s\n", name, name),
		network:  "version: 2\nethernets:\n    nic0:\n        match:\n            macaddress: \"52:54:00:12:34:56\"\n        dhcp4: true\n",
	})
}

// checkCloud wants a Debian with all that cloud-init was told.
func checkCloud(t *testing.T, m *machine, name string) {
	t.Helper()
	m.waitSSH("ops", "hostname", name, cloudLimit)
	began, uptime := time.Now(), guestUptime(t, m)
	m.waitSSH("ops", "cloud-init status --wait | tail -n1; sudo -n id -u; ls /run/ran", "status: done\n0\n/run/ran", cloudLimit)
	m.waitSSH("ops", "ls /etc/ssh/ssh_host_*_key", "/etc/ssh/ssh_host_ed25519_key", cloudLimit)
	m.waitSSH("ops", `test "$(df --output=size -BM / | tail -n1 | tr -dc 0-9)" -gt 3500 && echo grown`, "grown", cloudLimit)
	m.waitPing(cloudLimit)
	raw, err := m.agent(`{"execute":"guest-get-osinfo"}`)
	if err != nil {
		t.Fatal(err)
	}
	var os struct{ ID string }
	if err := json.Unmarshal(raw, &os); err != nil || os.ID != "debian" {
		t.Errorf("the agent says %s, %v; want Debian", raw, err)
	}
	if blame, err := m.ssh("ops", "systemd-analyze; systemd-analyze blame | head -n 8; systemctl --failed --no-legend"); err == nil {
		t.Logf("%s", blame)
	}
	// A TSC that was calibrated wrongly makes a clock that is off by a factor.
	real, seen := time.Since(began), guestUptime(t, m)-uptime
	if real > 10*time.Second && (seen > 2*real || seen < real/2) {
		t.Errorf("the guest's clock counted %s in %s", seen, real)
	}
	m.shutdown(cloudLimit)
}

func TestCloudBootsByBIOSWithSCSISeed(t *testing.T) {
	t.Parallel()
	image := cloud(t)
	keyFile, public := newKey(t)
	m := boot(t, keyFile, "-m", "1024", "-smp", "2",
		"-drive", "file="+overlay(t, image, "4G")+",format=qcow2,if=virtio", "-device", "virtio-scsi-pci",
		"-drive", "file="+cloudSeed(t, public, "bios")+",format=raw,if=none,id=cd,readonly=on", "-device", "scsi-cd,drive=cd")
	checkCloud(t, m, "bios")
}

func TestCloudBootsBySecureUEFIWithBlockSeed(t *testing.T) {
	t.Parallel()
	image := cloud(t)
	keyFile, public := newKey(t)
	// Microsoft's keys are enrolled in these variables: shim, GRUB and the
	// kernel must all be signed.
	vars := writable(t, "/usr/share/OVMF/OVMF_VARS_4M.ms.fd")
	m := boot(t, keyFile, "-machine", "smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on", "-m", "1024", "-smp", "2",
		"-drive", "file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd,format=raw,if=pflash,readonly=on",
		"-drive", "file="+vars+",format=raw,if=pflash",
		"-drive", "file="+overlay(t, image, "4G")+",format=qcow2,if=virtio",
		"-drive", "file="+cloudSeed(t, public, "uefi")+",format=raw,if=virtio,readonly=on")
	m.waitSSH("ops", "od -An -tu1 -j4 /sys/firmware/efi/efivars/SecureBoot-* | tr -d ' '", "1", cloudLimit)
	checkCloud(t, m, "uefi")
}

func guestUptime(t *testing.T, m *machine) time.Duration {
	t.Helper()
	out, err := m.ssh("ops", "cut -d' ' -f1 /proc/uptime")
	if err != nil {
		t.Fatal(err)
	}
	d, err := time.ParseDuration(out + "s")
	if err != nil {
		t.Fatal(err)
	}
	return d
}
