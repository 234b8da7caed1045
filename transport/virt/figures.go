package virt

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

// figures are one VM's, as [vm.Summary], from libvirt's list of named values
// ("block.0.rd.bytes"), which is read in one pass. Names: virConnectGetAllDomainStats.
type figures struct {
	vm.Summary
	id            libvirt.UUID
	state, reason int64
	disk, nic     device // what the last value of each kind was about
}

// device follows a numbered list of devices: "block.", "net.".
type device struct {
	number []byte // "0" of "block.0.rd.bytes"
	begun  bool
}

// readFigures reads one record: remote_domain_stats_record.
func readFigures(r *reader) figures {
	d := readDomain(r)
	f := figures{id: d.id}
	f.UUID, f.Name = core.FormatUUID(d.id), valid(d.name)
	for range r.count(maxParams, 12) {
		name := r.bytes()
		f.take(name, r.value())
	}
	f.State = state(f.state, f.reason)
	f.Disks, f.NICs = withName(f.Disks, diskName), withName(f.NICs, nicName)
	return f
}

// value is one typed parameter's: a number or a text.
type value struct {
	number int64
	text   []byte
}

func (v value) kib() core.Bytes   { return core.Bytes(v.number) * core.KiB }
func (v value) bytes() core.Bytes { return core.Bytes(v.number) }
func (v value) count() uint64     { return uint64(v.number) }

// value reads a typed parameter behind its name: VIR_TYPED_PARAM_*. What is over
// an int64 is the most that fits; a fraction is nothing that we know.
func (r *reader) value() (v value) {
	switch r.uint32() {
	case 1, 6: // int, boolean
		v.number = int64(int32(r.uint32()))
	case 2:
		v.number = int64(r.uint32())
	case 3:
		v.number = int64(r.uint64())
	case 4:
		v.number = int64(min(r.uint64(), math.MaxInt64))
	case 5: // double
		r.uint64()
	case 7:
		v.text = r.bytes()
	default:
		r.bad, r.rest = true, nil
	}
	return v
}

// take puts a value where it belongs; what we do not know is passed over.
func (f *figures) take(name []byte, v value) {
	switch string(name) {
	case "state.state":
		f.state = v.number
	case "state.reason":
		f.reason = v.number
	case "vcpu.current":
		f.VCPUs = int(v.number)
	case "cpu.time":
		f.CPUTime = time.Duration(v.number)
	case "balloon.current":
		f.Memory = v.kib()
	case "balloon.rss":
		f.Balloon.RSS = v.kib()
	case "balloon.available":
		f.Balloon.Available = v.kib()
	case "balloon.unused":
		f.Balloon.Unused = v.kib()
	case "balloon.usable":
		f.Balloon.Usable = v.kib()
	default:
		if field, isNew, ok := f.disk.of(name, "block."); ok {
			f.takeDisk(string(field), isNew, v)
		} else if field, isNew, ok := f.nic.of(name, "net."); ok {
			f.takeNIC(string(field), isNew, v)
		}
	}
}

// of splits "block.0.rd.bytes" into what it is about and says whether that is
// another device than before: libvirt tells all of one, then all of the next.
func (d *device) of(name []byte, kind string) (field []byte, isNew, ok bool) {
	if !bytes.HasPrefix(name, []byte(kind)) {
		return nil, false, false
	}
	number, field, ok := bytes.Cut(name[len(kind):], []byte("."))
	if !ok {
		return nil, false, false // "block.count"
	}
	isNew = !d.begun || !bytes.Equal(d.number, number)
	d.number, d.begun = number, true
	return field, isNew, true
}

func (f *figures) takeDisk(field string, isNew bool, v value) {
	if isNew {
		f.Disks = append(f.Disks, vm.DiskStats{})
	}
	d := &f.Disks[len(f.Disks)-1]
	switch field {
	case "name":
		d.Target = valid(v.text)
	case "path":
		d.Path = valid(v.text)
	case "rd.bytes":
		d.Read = v.bytes()
	case "wr.bytes":
		d.Written = v.bytes()
	case "rd.reqs":
		d.Reads = v.count()
	case "wr.reqs":
		d.Writes = v.count()
	case "capacity":
		d.Capacity = v.bytes()
	case "allocation":
		d.Allocation = v.bytes()
	}
}

func (f *figures) takeNIC(field string, isNew bool, v value) {
	if isNew {
		f.NICs = append(f.NICs, vm.NICStats{})
	}
	n := &f.NICs[len(f.NICs)-1]
	switch field {
	case "name":
		n.Name = valid(v.text)
	case "rx.bytes":
		n.Received = v.bytes()
	case "tx.bytes":
		n.Sent = v.bytes()
	case "rx.pkts":
		n.ReceivedPkts = v.count()
	case "tx.pkts":
		n.SentPkts = v.count()
	}
}

// withName drops devices without a name: an interface without a device on the
// host has no figures.
func withName[D any](all []D, name func(D) string) []D {
	return slices.DeleteFunc(all, func(d D) bool { return name(d) == "" })
}

func diskName(d vm.DiskStats) string { return d.Target }
func nicName(n vm.NICStats) string   { return n.Name }

// valid is the host's text, which may hold any bytes, as text.
func valid(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
