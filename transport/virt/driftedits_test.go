package virt_test

// edits are single changes of the sample "ours" of core/drift, and how they are
// told: by virsh's own commands (with --config), and by an editor.
func edits() []edit {
	return append(commands(), scripts()...)
}

func commands() []edit {
	one := func(want string, virsh ...string) edit { return edit{virsh: virsh, want: []string{want}} }
	note := func(want string, virsh ...string) edit {
		return edit{virsh: virsh, want: []string{want}, atOnce: true}
	}
	const ours, seed, second = "/var/lib/libvirt/images/drift-ours.qcow2", "/var/lib/libvirt/images/drift-seed.iso", "/var/lib/libvirt/images/second.qcow2"
	return []edit{
		one("memory: 128 MiB → 256 MiB", "setmaxmem", "256M"),
		note("memory at start: 128 MiB → 64 MiB", "setmem", "64M"), // a balloon
		one("CPUs at start: 2 → 1", "setvcpus", "1"),
		one("CPUs: 2 → 4", "setvcpus", "4", "--maximum"),
		one("CPU pinned to 0: none → 1", "vcpupin", "0", "1"),
		one("emulator pinned to: none → 0", "emulatorpin", "0"),
		one("I/O threads: none → 1", "iothreadadd", "1"),
		one("CPU shares: none → 2048", "schedinfo", "cpu_shares=2048"),
		one("soft memory limit: none → 1 GiB", "memtune", "--soft-limit", "1G"),
		one("disk weight: none → 300", "blkiotune", "--weight", "300"),
		note("title: One that we make → Mine", "desc", "--title", "Mine"),
		note("description: none → what it is", "desc", "what it is"),
		note("metadata of urn:x note: none → <k:note xmlns:k='urn:x'>n</k:note>", "metadata", "urn:x", "--key", "k", "--set", "<note>n</note>"),
		one("disk vdb: none → "+second+", qcow2, virtio", "attach-disk", second, "vdb", "--subdriver", "qcow2"),
		one("disk vda: "+ours+", qcow2, virtio → none", "detach-disk", "vda"),
		one("disk sda, file: "+seed+" → none", "change-media", "sda", "--eject"),
		one("disk sda, file: "+seed+" → "+second, "change-media", "sda", second, "--update"),
		one("disk vda, limit of operations a second: none → 500", "blkdeviotune", "vda", "--total-iops-sec", "500"),
		one("network card 52:54:00:bb:00:01: none → virbr0, virtio", "attach-interface", "bridge", "virbr0", "--mac", "52:54:00:bb:00:01", "--model", "virtio"),
		one("network card 52:54:00:aa:00:01: default, virtio → none", "detach-interface", "network"),
		one("network card 52:54:00:aa:00:01, link: none → down", "domif-setlink", "52:54:00:aa:00:01", "down"),
	}
}

// scripts are for sed -E -z, with the XML as libvirt prints it.
func scripts() []edit {
	one := func(script string, want ...string) edit {
		return edit{virsh: []string{"sed", script}, want: want}
	}
	left := func(script string, want ...string) edit {
		return edit{virsh: []string{"sed", script}, want: want, blind: true}
	}
	add := func(device, want string) edit { return one(`s|</devices>|`+device+`</devices>|`, want) }
	return []edit{
		left(`s/pc-q35-7.2/pc-q35-6.2/`, "machine type: pc-q35-7.2 → pc-q35-6.2"),
		one(`s/(<source network=).default./\1"lan"/`, "network card 52:54:00:aa:00:01, network: default → lan"),
		one(`s/52:54:00:aa:00:01/52:54:00:aa:00:09/`, "network card 52:54:00:aa:00:09, MAC address: 52:54:00:aa:00:01 → 52:54:00:aa:00:09"),
		one(`s/discard=.unmap./& cache="writeback"/`, "disk vda, cache: none → writeback"),
		one(`s|<cpu [^>]*mode=.maximum.[^>]*>|<cpu mode="custom"><model>Nehalem</model></cpu>|`, "CPU model: none → Nehalem", "CPU mode: maximum → custom"),
		one(`s/<on_crash>restart/<on_crash>preserve/`, "after a crash: restart → preserve"),
		one(`s/<clock offset=.utc./<clock offset="localtime"/`, "clock: utc → localtime"),
		one(`s|<boot order=.1./>|<boot order="3"/>|`, "disk vda, boot order: 1 → 3"),
		one(`s/(listen|address)=.127.0.0.1./\1="0.0.0.0"/g`, "console vnc, listens on: 127.0.0.1 → 0.0.0.0"),
		one(`s/port=.-1. autoport=.yes./port="5950" autoport="no"/`, "console vnc, automatic port: yes → no", "console vnc, port: none → 5950"),
		one(`s/autoport=.yes./& passwd="geheim"/`, "console vnc, password: none → set"),
		one(`s|<rng .*</rng>||`, "random source: virtio, /dev/urandom, random → none"),
		one(`s|<memballoon .*</memballoon>|<memballoon model="none"/>|`, "balloon, model: virtio → none", "balloon, statistics every (s): 10 → none"),
		one(`s|<video>.*</video>||;s|<graphics .*</graphics>||`, "console vnc: vnc → none", "video card: vga → none"),
		one(`s|<apic/>||`, "APIC: yes → none"),
		one(`s|<readonly/>||`),
		one(`s|<model type=.vga.[^>]*>|<model type="virtio"/>|`, "video card, model: vga → virtio"),
		add(`<serial type="pty"/>`, "serial port 1: none → pty"),
		add(`<watchdog model="i6300esb" action="reset"/>`, "watchdog: none → i6300esb"),
		add(`<input type="tablet" bus="usb"/>`, "input device tablet usb: none → tablet"),
		add(`<sound model="ich9"/>`, "sound card: none → ich9"),
		add(`<controller type="usb" index="1" model="qemu-xhci"/>`, "controller usb 1: none → usb, qemu-xhci"),
		add(`<hostdev mode="subsystem" type="usb"><source><vendor id="0x1234"/><product id="0xbeef"/></source></hostdev>`, "host device 0x1234 0xbeef: none → usb"),
	}
}

// live are changes of the VM as it runs only: they are gone after its next boot.
func live() []edit {
	one := func(want string, virsh ...string) edit { return edit{virsh: virsh, want: []string{want}} }
	return []edit{
		{virsh: []string{"setmem", "64M", "--live"}}, // a balloon
		one("CPU shares: 2048 → none", "schedinfo", "cpu_shares=2048", "--live"),
		one("disk vda, limit of operations a second: 500 → none", "blkdeviotune", "vda", "--total-iops-sec", "500", "--live"),
		one("disk sda, file: none → /var/lib/libvirt/images/drift-seed.iso", "change-media", "sda", "--eject", "--live"),
		one("disk vdb: /var/lib/libvirt/images/second.qcow2, qcow2, virtio → none", "attach-disk", "/var/lib/libvirt/images/second.qcow2", "vdb", "--subdriver", "qcow2", "--live"),
		one("network card 52:54:00:aa:00:01, link: down → none", "domif-setlink", "52:54:00:aa:00:01", "down"),
		one("CPU pinned to 0: 1 → none", "vcpupin", "0", "1", "--live"),
		{virsh: []string{"desc", "what it is", "--live"}},
	}
}
