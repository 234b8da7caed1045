package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core/xmledit"
)

// sample returns a VM's XML as libvirt 9.0 printed it: testdata/rich-stored.xml
// and, of the same VM right after its start, testdata/rich-live.xml.
func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// changes are edits of the stored XML, as old and new text, with what they are
// to a VM that runs with the unedited one.
var changes = map[string]struct {
	old, new string
	pending  bool
}{
	"nothing":           {"", "", false},
	"title":             {"<title>Rich", "<title>Poor", false},
	"metadata":          {"debian/12", "debian/13", false},
	"a balloon":         {"<currentMemory unit='KiB'>98304", "<currentMemory unit='KiB'>65536", false},
	"a port":            {"port='-1'", "port='5999'", false},
	"a limit":           {"<total_iops_sec>1000", "<total_iops_sec>2000", false},
	"memory":            {"<memory unit='KiB'>131072", "<memory unit='KiB'>131076", true},
	"memory by a unit":  {"<memory unit='KiB'>131072", "<memory unit='MiB'>128", false},
	"all CPUs":          {" current='1'>2</vcpu>", ">2</vcpu>", true},
	"CPU model":         {">qemu64</model>", ">kvm64</model>", true},
	"topology":          {"cores='2' threads='1'", "cores='1' threads='2'", true},
	"boot order":        {"<boot dev='hd'/>", "<boot dev='cdrom'/>", true},
	"machine":           {"machine='pc-q35-7.2'", "machine='pc-q35-6.2'", true},
	"a disk's file":     {"rich.qcow2", "poor.qcow2", true},
	"a disk's cache":    {"cache='none'", "cache='writeback'", true},
	"a medium":          {"<target dev='sda' bus='sata'/>", "<source file='/cd.iso'/><target dev='sda' bus='sata'/>", true},
	"a network":         {"<source network='default'/>", "<source network='lan'/>", true},
	"a card's model":    {"<model type='virtio'/>", "<model type='e1000e'/>", true},
	"a MAC address":     {"52:54:00:aa:bb:0c", "52:54:00:aa:bb:0d", true},
	"a device is new":   {"<sound model", "<sound model='ac97'/><sound model", true},
	"a device is gone":  {"<rng model='virtio'>", "<ignored>", true},
	"a crash action":    {"<on_crash>destroy", "<on_crash>preserve", true},
	"what nobody knows": {"value='1'", "value='2'", true},
}

func TestPending(t *testing.T) {
	stored, live := sample(t, "rich-stored"), sample(t, "rich-live")
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(stored, test.old) {
				t.Fatalf("%s is not in the sample", test.old)
			}
			edited := strings.Replace(stored, test.old, test.new, 1)
			if strings.Contains(test.new, "ignored") {
				edited = strings.Replace(edited, "</rng>", "</ignored>", 1)
				doc := parse(t, edited)
				doc.Root().Find("devices/ignored").Remove()
				edited = doc.String()
			}
			if got := Pending(edited, live); got != test.pending {
				t.Errorf("pending: %t, want %t", got, test.pending)
			}
		})
	}
	for name, xml := range map[string]string{"no XML": "<domain", "nothing": ""} {
		if Pending(xml, live) || Pending(stored, xml) {
			t.Errorf("%s: there is nothing to say", name)
		}
	}
}

func TestMadeKnowsItsOwn(t *testing.T) {
	before := sample(t, "rich-stored")
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(before) }
	wanted := edit("<memory unit='KiB'>131072", "<memory unit='MiB'>160", "<on_crash>destroy", "<on_crash>restart",
		"52:54:00:aa:bb:0c", "52:54:00:AA:BB:0D", "<sound model='ich9'>", "<sound model='ac97'><!-- a sound --><codec type='MICRO'/>")
	made := edit("<memory unit='KiB'>131072", "<memory unit='KiB'>163840", "<on_crash>destroy", "<on_crash>restart",
		"52:54:00:aa:bb:0c", "52:54:00:aa:bb:0d", "<sound model='ich9'>", "<sound model='ac97'><codec type='micro'/>")
	for name, test := range map[string]struct {
		now  string
		want bool
	}{
		"what libvirt made of it": {made, true},
		"itself":                  {wanted, true},
		"what was before":         {before, false},
		"another's change":        {edit("<title>Rich", "<title>Poor"), false},
		"ours and another's":      {strings.Replace(made, "<title>Rich", "<title>Poor", 1), false},
		"a part of it":            {strings.Replace(made, "<on_crash>restart", "<on_crash>destroy", 1), false},
		"no XML":                  {"<domain", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Made(before, wanted, test.now); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
	// What was only taken away must be gone.
	doc := parse(t, before)
	doc.Root().Find("devices/rng").Remove()
	if less := doc.String(); Made(before, less, strings.Replace(before, "<title>Rich", "<title>Poor", 1)) || !Made(before, less, less) {
		t.Error("a device that was taken away")
	}
}

func TestDescribe(t *testing.T) {
	got, err := Describe(sample(t, "rich-live"), sample(t, "rich-stored"))
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, d := range got.Devices {
		text[d.Kind] = d.Text // the last of each kind
	}
	want := map[string]string{
		"controller": "virtio-serial 0", "serial": "pty: isa-serial", "console": "pty: serial", "channel": "qemu-vdagent: com.redhat.spice.0",
		"input": "keyboard, ps2", "graphics": "vnc, 127.0.0.1:5900", "sound": "ich9", "audio": "none", "video": "qxl, 64 MiB", "watchdog": "i6300esb: reset",
		"memballoon": "virtio", "rng": "virtio, /dev/urandom", "panic": "isa",
	}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
	got.Devices = nil
	if diff := cmp.Diff(Facts{
		Title: "Rich", Description: "Two\nlines", Hypervisor: "qemu", Arch: "x86_64", Machine: "pc-q35-7.2", CPU: "custom: qemu64",
		OS: "http://debian.org/debian/12", Graphics: "vnc", Serial: true,
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const others = `<domain type='kvm'><os firmware='efi'/><devices>
		<hostdev type='pci'><source><address domain='0x0000' bus='0x0a' slot='0x1f' function='0x3'/></source></hostdev>
		<hostdev type='usb'><source><vendor id='0x1234'/><product id='0xbeef'/></source></hostdev>
		<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>
		<filesystem type='mount'><source dir='/srv'/><target dir='share'/></filesystem>
		<memory model='dimm'><target><size unit='MiB'>512</size></target></memory>
		<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
	</devices></domain>`
	if got, err = Describe(others, others); err != nil || !got.UEFI || !got.Agent || got.Serial || got.Graphics != "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	for i, want := range []string{"pci: 0000:0a:1f.3", "usb: 1234:beef", "tpm-crb, emulator 2.0", "share: /srv", "dimm, 512 MiB"} {
		if got.Devices[i].Text != want {
			t.Errorf("%s is %q, want %q", got.Devices[i].Kind, got.Devices[i].Text, want)
		}
	}
}

// TestHostileSizeIsNoWork: a host that sends as much as it may costs no minutes.
func TestHostileSizeIsNoWork(t *testing.T) {
	many := "<domain><devices>" + strings.Repeat("<a/>", 45_000) + strings.Repeat("<b/>", 45_000) + "</devices></domain>"
	other := "<domain><devices>" + strings.Repeat("<a x='1'/>", 45_000) + "</devices></domain>"
	Pending(many, many)
	Pending(other, many)
	Made(many, other, many)
	if _, err := Describe(many, many); err != nil {
		t.Error(err)
	}
}

// FuzzConfig: nothing that a host sends as XML makes a reader panic, a VM has
// no changes pending against itself, and its passwords survive an edit.
func FuzzConfig(f *testing.F) {
	f.Add(sample(f, "rich-stored"))
	f.Add(sample(f, "rich-live"))
	f.Add("<domain><vcpu current='x'>-1</vcpu><memory unit='zz'>9</memory><devices><graphics type='vnc' passwd='a&#10;b'/></devices></domain>")
	f.Fuzz(func(t *testing.T, xml string) {
		doc, err := xmledit.Parse(xml)
		if err != nil {
			return
		}
		if Pending(xml, xml) {
			t.Error("pending against itself")
		}
		Describe(xml, xml)
		Made(xml, xml, xml)
		now := ReadSettings(doc)
		if now.Check() == nil && now.Apply(doc) == nil && doc.String() != xml {
			t.Errorf("setting what is so already changes it:\n%s", doc)
		}
		public, err := WithoutSecrets(xml)
		if err != nil {
			t.Fatal(err)
		}
		edited := parse(t, public)
		if changed, err := KeepSecrets(edited, xml); err != nil || changed || !xmledit.Equal(edited.String(), xml) {
			t.Errorf("changed %t, %v:\n%s\nwant\n%s", changed, err, edited, xml)
		}
	})
}
