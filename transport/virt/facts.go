package virt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/digitalocean/go-libvirt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
)

// capabilities is what we read of virConnectGetCapabilities.
type capabilities struct {
	Host struct {
		UUID string `xml:"uuid"`
		CPU  struct {
			Arch  string `xml:"arch"`
			Model string `xml:"model"`
		} `xml:"cpu"`
	} `xml:"host"`
	Guests []struct {
		Arch struct {
			Name    string `xml:"name,attr"`
			Domains []struct {
				Type string `xml:"type,attr"`
			} `xml:"domain"`
		} `xml:"arch"`
	} `xml:"guest"`
}

// kvm reports whether guests of the host's own architecture can use KVM.
func (c capabilities) kvm() bool {
	for _, g := range c.Guests {
		for _, d := range g.Arch.Domains {
			if d.Type == "kvm" && g.Arch.Name == c.Host.CPU.Arch {
				return true
			}
		}
	}
	return false
}

// domainCapabilities is what we read of virConnectGetDomainCapabilities.
type domainCapabilities struct {
	Path    string `xml:"path"`
	Machine string `xml:"machine"`
	VCPU    struct {
		Max int `xml:"max,attr"`
	} `xml:"vcpu"`
	OS struct {
		Enums []struct {
			Name   string   `xml:"name,attr"`
			Values []string `xml:"value"`
		} `xml:"enum"`
	} `xml:"os"`
}

func (d domainCapabilities) uefi() bool {
	for _, e := range d.OS.Enums {
		if e.Name == "firmware" && slices.Contains(e.Values, "efi") {
			return true
		}
	}
	return false
}

// nodeInfo is virNodeInfo. Its memory is the sum of what Linux's NUMA nodes have,
// which moves on a host that is a VM with a balloon: the statistics are better.
type nodeInfo struct {
	model                                     string
	memory                                    core.Bytes
	cpus, mhz, nodes, sockets, cores, threads int32
}

// Facts reads the host's facts in one flight. What a driver does not tell
// (the machine types of another hypervisor) stays empty.
func (c *Conn) Facts(ctx context.Context) (host.Facts, error) {
	var (
		f                host.Facts
		wg               sync.WaitGroup
		info             nodeInfo
		caps             capabilities
		q35, fallback    domainCapabilities
		errs             [3]error
		memory           []libvirt.NodeGetMemoryStats
		versionErr       error
		libvirtV, hyperV uint64
	)
	wg.Go(func() {
		f.Hostname, errs[0] = ask(ctx, c.s, read, "read the host's name", (*libvirt.Libvirt).ConnectGetHostname)
	})
	wg.Go(func() {
		libvirtV, errs[1] = ask(ctx, c.s, read, "read libvirt's version", (*libvirt.Libvirt).ConnectGetLibVersion)
	})
	wg.Go(func() { info, errs[2] = ask(ctx, c.s, read, "read the host's processors", readNode) })
	wg.Go(func() { memory = c.memoryStats(ctx) })
	wg.Go(func() {
		hyperV, versionErr = ask(ctx, c.s, read, "read the hypervisor's version", (*libvirt.Libvirt).ConnectGetVersion)
	})
	wg.Go(func() {
		text, _ := ask(ctx, c.s, read, "read the host's capabilities", (*libvirt.Libvirt).ConnectGetCapabilities)
		_ = xml.Unmarshal([]byte(text), &caps)
	})
	wg.Go(func() { q35 = c.domainCapabilities(ctx, libvirt.OptString{"q35"}) })
	wg.Go(func() { fallback = c.domainCapabilities(ctx, nil) })
	wg.Wait()
	if err := cmp.Or(errs[:]...); err != nil {
		return host.Facts{}, err
	}
	guest := q35
	if guest.Path == "" {
		guest = fallback
	}
	f.LibvirtVersion = version(libvirtV)
	if versionErr == nil && strings.HasPrefix(c.o.URI, "qemu:") {
		f.QEMUVersion = version(hyperV)
	}
	f.Arch, f.CPUModel = cmp.Or(caps.Host.CPU.Arch, info.model), caps.Host.CPU.Model
	f.CPUs, f.NUMANodes, f.MHz = int(info.cpus), int(info.nodes), int(info.mhz)
	f.Sockets, f.Cores, f.Threads = int(info.sockets), int(info.cores), int(info.threads)
	f.Memory, f.UUID, f.KVM = cmp.Or(node(nil, memory).Memory, info.memory), caps.Host.UUID, caps.kvm()
	f.UEFI, f.Emulator, f.Machine = guest.uefi(), guest.Path, guest.Machine
	f.MaxVCPUs = min(max(guest.VCPU.Max, 0), math.MaxInt32) // the host's word
	return f, nil
}

// domainCapabilities asks for what a guest of the machine type can have; empty
// when the driver does not tell.
func (c *Conn) domainCapabilities(ctx context.Context, machine libvirt.OptString) (d domainCapabilities) {
	text, _ := ask(ctx, c.s, read, "read the host's machine types", func(l *libvirt.Libvirt) (string, error) {
		return l.ConnectGetDomainCapabilities(nil, nil, machine, nil, 0)
	})
	_ = xml.Unmarshal([]byte(text), &d)
	return d
}

func readNode(l *libvirt.Libvirt) (n nodeInfo, err error) {
	var model [32]int8
	var kib uint64
	model, kib, n.cpus, n.mhz, n.nodes, n.sockets, n.cores, n.threads, err = l.NodeGetInfo()
	var b []byte
	for _, c := range model {
		b = append(b, byte(c))
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	n.model, n.memory = string(b), core.Bytes(kib)*core.KiB
	return n, err
}

// version prints libvirt's way to put a version into a number: 9001002 is 9.1.2.
func version(n uint64) string {
	return fmt.Sprintf("%d.%d.%d", n/1000000, n/1000%1000, n%1000)
}
