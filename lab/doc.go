// Package lab makes disposable KVM hosts on one Linux machine: real sshd, real
// libvirtd, real QEMU, with nothing installed and nothing left behind.
//
// A host is a set of Linux namespaces (network, mount, UTS, IPC, PID, cgroup).
// Its root shows the machine's /usr and /etc through an overlay, so it runs
// the machine's own packages; everything that makes a host one of its own
// (machine-id, SSH host keys, libvirt's UUID, users, /var, disks) is made new.
// It has no /dev/kvm: guests run under TCG. It has libvirt's usual "default"
// NAT network and "default" directory pool, as a fresh Debian host does.
//
// # Who runs what
//
//	limiquantix lab up ──► supervisor (one process a lab; lives in the lab's own
//	                       │           network namespace, "the fabric")
//	                       ├─ proxy    127.77.SLOT.11:22 ⇄ 10.77.0.11:22, with
//	                       │           the latency and the faults asked for
//	                       └─ PID 1 of kvm1 ─► sshd, virtlogd, libvirtd ─► QEMU
//	                          PID 1 of kvm2 ─► …
//
// All of them are this very program, started again: see [Reexec]. The
// supervisor is asked things over a unix socket in the lab's directory.
//
// # What is left when something is killed
//
// Namespaces have no names: they live in processes only. The supervisor's
// death kills every PID 1 (PR_SET_PDEATHSIG), that kills everything in the host,
// and the kernel then takes back links, mounts, loop devices, listeners and the
// slot. What needs a hand are three kinds of directories (state, disks,
// cgroups); [Lab.Down] and the next [Up] of the same name remove them.
//
// # A lab is no security boundary
//
// Root of a lab host is root of the machine: it sees /sys and the global part
// of /proc/sys. The lab keeps honest programs apart, not hostile ones.
//
// The cost of a host is in README.md.
package lab
