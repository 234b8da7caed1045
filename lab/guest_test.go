//go:build linux

package lab_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/guest"
	"github.com/limiquantix/limiquantix/lab/labtest"
)

const guestXML = `<domain type='qemu'><name>tiny</name><memory unit='MiB'>256</memory>
<os><type arch='x86_64' machine='q35'>hvm</type><kernel>/var/lib/libvirt/images/kernel</kernel>
<initrd>/var/lib/libvirt/images/initrd</initrd><cmdline>%s</cmdline></os><features><acpi/></features>
<devices><interface type='network'><source network='default'/><model type='virtio'/><rom enabled='no'/></interface>
<serial type='file'><source path='/var/log/libvirt/qemu/tiny.serial'/></serial>
<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng></devices></domain>`

func TestGuestGetsAnAddressAndIsReachedThroughItsHost(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	files, err := guest.Tiny(ctx, guest.Options{Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	l := labtest.Up(t, lab.Options{Hosts: 1})
	images := host(t, l, "kvm1").Images
	for name, path := range map[string]string{"kernel": files.Kernel, "initrd": files.Initrd} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(images, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	xml := fmt.Sprintf(guestXML, files.Cmdline)
	if err := os.WriteFile(filepath.Join(images, "tiny.xml"), []byte(xml), 0o644); err != nil {
		t.Fatal(err)
	}
	in(t, l, "kvm1", "virsh", "create", "/var/lib/libvirt/images/tiny.xml")
	var address string
	deadline := time.Now().Add(3 * time.Minute)
	for address == "" {
		leases := in(t, l, "kvm1", "virsh", "net-dhcp-leases", "default")
		address = regexp.MustCompile(`192\.168\.122\.\d+`).FindString(leases)
		if time.Now().After(deadline) {
			t.Fatalf("no lease; the guest's console:\n%s", in(t, l, "kvm1", "tail", "-c", "2000", "/var/log/libvirt/qemu/tiny.serial"))
		}
		time.Sleep(200 * time.Millisecond)
	}
	eventually(t, func() error {
		out, err := l.Exec(ctx, "kvm1", "timeout", "3", "bash", "-c", "exec 3<>/dev/tcp/"+address+"/22; head -n1 <&3")
		if err == nil && !strings.HasPrefix(string(out), "SSH-2.0-") {
			err = errors.New("the guest's sshd says " + string(out))
		}
		return err
	})
	// From the machine, as ssh -J does it. dropbear ends the session for want
	// of a client; its banner is what counts.
	out, _ := ssh(t, l, "-W", address+":22", "kvm1")
	if !strings.HasPrefix(out, "SSH-2.0-") {
		t.Errorf("through the host the guest says %q", out)
	}
}
