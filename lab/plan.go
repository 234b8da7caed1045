//go:build linux

package lab

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab/inside"
)

func (h *host) plan() inside.Plan {
	id := hostUUID(h.lab.Options.Name, h.Name)
	p := inside.Plan{
		Lab: h.lab.Options.Name, Name: h.Name, Address: h.inside() + "/24", Gateway: fabricPrefix + "1",
		System: filepath.Join(h.lab.systemDir(), h.Name), Disk: h.disk.dir(), Shared: h.lab.sharedDir(),
		Users: h.Users, AuthorizedKey: h.lab.authorizedKey,
		Files: map[string]string{
			"/etc/machine-id":            strings.ReplaceAll(id, "-", "") + "\n",
			"/etc/hostname":              h.Name + "\n",
			"/etc/hosts":                 hostsFile([]*host{h}),
			"/etc/resolv.conf":           "",
			"/etc/fstab":                 "",
			"/etc/ssh/sshd_config":       sshdConfig(h.HostOptions),
			"/etc/libvirt/libvirtd.conf": libvirtdConf(id),
			// Without AppArmor or SELinux in the host QEMU would not start.
			"/etc/libvirt/qemu.conf":                 "security_driver = \"none\"\n",
			"/etc/libvirt/qemu/networks/default.xml": defaultNetwork(h.lab.Options.Name, h.Name),
			"/etc/libvirt/storage/default.xml":       directoryPool("default", "/var/lib/libvirt/images", h),
		},
		Links: map[string]string{
			"/etc/libvirt/qemu/networks/autostart/default.xml": "/etc/libvirt/qemu/networks/default.xml",
			"/etc/libvirt/storage/autostart/default.xml":       "/etc/libvirt/storage/default.xml",
		},
	}
	for name, key := range h.keys.private {
		p.Files["/etc/ssh/"+name] = key
	}
	if p.Shared != "" {
		p.Files["/etc/libvirt/storage/shared.xml"] = directoryPool("shared", "/srv/shared", h)
		p.Links["/etc/libvirt/storage/autostart/shared.xml"] = "/etc/libvirt/storage/shared.xml"
	}
	return p
}

// hostUUID gives the same name in the same lab the same UUID each time, so that
// a host made anew is the same host to who has seen it before.
func hostUUID(words ...string) string {
	sum := sha256.Sum256([]byte("limiquantix-lab/" + strings.Join(words, "/")))
	b := [16]byte(sum[:16])
	b[6], b[8] = b[6]&0x0f|0x50, b[8]&0x3f|0x80
	return core.FormatUUID(b)
}

func hostsFile(hosts []*host) string {
	var b strings.Builder
	b.WriteString("127.0.0.1 localhost\n::1 localhost\n")
	for _, h := range hosts {
		fmt.Fprintf(&b, "%s %s\n", h.inside(), h.Name)
	}
	return b.String()
}

// sshdConfig is Debian's, but for PAM: there is no systemd-logind for it to ask.
func sshdConfig(h HostOptions) string {
	lines := append([]string{}, h.SSHD...)
	lines = append(lines, "PermitRootLogin prohibit-password", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
		"UsePAM no", "PrintMotd no", "AcceptEnv LANG LC_*", "PidFile /run/sshd.pid",
		"Subsystem sftp /usr/lib/openssh/sftp-server")
	for _, t := range h.HostKeyTypes {
		lines = append(lines, "HostKey /etc/ssh/ssh_host_"+t+"_key")
	}
	return strings.Join(lines, "\n") + "\n"
}

// libvirtdConf replaces polkit by the group libvirt, and DMI, which all hosts
// share, by a UUID: libvirt refuses to migrate between hosts of one UUID.
func libvirtdConf(uuid string) string {
	return `host_uuid = "` + uuid + `"
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "libvirt"
unix_sock_ro_perms = "0777"
unix_sock_rw_perms = "0770"
`
}

// defaultNetwork is the one that Debian's libvirt-daemon-config-network brings.
// Its subnet is the same in all hosts, as it is in life: each is behind its
// host's own address translation.
func defaultNetwork(lab, host string) string {
	id := hostUUID(lab, host, "network")
	return `<network>
  <name>default</name>
  <uuid>` + id + `</uuid>
  <forward mode='nat'/>
  <bridge name='virbr0' stp='on' delay='0'/>
  <mac address='52:54:00:` + id[0:2] + `:` + id[2:4] + `:` + id[4:6] + `'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.2' end='192.168.122.254'/>
    </dhcp>
  </ip>
</network>
`
}

func directoryPool(name, path string, h *host) string {
	return `<pool type='dir'>
  <name>` + name + `</name>
  <uuid>` + hostUUID(h.lab.Options.Name, h.Name, "pool", name) + `</uuid>
  <source/>
  <target>
    <path>` + path + `</path>
  </target>
</pool>
`
}
