package ready

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestCommandsByDistribution compares the commands for hosts that lack more or
// less with what was looked at and found right.
func TestCommandsByDistribution(t *testing.T) {
	debianRoot := state{Family: debian, Arch: "x86_64", User: "root", Rights: "root", Systemd: true}
	arm, plain, user, ready := debianRoot, debianRoot, debianRoot, debianRoot
	arm.Arch = "aarch64"
	plain.Systemd = false
	user.User, user.Rights = "ops", "sudo"
	ready.Libvirt = true
	ready.Have = []string{"tool/libvirtd", "tool/virsh", "tool/qemu-system-x86_64", "tool/qemu-img", "tool/nft", "tool/dnsmasq", "tool/ip", "firmware/uefi", "network/default", "pool/default"}
	some := ready
	some.Have = slices.DeleteFunc(slices.Clone(ready.Have), func(h string) bool { return h == "tool/nft" || h == "pool/default" })
	redhat := user
	redhat.Family = fedora
	for name, s := range map[string]state{
		"debian": debianRoot, "debian-arm": arm, "debian-plain": plain, "debian-sudo": user, "debian-some": some, "debian-ready": ready, "fedora-sudo": redhat,
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, a := range s.acts() {
				fmt.Fprintf(&b, "%s (%s)\n  %s\n", a.Text, a.Kind, s.line(a.Argv))
				if a.Unless != nil {
					fmt.Fprintf(&b, "  unless: %s\n", s.line(a.Unless))
				}
				if a.Undo != nil {
					fmt.Fprintf(&b, "  undo: %s\n", s.line(a.Undo))
				}
			}
			golden(t, filepath.Join("testdata", name+".txt"), b.String())
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

func TestFamilies(t *testing.T) {
	for text, want := range map[string]family{
		"ID=debian": debian, "ID=ubuntu\nID_LIKE=debian": debian, "ID=linuxmint\nID_LIKE=\"ubuntu debian\"": debian,
		"ID=fedora": fedora, "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"": fedora, "ID=\"rhel\"": fedora, "ID=arch": "", "": "",
	} {
		if got := parse(text).Family; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestOnlyNewPackagesAreOurs: what is renewed was there before us and stays.
func TestOnlyNewPackagesAreOurs(t *testing.T) {
	text := "Reading package lists...\nInst libc6 [2.36-9] (2.36-10 Debian:12 [amd64])\nInst qemu-utils (1:7.2+dfsg-7 Debian:12 [amd64])\n" +
		"Inst libaio1:i386 (0.3 Debian [i386])\nInst -evil (1)\nInst a;b (1)\nConf qemu-utils (1:7.2 Debian)\nInst\n"
	if got, want := brought(text), []string{"qemu-utils", "libaio1:i386"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzParse: whatever a host says, what becomes part of a command or names a
// row is well formed.
func FuzzParse(f *testing.F) {
	f.Add("ID=debian\nmachine=00112233445566778899aabbccddeeff\nuser=ops\nhave=group/libvirt\nfree=1024\nvms=3\nlibvirt=yes")
	f.Add("user=-rf\nuser=a;b\nmachine=../..\nfree=-1\nvms=99999999999999999999\nPRETTY_NAME=\x1b[2J")
	f.Fuzz(func(t *testing.T, text string) {
		s := parse(text)
		if s.User != "" && !userName.MatchString(s.User) || s.Machine != "" && !machineID.MatchString(s.Machine) || s.VMs < 0 || s.Free < 0 {
			t.Fatalf("%q gave %+v", text, s)
		}
		for _, a := range s.acts() {
			if _, err := core.Quote(a.Argv...); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestLedgerKeepsWhatEarlierAttemptsInstalled(t *testing.T) {
	ctx := t.Context()
	db, err := store.Open(ctx, t.TempDir(), Migrations...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	l := ledger{db}
	for _, tr := range []trace{
		{act: actPackages, kind: "package", text: "p", undo: []string{"rm"}, items: []string{"b", "a"}},
		{act: actGroup, kind: "group", text: "g", undo: []string{"gpasswd"}},
		{act: actPackages, kind: "package", text: "p", undo: []string{"rm"}, items: []string{"c", "b"}},
	} {
		if err := l.write(ctx, "m1", tr); err != nil {
			t.Fatal(err)
		}
	}
	all, err := l.list(ctx, "m1")
	if err != nil || len(all) != 2 {
		t.Fatalf("got %+v, %v", all, err)
	}
	if got, want := all[0].removal(), []string{"rm", "a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if other, _ := l.list(ctx, "m2"); len(other) != 0 {
		t.Errorf("another machine has %+v", other)
	}
	if err := l.strike(ctx, "m1", actPackages); err != nil {
		t.Fatal(err)
	}
	if _, there, err := l.find(ctx, "m1", actPackages); there || err != nil {
		t.Errorf("still there, or %v", err)
	}
}
