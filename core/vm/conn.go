// Package vm is everything about virtual machines: what is known of them
// (inventory), and the plans that make, change, start, stop and delete them.
package vm

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// State is a VM's power state in users' words.
type State string

// The states of a VM.
const (
	Starting     State = "starting" // the hypervisor is there and gets it ready; its CPUs have not begun
	Running      State = "running"
	Paused       State = "paused"
	ShuttingDown State = "shutting-down"
	Stopped      State = "stopped"
	Crashed      State = "crashed"
	Suspended    State = "suspended" // suspended by its own power management (S3)
	Unknown      State = "unknown"
)

// Summary is what one bulk call tells of a VM. Names come from the host as they
// are: escape them before a terminal sees them.
type Summary struct {
	UUID       string
	Name       string
	State      State
	Persistent bool // false: it is gone when it stops
	Autostart  bool
	VCPUs      int
	Memory     core.Bytes // what it has now; what it is defined with when it is stopped
	CPUTime    time.Duration
	Balloon    Balloon
	Disks      []DiskStats
	NICs       []NICStats
}

// Balloon is what is known of a running VM's memory; 0: not told. All but RSS
// come from the guest's balloon driver.
//
// Source: virDomainMemoryStatTags, libvirt-domain API reference.
type Balloon struct {
	RSS       core.Bytes // what QEMU holds of the host's memory
	Available core.Bytes // what the guest sees in all
	Unused    core.Bytes // what it left entirely free
	Usable    core.Bytes // what it could free without swapping, caches and all
}

// DiskStats counts since the VM started; zero when it is stopped.
type DiskStats struct {
	Target               string // "vda"
	Path                 string // file, device or URI; "" for an empty drive
	Read, Written        core.Bytes
	Reads, Writes        uint64
	Capacity, Allocation core.Bytes
}

// NICStats counts since the VM started.
type NICStats struct {
	Name                   string // host side, "vnet0"
	Received, Sent         core.Bytes
	ReceivedPkts, SentPkts uint64
}

// Address is a network address of a running VM.
type Address struct {
	MAC    string // lower case
	IP     string // without prefix length
	Prefix int
	Source string // "agent", "lease" or "arp"
	NIC    string // the guest's name for it ("eth0") when Source is "agent"
}

// UndefineOptions says what goes with a definition. What is not named and
// exists makes the call fail with [core.Conflict], nothing removed.
type UndefineOptions struct {
	NVRAM, ManagedSave, SnapshotMetadata, CheckpointMetadata bool
}

// Reader reads VMs of one host.
type Reader interface {
	// VMs returns all VMs of the host, defined and running, in one round trip,
	// sorted by name.
	VMs(ctx context.Context) ([]Summary, error)
	// VMXML returns a VM's persistent XML, or with live that of the running
	// one (the same when it is stopped). Secrets are included (VNC password):
	// never log it. [core.NotFound] for an unknown UUID.
	VMXML(ctx context.Context, uuid string, live bool) (string, error)
	// VMXMLs returns the persistent XML of many VMs by UUID, asked for in one
	// flight. A VM that vanished meanwhile is left out.
	VMXMLs(ctx context.Context, uuids []string) (map[string]string, error)
	// Addresses returns the addresses of a running VM, from the guest agent
	// when it answers, else from DHCP leases, else from the host's ARP table;
	// without loopback and link-local ones. Empty when none is known (yet).
	Addresses(ctx context.Context, uuid string) ([]Address, error)
}

// Definer writes definitions.
type Definer interface {
	// DefineVM stores xml as a VM's persistent configuration and returns its
	// UUID. [core.Exists] when the name belongs to another UUID;
	// [core.Invalid] when libvirt refuses the XML.
	DefineVM(ctx context.Context, xml string) (uuid string, err error)
	// UndefineVM forgets a VM; a running one becomes transient.
	UndefineVM(ctx context.Context, uuid string, o UndefineOptions) error
	// SetAutostart says whether the VM starts with its host.
	SetAutostart(ctx context.Context, uuid string, on bool) error
}

// Metadata is one element in a VM's <metadata>: libvirt keeps one for each
// namespace, for whoever wants to note something.
type Metadata struct {
	Space, Prefix string
	// XML is the element, without a namespace; "" for none.
	XML string
}

// Noter writes what libvirt keeps for others in a VM's XML: of the running VM
// and of its definition, whichever there are, and nothing else of it.
//
// Source: virDomainSetMetadata, libvirt-domain API reference.
type Noter interface {
	// SetVMMetadata replaces or removes the element of a namespace.
	// [core.Invalid] when it is no XML.
	SetVMMetadata(ctx context.Context, uuid string, m Metadata) error
	// SetVMDescription replaces the text in <description>; "" removes it.
	SetVMDescription(ctx context.Context, uuid, text string) error
}

// Power starts and stops. [core.Conflict] when the VM is not in a state for it.
type Power interface {
	StartVM(ctx context.Context, uuid string) error
	// ShutdownVM asks the guest to shut down and returns at once.
	ShutdownVM(ctx context.Context, uuid string) error
	// StopVM powers off at once.
	StopVM(ctx context.Context, uuid string) error
}

// Cycler interrupts without stopping.
type Cycler interface {
	// RebootVM asks the guest to reboot and returns at once.
	RebootVM(ctx context.Context, uuid string) error
	// ResetVM is the reset button.
	ResetVM(ctx context.Context, uuid string) error
	PauseVM(ctx context.Context, uuid string) error
	ResumeVM(ctx context.Context, uuid string) error
}

// Consoler is a VM's screen, keyboard and serial line.
type Consoler interface {
	// OpenSerial attaches to the VM's first serial console, on a connection of
	// its own; somebody else's session is taken over. Read gives io.EOF when
	// the VM stops. [core.Conflict] when it is not running.
	OpenSerial(ctx context.Context, uuid string) (io.ReadWriteCloser, error)
	// Screenshot takes a picture of the VM's first screen and gives it as QEMU
	// writes it, PPM or PNG, unchecked. A host makes few at once: the call waits
	// for its turn. Close it. [core.Conflict] when it is not running;
	// [core.Unsupported] or [core.Conflict] when it has no screen.
	Screenshot(ctx context.Context, uuid string) (io.ReadCloser, error)
	// PressKeys presses keys (Linux key codes, at most 16) in this order, each
	// held for hold, and lets them go. It returns once the hypervisor has queued
	// them. [core.Conflict] when the VM is not running.
	PressKeys(ctx context.Context, uuid string, keys []uint32, hold time.Duration) error
}

// Dialer connects to servers on the host itself.
type Dialer interface {
	// DialHost connects to a "unix" socket or a "tcp" address as seen from the
	// host, through the connection to it: no port is opened anywhere. That it
	// failed may also show as an error of the first Read.
	DialHost(ctx context.Context, network, address string) (net.Conn, error)
}

// Conn is what this package needs of a host.
type Conn interface {
	Reader
	Definer
	Noter
	Power
	Cycler
	Consoler
}
