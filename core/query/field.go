package query

// Kind is what an object is.
type Kind string

// The kinds of objects.
const (
	Host    Kind = "host"
	VM      Kind = "vm"
	Network Kind = "network"
	Pool    Kind = "pool"
	Volume  Kind = "volume"
	Task    Kind = "task"
)

// Kinds are all kinds, in the order in which results are shown.
func Kinds() []Kind { return []Kind{Host, VM, Network, Pool, Volume, Task} }

// Field is something that can be asked about an object.
type Field uint8

// The fields. [Row] says what each holds.
const (
	FieldKind    Field = iota
	FieldName          // its name
	FieldState         // one word of [States]
	FieldHost          // name of its host
	FieldCluster       // of its host
	FieldSite          // of its host: "eu/berlin"
	FieldFolder        // "/prod/web"
	FieldTag
	FieldIP // addresses and networks, as text
	FieldMAC
	FieldCPU  // number of vCPUs; of a host: logical CPUs
	FieldMem  // bytes
	FieldDisk // bytes that it may take in all
	FieldFree // bytes
	FieldOS
	FieldNet  // networks and bridges that it is plugged into
	FieldPool // that its disks are in
	FieldTitle
	FieldNotes
	FieldSnapshot // when its snapshots were made
	FieldSeen     // when it was last true
	FieldArch
	FieldUUID
	FieldID // "host/uuid"
	FieldIs
	FieldHas
	fieldPath // "host/name": what words look at
	fields    // how many there are
)

// manner says how a field is compared.
type manner uint8

const (
	part   manner = iota // the value is a part of it; with * or ?, all of it
	whole                // the value is all of it
	tree                 // whole, or a folder above it
	choice               // one of a fixed set
	count                // a number
	size                 // bytes
	age                  // how long ago
	net                  // an address, or a network that holds it
	flags                // several of a fixed set
)

// about says what can be asked by a field.
type about struct {
	name, hint string
	how        manner
	kinds      string // that have it, by first letters: h v n p o(volume) t; "" all
	values     []string
}

// table holds each field's about; fieldPath has no name: it cannot be asked for.
var table = [fields]about{
	FieldKind:     {"kind", "host, vm, network, pool, volume or task", choice, "", []string{"host", "vm", "network", "pool", "volume", "task"}},
	FieldName:     {"name", "part of its name, or web* for all of it", part, "", nil},
	FieldState:    {"state", "running, paused, stopped …", choice, "", []string{"running", "paused", "stopped", "shutting down", "crashed", "suspended", "live", "stale", "connecting", "refused", "idle", "active", "inactive", "done", "failed", "canceled", "interrupted", "stuck", "unknown"}},
	FieldHost:     {"host", "name of its host, kvm*", whole, "", nil},
	FieldCluster:  {"cluster", "cluster of its host", whole, "hvnpo", nil},
	FieldSite:     {"site", "site of its host, with all below: eu", tree, "hvnpo", nil},
	FieldFolder:   {"folder", "its folder, with all below: /prod", tree, "v", nil},
	FieldTag:      {"tag", "a tag that it has", whole, "v", nil},
	FieldIP:       {"ip", "address or network, 10.0.0.0/8", net, "vn", nil},
	FieldMAC:      {"mac", "part of a MAC address", part, "v", nil},
	FieldCPU:      {"cpu", "number of CPUs, cpu>=4", count, "hv", nil},
	FieldMem:      {"mem", "memory, mem>4G", size, "hv", nil},
	FieldDisk:     {"disk", "size of its disks, disk>1T", size, "vpo", nil},
	FieldFree:     {"free", "room left, free<10G", size, "p", nil},
	FieldOS:       {"os", "part of its system's name", part, "v", nil},
	FieldNet:      {"net", "a network that it is plugged into", whole, "v", nil},
	FieldPool:     {"pool", "a pool that it is in", whole, "vo", nil},
	FieldTitle:    {"title", "part of its title", part, "v", nil},
	FieldNotes:    {"notes", "part of its notes", part, "v", nil},
	FieldSnapshot: {"snapshot", "age of a snapshot, snapshot>30d", age, "v", nil},
	FieldSeen:     {"seen", "how long ago it was true, seen>1h", age, "hv", nil},
	FieldArch:     {"arch", "x86_64, aarch64 …", whole, "hv", nil},
	FieldUUID:     {"uuid", "its UUID, 6f1c*", whole, "vnp", nil},
	FieldID:       {"id", "host/uuid", whole, "", nil},
	FieldIs:       {"is", "stale, pending, drift, autostart …", flags, "", []string{"stale", "pending", "drift", "autostart", "persistent", "transient", "active"}},
	FieldHas:      {"has", "agent, notes, tag, snapshot …", flags, "v", []string{"agent", "notes", "tag", "snapshot", "ip", "screen", "serial"}},
}

// wordFields are what a word alone is looked for in.
var wordFields = [...]Field{fieldPath, FieldTitle, FieldTag, FieldFolder, FieldIP, FieldMAC, FieldNotes, FieldCluster, FieldSite, FieldUUID}

// names returns the names of all fields.
func names() []string {
	out := make([]string, 0, fields)
	for _, a := range table {
		if a.name != "" {
			out = append(out, a.name)
		}
	}
	return out
}

func byName(name string) (Field, bool) {
	for i, a := range table {
		if a.name == name && name != "" {
			return Field(i), true
		}
	}
	return 0, false
}

// Of reports whether objects of a kind have the field at all.
func (f Field) Of(k Kind) bool {
	a := table[f]
	if a.kinds == "" {
		return true
	}
	letter := k[0]
	if k == Volume {
		letter = 'o'
	}
	for i := range len(a.kinds) {
		if a.kinds[i] == letter {
			return true
		}
	}
	return false
}

// String returns the field's name in a query.
func (f Field) String() string { return table[f].name }

// flagOf returns the bit of a flag of "is" or "has".
func flagOf(f Field, name string) uint32 {
	shift := 0
	if f == FieldHas {
		shift = 16
	}
	for i, v := range table[f].values {
		if v == name {
			return 1 << (i + shift)
		}
	}
	return 0
}
