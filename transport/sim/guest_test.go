package sim_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/core/xmledit"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// TestLifeOfAGuest follows one through realistic delays, in fake time.
func TestLifeOfAGuest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 10, Delays: sim.Realistic()})
		defer f.Close()
		l := dial(t, f, f.Hosts()[0])
		id := first(t, l, vm.Stopped).UUID
		is := func(want vm.State) {
			t.Helper()
			for _, s := range list(t, l) {
				if s.UUID == id && s.State != want {
					t.Errorf("VM is %s, want %s", s.State, want)
				}
			}
		}
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		begin := time.Now()
		ok(l.StartVM(t.Context(), id))
		if took := time.Since(begin); took != sim.Realistic().Start {
			t.Errorf("start took %v", took)
		}
		is(vm.Running)
		addrs, err := l.Addresses(t.Context(), id)
		ok(err)
		if len(addrs) != 0 {
			t.Errorf("a guest that has not booted has %v", addrs)
		}
		ok(l.ShutdownVM(t.Context(), id)) // nobody hears it yet
		time.Sleep(sim.Realistic().Boot)
		addrs, err = l.Addresses(t.Context(), id)
		ok(err)
		if len(addrs) != 1 || addrs[0].Source != "agent" || addrs[0].IP == "" {
			t.Errorf("a guest that has booted has %v", addrs)
		}
		ok(l.ShutdownVM(t.Context(), id))
		is(vm.Running)
		time.Sleep(sim.Realistic().Shutdown)
		synctest.Wait()
		is(vm.Stopped)
	})
}

func TestOperationsOnOneVMWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 10, Delays: sim.Realistic()})
		defer f.Close()
		l := dial(t, f, f.Hosts()[0])
		id := first(t, l, vm.Stopped).UUID
		var wg sync.WaitGroup
		codes := make([]core.Code, 8)
		for i := range codes {
			wg.Go(func() { codes[i] = core.CodeOf(l.StartVM(t.Context(), id)) })
		}
		list(t, l) // a host that starts a VM still answers
		wg.Wait()
		started := 0
		for _, c := range codes {
			if c == "" {
				started++
			} else if c != core.Conflict {
				t.Errorf("got code %q", c)
			}
		}
		if started != 1 {
			t.Errorf("%d of %d starts at once succeeded", started, len(codes))
		}
	})
}

// TestCallerThatLeaves: the host goes on with what it was asked.
func TestCallerThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := sim.NewFleet(sim.Model{Hosts: 1, VMsPerHost: 10, Delays: sim.Realistic()})
		defer f.Close()
		l := dial(t, f, f.Hosts()[0])
		id := first(t, l, vm.Stopped).UUID
		time.AfterFunc(100*time.Millisecond, func() { f.Drop(f.Hosts()[0], errors.New("cut")) })
		wantCode(t, l.StartVM(t.Context(), id), core.UnknownOutcome)
		time.Sleep(time.Second)
		l = dial(t, f, f.Hosts()[0])
		wantCode(t, l.StartVM(t.Context(), id), core.Conflict)
	})
}

func TestLeasesFollowTheNetwork(t *testing.T) {
	_, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 150})
	leases, err := l.Leases(t.Context(), "default")
	if err != nil || len(leases) == 0 || len(leases) > 100 {
		t.Fatalf("%d leases, %v", len(leases), err)
	}
	seen := map[string]bool{}
	for _, x := range leases {
		if seen[x.IP] || !strings.HasPrefix(x.IP, "192.168.122.") || x.IP == "192.168.122.1" || x.Hostname == "" {
			t.Errorf("lease %+v", x)
		}
		seen[x.IP] = true
	}
}

func TestSerialConsole(t *testing.T) {
	f, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 10})
	s := first(t, l, vm.Running)
	c, err := l.OpenSerial(t.Context(), s.UUID)
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	expect := func(want string) {
		t.Helper()
		var got strings.Builder
		for !strings.HasSuffix(got.String(), want) {
			b, err := r.ReadByte()
			if err != nil {
				t.Fatalf("%v after %q, want %q", err, got.String(), want)
			}
			got.WriteByte(b)
		}
	}
	write := func(keys string) {
		t.Helper()
		if _, err := io.WriteString(c, keys); err != nil {
			t.Fatal(err)
		}
	}
	expect("Linux version 6.1.0-40-amd64 (simulated)")
	expect(s.Name + " login: ")
	write("rooz\x7ft\r")
	expect("rooz\b \bt\r\nPassword: ")
	write("secret\r")
	expect("\r\nLogin incorrect\r\n" + s.Name + " login: ")
	f.Drop(f.Hosts()[0], errors.New("cut"))
	if _, err := r.ReadByte(); err == nil || err == io.EOF {
		t.Errorf("a lost link reads as %v, want its reason", err)
	}
}

func TestUEFIGuestKeepsItsVariables(t *testing.T) {
	_, l := fleet(t, sim.Model{Hosts: 1})
	id, err := l.DefineVM(t.Context(), `<domain type='kvm'><name>efi</name><memory unit='GiB'>1</memory><os firmware='efi'><type>hvm</type></os><features><acpi/></features></domain>`)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{l.StartVM(t.Context(), id), l.StopVM(t.Context(), id)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, l.UndefineVM(t.Context(), id, vm.UndefineOptions{}), core.Conflict)
	wantCode(t, l.UndefineVM(t.Context(), id, vm.UndefineOptions{NVRAM: true}), "")
}

func TestWhatADefinitionIsRefusedFor(t *testing.T) {
	_, l := fleet(t, sim.Model{Hosts: 1, NoKVM: true})
	for name, c := range map[string]struct {
		xml  string
		want core.Code
	}{
		"kvm without kvm": {`<domain type='kvm'><name>a</name><memory>9999</memory><os><type>hvm</type></os></domain>`, core.Unsupported},
		"strange type":    {`<domain type='xyz'><name>a</name><memory>9999</memory><os><type>hvm</type></os></domain>`, core.Unsupported},
		"UEFI, no ACPI":   {`<domain type='qemu'><name>a</name><memory>9999</memory><os firmware='efi'><type>hvm</type></os></domain>`, core.Unsupported},
		"no memory":       {`<domain type='qemu'><name>a</name><os><type>hvm</type></os></domain>`, core.Invalid},
		"no os":           {`<domain type='qemu'><name>a</name><memory>9999</memory></domain>`, core.Invalid},
		"slash":           {`<domain type='qemu'><name>a/b</name><memory>9999</memory><os><type>hvm</type></os></domain>`, core.Invalid},
		"bad uuid":        {`<domain type='qemu'><name>a</name><uuid>7</uuid><memory>9999</memory><os><type>hvm</type></os></domain>`, core.Invalid},
		"bad mac": {`<domain type='qemu'><name>a</name><memory>9999</memory><os><type>hvm</type></os>
			<devices><interface type='user'><mac address='x'/></interface></devices></domain>`, core.Invalid},
		"twin targets": {`<domain type='qemu'><name>a</name><memory>9999</memory><os><type>hvm</type></os><devices>
			<disk><target dev='vda'/></disk><disk><target dev='vda'/></disk></devices></domain>`, core.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := l.DefineVM(t.Context(), c.xml)
			wantCode(t, err, c.want)
		})
	}
	if n := len(list(t, l)); n != 0 {
		t.Errorf("%d VMs came of it", n)
	}
}

func TestWhatAStartIsRefusedFor(t *testing.T) {
	_, l := fleet(t, sim.Model{Hosts: 1})
	for devices, want := range map[string]core.Code{
		`<disk type='file'><source file='/var/lib/libvirt/images/none.qcow2'/><target dev='vda'/></disk>`: core.NotFound,
		`<interface type='network'><source network='none'/></interface>`:                                  core.NotFound,
		`<interface type='network'><source network='off'/></interface>`:                                   core.Conflict,
	} {
		if err := l.DefineNetwork(t.Context(), `<network><name>off</name></network>`); err != nil {
			wantCode(t, err, core.Exists)
		}
		id, err := l.DefineVM(t.Context(), `<domain type='kvm'><name>`+core.NewUUID()+`</name><memory unit='GiB'>1</memory><os><type>hvm</type></os><devices>`+devices+`</devices></domain>`)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, l.StartVM(t.Context(), id), want)
	}
}

func TestCommands(t *testing.T) {
	f, l := fleet(t, sim.Model{Hosts: 1})
	for line, want := range map[string]host.Output{
		"uname -m":         {Out: []byte("x86_64\n")},
		"hostname":         {Out: []byte(f.Hosts()[0] + "\n")},
		"id -u":            {Out: []byte("0\n")},
		"test -d /nowhere": {Exit: 1},
		"frobnicate now":   {ErrOut: []byte("sh: 1: frobnicate: not found\n"), Exit: 127},
	} {
		got, err := l.Run(t.Context(), host.Command{Argv: strings.Fields(line)})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", line, d)
		}
	}
	_, err := l.Run(t.Context(), host.Command{})
	wantCode(t, err, core.Invalid)
	out, err := l.Run(t.Context(), host.Command{Argv: []string{"ip", "-j", "addr"}})
	if err != nil || !strings.Contains(string(out.Out), `"ifname":"virbr0"`) {
		t.Errorf("%v: %s", err, out.Out)
	}
}

func TestCrash(t *testing.T) {
	f, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 10})
	s := first(t, l, vm.Running)
	if h := f.Host(f.Hosts()[0]); !h.Crash(s.UUID) || h.Crash(s.UUID) {
		t.Error("a VM crashes once, when it runs")
	}
	if got := first(t, l, vm.Crashed); got.UUID != s.UUID {
		t.Errorf("%s crashed, want %s", got.Name, s.Name)
	}
}

func TestADiskHasOneWriter(t *testing.T) {
	_, l := fleet(t, sim.Model{Hosts: 1, VMsPerHost: 10})
	on := first(t, l, vm.Running)
	id, err := l.DefineVM(t.Context(), `<domain type='kvm'><name>twin</name><memory unit='GiB'>1</memory><os><type>hvm</type></os><devices>
		<disk type='file'><source file='`+on.Disks[0].Path+`'/><target dev='vda' bus='virtio'/></disk></devices></domain>`)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, l.StartVM(t.Context(), id), core.Internal)
	if err := l.StopVM(t.Context(), on.UUID); err != nil {
		t.Fatal(err)
	}
	wantCode(t, l.StartVM(t.Context(), id), "")
}

// TestWhatLibvirtAdds is by what libvirt 9.0 made of the same XML.
func TestWhatLibvirtAdds(t *testing.T) {
	_, l := fleet(t, sim.Model{Hosts: 1})
	id, err := l.DefineVM(t.Context(), `<domain type='kvm'>
  <name>con</name>
  <memory unit='MiB'>64</memory>
  <os>
    <type machine='q35'>hvm</type>
  </os>
  <devices>
    <serial type='pty'/>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <interface type='user'/>
    <graphics type='vnc' autoport='yes'/>
  </devices>
</domain>`)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.StartVM(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for live, want := range map[bool][]string{
		false: {"memory[@unit='KiB']", "currentMemory", "vcpu[@placement='static']", "os/type[@arch='x86_64'][@machine='pc-q35-7.2']", "on_crash", "clock",
			"devices/emulator", "devices/interface/mac[@address]", "devices/interface/address[@type='pci']", "devices/interface/model[@type='rtl8139']",
			"devices/console/target[@type='serial']", "devices/controller[@type='usb']", "devices/controller[@type='virtio-serial']/address",
			"devices/controller[@model='pcie-root']", "devices/controller[@model='pcie-root-port']", "devices/memballoon", "devices/input"},
		true: {"devices/interface/alias[@name='net0']", "devices/interface/target[@dev='vnet0']", "devices/serial/alias[@name='serial0']",
			"devices/console[@tty='/dev/pts/1']/alias[@name='serial0']", "devices/channel/target[@state='disconnected']", "devices/memballoon/alias[@name='balloon0']",
			"devices/graphics[@port='5900']", "devices/controller[@type='usb']/alias[@name='usb']", "devices/controller/alias[@name='pci.1']"},
	} {
		xml, err := l.VMXML(t.Context(), id, live)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := xmledit.Parse(xml)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range want {
			if doc.Root().Find(path) == nil {
				t.Errorf("live %t: no %s in\n%s", live, path, xml)
			}
		}
		if doc.Root().HasAttr("id") != live || (doc.Root().Find("devices/*/alias") != nil) != live {
			t.Errorf("live %t:\n%s", live, xml)
		}
	}
}
