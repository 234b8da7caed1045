package virt

// A shape walks over a value of one XDR type without making anything of it. It
// is how every count in a reply is checked before go-libvirt, whose decoder
// allocates by what a count claims, may see it.
type shape func(r *reader)

// libvirt's own limits on lists: remote_protocol.x.
const (
	maxList   = 16384  // domains, networks, pools, volumes, snapshots
	maxParams = 262144 // REMOTE_CONNECT_GET_ALL_DOMAIN_STATS_MAX
)

func word(r *reader)  { r.take(4) }
func hyper(r *reader) { r.take(8) }
func text(r *reader)  { r.bytes() }
func uuid(r *reader)  { r.take(16) }

func seq(shapes ...shape) shape {
	return func(r *reader) {
		for _, s := range shapes {
			s(r)
		}
	}
}

func opt(s shape) shape {
	return func(r *reader) {
		if r.present() {
			s(r)
		}
	}
}

func list(max uint32, s shape) shape {
	return func(r *reader) {
		n := r.uint32()
		if n > max {
			r.bad = true
		}
		for ; n > 0 && !r.bad; n-- {
			s(r)
		}
	}
}

// typedParam is a name with a value of one of seven types (VIR_TYPED_PARAM_*).
func typedParam(r *reader) {
	r.bytes()
	switch r.uint32() {
	case 1, 2, 6:
		word(r)
	case 3, 4, 5:
		hyper(r)
	case 7:
		text(r)
	default:
		r.bad = true
	}
}

func nothing(*reader) {}

// Numbers of the procedures that this package uses: remote_protocol.x. A reply
// to any other is refused, so a new call begins with a line here.
const (
	procConnectOpen, procGetVersion, procNodeInfo, procCapabilities = 1, 4, 6, 7
	procHostname, procAuthList, procAuthPolkit, procLibVersion      = 59, 66, 70, 157
	procDomainCapabilities                                          = 342
	procNodeCPUStats, procNodeMemoryStats                           = 227, 228

	procListDomains, procAllStats, procDomainXML, procIfAddresses             = 273, 344, 14, 353
	procDomainDefine, procDomainUndefine, procSetAutostart                    = 350, 231, 29
	procDomainCreate, procDomainShutdown, procDomainDestroy, procDomainReboot = 9, 33, 12, 27
	procDomainReset, procDomainSuspend, procDomainResume, procOpenConsole     = 245, 34, 28, 201
	procDomainByName, procScreenshot, procSendKey, procSetMetadata            = 23, 211, 226, 264

	procListPools, procPoolByName, procPoolXML, procPoolInfo, procListVolumes        = 281, 84, 88, 87, 282
	procPoolDefine, procPoolCreate, procPoolBuild, procPoolDestroy, procPoolUndefine = 77, 78, 79, 80, 82
	procPoolRefresh, procVolXML, procVolCreate, procVolDelete, procVolUpload         = 83, 99, 93, 94, 208

	procListNetworks, procNetworkByName, procNetworkXML, procLeases, procNetworkDefine, procNetworkCreate = 283, 46, 43, 341, 41, 39

	procListSnapshots, procSnapshotXML, procSnapshotCreate, procSnapshotCurrent, procSnapshotRevert, procSnapshotDelete = 274, 186, 185, 191, 192, 193

	procDomainEvents, procNetworkEvents, procPoolEvents, procSecretEvents = 316, 313, 368, 380
)

// replyShape returns the type of a procedure's reply; nil when this package
// does not use the procedure.
func replyShape(proc uint32) shape {
	domain := seq(text, uuid, word)
	named := seq(text, uuid) // a network or a pool
	volume := seq(text, text, text)
	snapshot := seq(text, domain)
	switch proc {
	case procConnectOpen, procDomainUndefine, procSetAutostart, procDomainCreate, procDomainShutdown, procDomainDestroy,
		procDomainReboot, procDomainReset, procDomainSuspend, procDomainResume, procOpenConsole, procSendKey, procSetMetadata,
		procPoolCreate, procPoolBuild, procPoolDestroy, procPoolUndefine, procPoolRefresh, procVolDelete, procVolUpload,
		procNetworkCreate, procSnapshotRevert, procSnapshotDelete:
		return nothing
	case procAuthList:
		return list(20, word)
	case procAuthPolkit, procDomainEvents, procNetworkEvents, procPoolEvents, procSecretEvents:
		return word
	case procGetVersion, procLibVersion:
		return hyper
	case procHostname, procCapabilities, procDomainCapabilities, procDomainXML, procPoolXML, procVolXML, procNetworkXML, procSnapshotXML:
		return text
	case procScreenshot:
		return opt(text)
	case procNodeInfo: // 32 chars, each a word; memory; six ints
		return func(r *reader) { r.take(32*4 + 8 + 6*4) }
	case procNodeCPUStats, procNodeMemoryStats:
		return seq(list(16, seq(text, hyper)), word)
	case procListDomains:
		return seq(list(maxList, domain), word)
	case procDomainDefine, procDomainByName:
		return domain
	case procAllStats:
		return list(maxList, seq(domain, list(maxParams, typedParam)))
	case procIfAddresses:
		return list(2048, seq(text, opt(text), list(2048, seq(word, text, word))))
	case procListPools, procListNetworks:
		return seq(list(maxList, named), word)
	case procPoolByName, procPoolDefine, procNetworkByName, procNetworkDefine:
		return named
	case procPoolInfo:
		return seq(word, hyper, hyper, hyper)
	case procListVolumes:
		return seq(list(maxList, volume), word)
	case procVolCreate:
		return volume
	case procLeases:
		return seq(list(65536, seq(text, hyper, word, opt(text), opt(text), text, word, opt(text), opt(text))), word)
	case procListSnapshots:
		return seq(list(maxList, snapshot), word)
	case procSnapshotCreate, procSnapshotCurrent:
		return snapshot
	}
	return nil
}

// fits reports whether payload is exactly one value of the shape.
func fits(s shape, payload []byte) bool {
	r := &reader{rest: payload}
	s(r)
	return !r.bad && len(r.rest) == 0
}
