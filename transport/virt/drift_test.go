package virt_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core/drift"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/core/xmledit"
	"github.com/limiquantix/limiquantix/transport/virt"
)

var update = flag.Bool("update", false, "write what libvirt prints into core/drift/testdata anew")

// driftSamples is the corpus of core/drift: X.sent.xml, and what libvirt made of it.
const driftSamples = "../../core/drift/testdata/"

// unstartable is the samples that no lab host can start, with the reason.
func unstartable() map[string]string {
	return map[string]string{
		"network-disks": "no Ceph cluster and no secret of it",
		"ovs":           "libvirt starts no such card with a filter",
		"passthrough":   "no such PCI device, no hugepages",
		"proxmox":       "no LVM volume",
	}
}

// drifting is a real host on which VMs drift.
type drifting struct {
	*testing.T
	h realHost
	c *virt.Conn
}

func newDrifting(t *testing.T) drifting {
	h := newHost(t)
	return drifting{t, h, h.open(t, h.options(t, "qemu:///system"))}
}

// run runs a command on the host, as another administrator would.
func (d drifting) run(stdin string, argv ...string) string {
	d.Helper()
	cmd, err := d.h.lab.Command(d.Context(), "kvm1", argv...)
	if err != nil {
		d.Fatal(err)
	}
	cmd.Dir = "/"
	cmd.Stdin = strings.NewReader(stdin)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		d.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, &complaint)
	}
	return out.String()
}

// define stores a VM, with an empty image for each of its disks.
func (d drifting) define(xml string) (uuid string) {
	d.Helper()
	doc, err := xmledit.Parse(xml)
	if err != nil {
		d.Fatal(err)
	}
	for _, s := range doc.Root().FindAll("devices/disk/source[@file]") {
		format := "raw"
		if strings.HasSuffix(s.Attr("file"), ".qcow2") {
			format = "qcow2"
		}
		d.run("", "qemu-img", "create", "-q", "-f", format, s.Attr("file"), "8M")
	}
	uuid, err = d.c.DefineVM(d.Context(), xml)
	if err != nil {
		d.Fatalf("define: %v", err)
	}
	d.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_ = d.c.StopVM(ctx, uuid) // it may be off
		if err := d.c.UndefineVM(ctx, uuid, vm.UndefineOptions{NVRAM: true}); err != nil {
			d.Errorf("undefine: %v", err)
		}
	})
	return uuid
}

// states asks the host.
func (d drifting) states(applied, uuid string, running bool) drift.States {
	d.Helper()
	s := drift.States{Applied: applied}
	var err error
	if s.Defined, err = d.c.VMXML(d.Context(), uuid, false); err != nil {
		d.Fatal(err)
	}
	if running {
		if s.Running, err = d.c.VMXML(d.Context(), uuid, true); err != nil {
			d.Fatal(err)
		}
	}
	return s
}

// tells fails the test unless these fields differ, and no other.
func (d drifting) tells(what string, s drift.States, want ...string) {
	d.Helper()
	r, err := drift.Compare(s)
	if err != nil {
		d.Errorf("%s: %v", what, err)
		return
	}
	var got []string
	for _, f := range r.Fields {
		got = append(got, f.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		d.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestDriftOfWhatWeDefine defines each sample on a real host: neither storing it
// nor starting it nor storing once more what the host gives back is drift. With
// -update it keeps what the host printed as the corpus of core/drift.
func TestDriftOfWhatWeDefine(t *testing.T) {
	d := newDrifting(t)
	files, err := filepath.Glob(driftSamples + "*.sent.xml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".sent.xml")
		t.Run(name, func(t *testing.T) {
			d := drifting{t, d.h, d.c}
			sent, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			uuid := d.define(string(sent))
			s := d.states(string(sent), uuid, false)
			d.tells("defined", s)
			d.keep(name, "defined", s.Defined)
			if why, is := unstartable()[name]; is {
				t.Logf("not started: %s", why)
				return
			}
			if err := d.c.StartVM(t.Context(), uuid); err != nil {
				t.Fatal(err)
			}
			s = d.states(string(sent), uuid, true)
			d.tells("started", s)
			d.keep(name, "running", s.Running)
			d.again(s.Defined, uuid, true)
			if err := d.c.StopVM(t.Context(), uuid); err != nil {
				t.Fatal(err)
			}
			d.again(s.Running, uuid, false) // virsh dumpxml; virsh define
		})
	}
}

// again stores a VM as the host gave it.
func (d drifting) again(xml, uuid string, running bool) {
	d.Helper()
	if _, err := d.c.DefineVM(d.Context(), xml); err != nil {
		d.Errorf("define what the host gave: %v", err)
		return
	}
	d.tells("defined again", d.states(xml, uuid, running))
}

// keep writes one state into the corpus, with -update.
func (d drifting) keep(name, state, xml string) {
	if !*update {
		return
	}
	if err := os.WriteFile(fmt.Sprintf("%s%s.%s.xml", driftSamples, name, state), []byte(xml), 0o644); err != nil {
		d.Error(err)
	}
}

// edit is one change by another administrator, and how it is told.
type edit struct {
	virsh  []string // what follows "virsh COMMAND VM", or "sed" and its script
	want   []string // the fields, without when and by whom
	atOnce bool     // nothing waits for the next boot
	blind  bool     // not to be told from what we sent, for that left it to libvirt
}

// TestDriftIsExactlyTheEdit has another administrator change one thing after the
// other with virsh: each is told, in users' words, and nothing else.
func TestDriftIsExactlyTheEdit(t *testing.T) {
	d := newDrifting(t)
	sent, err := os.ReadFile(driftSamples + "ours.sent.xml")
	if err != nil {
		t.Fatal(err)
	}
	d.run("", "qemu-img", "create", "-q", "-f", "qcow2", "/var/lib/libvirt/images/second.qcow2", "8M")
	for _, running := range []bool{false, true} {
		t.Run(fmt.Sprintf("running %t", running), func(t *testing.T) {
			d := drifting{t, d.h, d.c}
			uuid := d.define(string(sent))
			settled := d.states("", uuid, false).Defined
			if running {
				if err := d.c.StartVM(t.Context(), uuid); err != nil {
					t.Fatal(err)
				}
			}
			for _, e := range edits() {
				if running && slices.Contains(e.virsh, "setmaxmem") {
					continue // libvirt: only of a VM that is off; tried then
				}
				t.Run(strings.Join(e.virsh, " "), func(t *testing.T) {
					d := drifting{t, d.h, d.c}
					d.edited(e, string(sent), settled, uuid, running)
					if _, err := d.c.DefineVM(t.Context(), settled); err != nil {
						t.Fatalf("define it as before: %v", err)
					}
				})
			}
		})
	}
}

// edited makes an edit and looks what is told.
func (d drifting) edited(e edit, sent, settled, uuid string, running bool) {
	d.Helper()
	d.change(e.virsh, "--config")
	var want []string
	for _, w := range e.want {
		w += ", by another"
		if running && !e.atOnce {
			w += ", at the next boot"
		}
		want = append(want, w)
	}
	if !e.blind {
		d.tells("as sent", d.states(sent, uuid, running), want...)
	}
	d.tells("as settled", d.states(settled, uuid, running), want...)
}

// TestDriftOfWhatRuns changes a VM only as it runs.
func TestDriftOfWhatRuns(t *testing.T) {
	d := newDrifting(t)
	sent, err := os.ReadFile(driftSamples + "ours.sent.xml")
	if err != nil {
		t.Fatal(err)
	}
	d.run("", "qemu-img", "create", "-q", "-f", "qcow2", "/var/lib/libvirt/images/second.qcow2", "8M")
	for _, e := range live() {
		t.Run(strings.Join(e.virsh, " "), func(t *testing.T) {
			d := drifting{t, d.h, d.c}
			uuid := d.define(string(sent))
			if err := d.c.StartVM(t.Context(), uuid); err != nil {
				t.Fatal(err)
			}
			d.change(e.virsh)
			var want []string
			for _, w := range e.want {
				want = append(want, w+", at the next boot")
			}
			d.tells("as sent", d.states(string(sent), uuid, true), want...)
		})
	}
}

// change runs virsh; "sed" as its first word edits the stored XML as virsh edit does.
func (d drifting) change(argv []string, when ...string) {
	d.Helper()
	if argv[0] == "sed" {
		d.run(argv[1], "sh", "-c", `cat > /root/script && EDITOR='sed -i -z -E -f /root/script' virsh -q edit ours`)
		return
	}
	args := append([]string{"virsh", "-q", argv[0], "ours"}, argv[1:]...)
	d.run("", append(args, when...)...)
}
