package vm

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/cloudinit"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/network"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm/config"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Names of the kinds of tasks of this package.
const (
	kindCreate = "vm.create"
	kindPower  = "vm.power"
	kindDelete = "vm.delete"
	kindEdit   = "vm.edit"
	kindSet    = "vm.set"
)

// Defaults of a new VM.
const (
	defaultMemory  = core.GiB
	defaultPool    = "default"
	defaultNetwork = "default"
	minMemory      = 16 * core.MiB
	// maxDisk is the largest qcow2 with clusters of 64 KiB, as we make them: a
	// first table of 32 MiB leads to 4 Mi second ones, each to 512 MiB.
	// Source: QCOW_MAX_L1_SIZE of QEMU's block/qcow2.h; qemu-img refuses more.
	maxDisk = 2 * core.PiB
)

// maker is what creating a VM needs of a host.
type maker interface {
	host.Link
	Conn
	storage.Conn
	Networks(ctx context.Context) ([]network.Network, error)
}

// prepareCreate checks what can be checked without the host and fixes what must
// stay the same when the task is resumed: UUID, MAC addresses, password hash.
func prepareCreate(req *apiv1.CreateVMRequest) error {
	if err := checkName(req.Name); err != nil {
		return core.InField(err, "name")
	}
	if req.Vcpus == 0 {
		req.Vcpus = 1
	}
	if req.MemoryBytes == 0 {
		req.MemoryBytes = int64(defaultMemory)
	}
	if req.Pool == "" {
		req.Pool = defaultPool
	}
	if len(req.Nics) == 0 {
		req.Nics = []*apiv1.NewNIC{{}}
	}
	vcpus, memory := int(req.Vcpus), core.Bytes(req.MemoryBytes)
	if err := (config.Settings{Title: &req.Title, VCPUs: &vcpus, Memory: &memory}).Check(); err != nil {
		return err
	}
	switch {
	case memory < minMemory:
		return core.Errorf(core.Invalid, "%s is too little memory for a VM", memory).WithHint("give at least %s", minMemory).WithDetail("field", "memory_bytes")
	case req.DiskBytes < 0:
		return core.Errorf(core.Invalid, "the size of a disk cannot be negative").WithDetail("field", "disk_bytes")
	case core.Bytes(req.DiskBytes) > maxDisk:
		return core.Errorf(core.Invalid, "%s is more than a disk can have", core.Bytes(req.DiskBytes)).WithHint("give at most %s", maxDisk).WithDetail("field", "disk_bytes")
	case req.Image == "":
		return core.Errorf(core.Invalid, "no image is named").WithHint("see: limiquantix image list").WithDetail("field", "image")
	}
	req.Uuid = drawnUUID(req.ExpectedPlanDigest)
	for i, n := range req.Nics {
		if err := prepareNIC(n, req.Uuid, i); err != nil {
			return core.InField(err, fmt.Sprintf("nics[%d].mac", i))
		}
	}
	return prepareCloudInit(req)
}

// checkName refuses names that no VM can be started by. libvirt (9.0) calls a
// VM's directory "domain-ID-" and the first 20 characters of its name, and the
// guest agent's socket in it, with /var/lib/libvirt/qemu/channel/target before,
// must fit into the 107 bytes of sun_path: that leaves them 33 bytes.
// Source: virDomainDefGetShortName, qemuDomainPrepareChannel.
func checkName(name string) error {
	if err := core.CheckName("VM name", name); err != nil {
		return err
	}
	const characters, limit = 20, 33
	if short := []rune(name); len(string(short[:min(len(short), characters)])) > limit {
		return core.Errorf(core.Invalid, "VM name %s: its first %d characters take more than %d bytes, and libvirt cannot start such a VM", core.Printable(name, 60), characters, limit).
			WithHint("use more of plain letters, digits and '-', and say the rest in --title")
	}
	return nil
}

// prepareCloudInit hashes the password, and renders the seed once to refuse bad
// input before anything is planned.
func prepareCloudInit(req *apiv1.CreateVMRequest) error {
	if req.CloudInit == nil {
		return nil
	}
	var refused error
	if p := req.CloudInit.Password; p != "" {
		hash, err := cloudinit.HashPassword(p, req.Uuid)
		req.CloudInit.Password, req.CloudInit.PasswordHash, refused = "", hash, core.InField(err, "password")
	}
	_, err := seedISO(req)
	return core.InField(core.All(refused, err), "cloud_init")
}

// seedISO renders the NoCloud seed of a request; the same request gives the same bytes.
func seedISO(req *apiv1.CreateVMRequest) ([]byte, error) {
	c := seedConfig(req.Name, req.CloudInit)
	c.InstanceID = req.Uuid
	seed, err := cloudinit.Render(c)
	if err != nil {
		return nil, err
	}
	return cloudinit.ISO(seed)
}

// seedConfig is what a request for a VM of that name says of its seed.
func seedConfig(name string, c *apiv1.CloudInit) cloudinit.Config {
	hostname := c.GetHostname()
	if hostname == "" {
		hostname = hostnameFrom(name)
	}
	return cloudinit.Config{
		Hostname: hostname, User: c.GetUser(), Password: c.GetPassword(), PasswordHash: c.GetPasswordHash(), SSHKeys: c.GetSshKeys(),
		UserData: orNil(c.GetUserData()), NetworkConfig: orNil(c.GetNetworkConfig()),
	}
}

// PreviewCloudInit implements the API.
func (s *Service) PreviewCloudInit(_ context.Context, req *apiv1.PreviewCloudInitRequest) (*apiv1.PreviewCloudInitResponse, error) {
	seed, err := cloudinit.Preview(seedConfig(req.Name, req.CloudInit))
	if err != nil {
		return nil, core.InField(err, "cloud_init")
	}
	return &apiv1.PreviewCloudInitResponse{
		UserData: string(seed.UserData), MetaData: string(seed.MetaData), NetworkConfig: string(seed.NetworkConfig),
	}, nil
}

// orNil returns nil for "": nothing was said.
func orNil(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// hostnameFrom makes a host name of a VM's name: letters, digits and hyphens,
// at most 63. Source: RFC 1123 2.1.
func hostnameFrom(name string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r == ' ' || r == '_' || r == '.':
			return '-'
		}
		return -1
	}, name)
	if len(clean) > 63 {
		clean = clean[:63]
	}
	if clean = strings.Trim(clean, "-"); clean == "" {
		return "vm"
	}
	return clean
}

// redactCreate blanks what may hold secrets.
func redactCreate(req *apiv1.CreateVMRequest) {
	if c := req.CloudInit; c != nil {
		c.Password, c.PasswordHash = "", ""
		c.UserData = cloudinit.Redact(c.UserData)
	}
}

// planCreate plans a new VM: seed, overlay disk, definition, start.
func (s *Service) planCreate(ctx context.Context, req *apiv1.CreateVMRequest, run task.Run) (*plan.Plan, error) {
	h, link, err := s.m.Link(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	c, ok := link.(maker)
	if !ok {
		return nil, core.Errorf(core.Unsupported, "this connection cannot make VMs")
	}
	if run.Resumed {
		// What was published just before the crash may not be in the pool's list yet.
		if err := ignore(core.NotFound, c.RefreshPool(ctx, req.Pool), nil); err != nil {
			return nil, err
		}
	}
	o, err := observe(ctx, c, req.Pool)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{
		Title: fmt.Sprintf("Create VM %s on %s", req.Name, h.Name), Host: h.Name, Object: req.Name,
		Undo: "delete the VM with its disk and seed", Command: createCommand(req, h.Name), Drawn: req.Uuid,
		Result: map[string]string{"uuid": req.Uuid, "name": req.Name, "host": h.Name},
		Settle: func(ctx context.Context) error {
			return s.inv.settle(ctx, h, link, req.Uuid, func(k *Known) bool {
				return k != nil && k.Autostart == req.Autostart && (!req.Start || k.State == Running)
			})
		},
	}
	b := &creation{req: req, run: run, conn: c, host: h, seen: o, plan: p}
	if run.Resumed {
		b.others = fates{volumes: o.volumes, self: req.Uuid}
		if b.others.all, err = hardwareOfAll(ctx, c); err != nil {
			return nil, err
		}
	}
	b.build(ctx)
	return p, nil
}

// creation is the plan of a new VM in the making.
type creation struct {
	req  *apiv1.CreateVMRequest
	run  task.Run
	conn maker
	host host.Host
	seen observed
	plan *plan.Plan
	// others tells of a resumed attempt what belongs to somebody else by now.
	others fates
}

func (b *creation) build(ctx context.Context) {
	mine := b.checkName()
	pool, poolErr := b.seen.pool(b.req.Pool)
	if poolErr != nil {
		b.plan.BlockError(core.InField(poolErr, "pool"))
	}
	image, err := b.seen.image(b.req.Image)
	if err != nil {
		b.plan.BlockError(core.InField(err, "image"))
	}
	b.checkNetworks()
	b.checkCapacity(image, pool)
	disk, seed := b.req.Name+".qcow2", ""
	if b.req.CloudInit != nil {
		seed = b.req.Name + "-seed.iso"
		b.addSeed(seed)
	}
	b.addDisk(disk, image)
	v := newVM{
		Name: b.req.Name, UUID: b.req.Uuid, Title: b.req.Title, VCPUs: int(b.req.Vcpus), Memory: core.Bytes(b.req.MemoryBytes),
		UEFI: b.req.Uefi, DiskPath: join(pool.Path, disk), Facts: b.seen.facts,
	}
	if seed != "" {
		v.SeedPath = join(pool.Path, seed)
	}
	for _, n := range b.req.Nics {
		v.NICs = append(v.NICs, newNIC{n.Network, n.Mac, n.Model})
	}
	b.addDefine(v, mine)
	b.addStart(mine)
}

// checkName looks for a VM of that name, and returns ours when an earlier
// attempt defined it.
func (b *creation) checkName() *Summary {
	for _, vm := range b.seen.vms {
		switch {
		case vm.UUID == b.req.Uuid && b.run.Sent("define"):
			return &vm
		case vm.UUID == b.req.Uuid:
			b.plan.Block(core.Exists, fmt.Sprintf("VM %s was made by this plan already", core.Printable(vm.Name, 60)), "make a new plan")
			return nil
		}
		if vm.Name == b.req.Name {
			b.plan.BlockField("name", core.Exists, fmt.Sprintf("there is a VM %s on %s already", core.Printable(vm.Name, 60), b.host.Name), "choose another name, or delete that VM first")
		}
	}
	return nil
}

func (b *creation) checkNetworks() {
	for i, n := range b.req.Nics {
		found, field := false, fmt.Sprintf("nics[%d].network", i)
		for _, have := range b.seen.networks {
			if have.Name != n.Network {
				continue
			}
			found = true
			if !have.Active {
				b.plan.BlockField(field, core.Conflict, fmt.Sprintf("network %s is not active on %s", core.Printable(n.Network, 60), b.host.Name), "start it on the host: virsh net-start "+n.Network)
			}
		}
		if !found {
			b.plan.BlockField(field, core.NotFound, fmt.Sprintf("there is no network %s on %s", core.Printable(n.Network, 60), b.host.Name), "networks are: "+b.seen.networkNames())
		}
	}
}

func (b *creation) checkCapacity(image storage.Volume, pool storage.Pool) {
	r := b.req
	if core.Bytes(r.DiskBytes) != 0 && core.Bytes(r.DiskBytes) < image.Capacity {
		b.plan.BlockField("disk_bytes", core.Invalid, fmt.Sprintf("a disk of %s is smaller than its image (%s)", core.Bytes(r.DiskBytes), image.Capacity), "give at least "+image.Capacity.Exact())
	}
	checkRoom(b.plan, b.host.Name, b.seen.facts, int(r.Vcpus), core.Bytes(r.MemoryBytes))
	if !b.seen.facts.KVM {
		b.plan.Warnings = append(b.plan.Warnings, b.host.Name+" has no KVM: the VM is emulated, about twenty times slower")
	}
	if r.Uefi && !b.seen.facts.UEFI {
		b.plan.BlockField("uefi", core.Unsupported, b.host.Name+" has no UEFI firmware for guests", "install ovmf (Debian, Ubuntu) or edk2-ovmf (Fedora, RHEL) on it")
	}
	if size := max(core.Bytes(r.DiskBytes), image.Capacity); pool.State == storage.Active && size > pool.Available {
		b.plan.WarnOf(fmt.Sprintf("the disk may grow to %s, and pool %s has ", size, pool.Name), pool.Available, " free")
	}
}

// addVolume adds a step that makes a volume, and blocks when the name is taken
// by something that this task did not make. What an interrupted attempt left
// may be half a volume: it is made anew, unless it was seen to be done.
func (b *creation) addVolume(s plan.Step, name string) {
	pool, discard, do := b.req.Pool, s.Undo, s.Do
	v, there := b.seen.volume(name)
	foreign := there && (!b.run.Sent(s.ID) || b.others.inUse(v.Path) != "")
	if foreign {
		b.plan.BlockField("name", core.Exists, fmt.Sprintf("there is a volume %s in pool %s already", core.Printable(name, 80), pool), "choose another name for the VM, or delete that volume")
	}
	s.Done = there && b.run.Seen(s.ID)
	s.UndoText = "delete volume " + name
	s.Undo = func(ctx context.Context) error {
		if discard != nil {
			if err := discard(ctx); err != nil {
				return err
			}
		}
		if foreign {
			return nil // an interrupted attempt of ours may have left a part, not this
		}
		return ignore(core.NotFound, b.conn.DeleteVolume(ctx, pool, name), nil)
	}
	s.Do = func(ctx context.Context, p plan.Progress) error {
		if b.run.Sent(s.ID) {
			if err := s.Undo(ctx); err != nil {
				return err
			}
		}
		return do(ctx, p)
	}
	b.plan.Steps = append(b.plan.Steps, s)
}

func (b *creation) addSeed(name string) {
	iso, err := seedISO(b.req)
	if err != nil {
		b.plan.BlockError(err)
		return
	}
	u := storage.Upload{Pool: b.req.Pool, Name: name, Format: "iso", Size: core.Bytes(len(iso)), Token: b.run.Token()}
	b.addVolume(plan.Step{
		ID: "seed", Text: fmt.Sprintf("Write the cloud-init seed %s (%s) into pool %s", name, u.Size, u.Pool), Call: "write " + join(u.Pool, name), Content: plan.ContentOf(iso),
		Do: func(ctx context.Context, p plan.Progress) error {
			if err := b.conn.DiscardUpload(ctx, u); err != nil {
				return err
			}
			u.Progress = func(done core.Bytes) { p(int64(done), int64(u.Size)) }
			return b.conn.PutVolume(ctx, u, bytes.NewReader(iso))
		},
		Undo: func(ctx context.Context) error { return b.conn.DiscardUpload(ctx, u) },
	}, name)
}

func (b *creation) addDisk(name string, image storage.Volume) {
	size := max(core.Bytes(b.req.DiskBytes), image.Capacity)
	xml, err := overlayXML(name, size, image)
	if err != nil {
		b.plan.BlockError(err)
		return
	}
	b.addVolume(plan.Step{
		ID: "disk", Text: fmt.Sprintf("Make disk %s (%s) in pool %s over image %s", name, size, b.req.Pool, image.Name),
		Call: "virStorageVolCreateXML(" + join(b.req.Pool, name) + ")", Diff: xmledit.Diff("", xml),
		Do: func(ctx context.Context, _ plan.Progress) error { return b.conn.CreateVolume(ctx, b.req.Pool, xml) },
	}, name)
}

func (b *creation) addDefine(v newVM, mine *Summary) {
	xml, err := domainXML(v)
	if err != nil {
		b.plan.BlockError(err)
		return
	}
	b.plan.Steps = append(b.plan.Steps, plan.Step{
		ID: "define", Text: "Define VM " + v.Name, Call: "virDomainDefineXML(" + v.Name + ")", Diff: xmledit.Diff("", xml),
		Done: mine != nil, UndoText: "undefine VM " + v.Name,
		Do: func(ctx context.Context, _ plan.Progress) error {
			_, err := b.conn.DefineVM(ctx, xml)
			return err
		},
		Undo: func(ctx context.Context) error { return removeVM(ctx, b.conn, v.UUID) },
	})
	if b.req.Autostart {
		b.plan.Steps = append(b.plan.Steps, plan.Step{
			ID: "autostart", Text: "Start " + v.Name + " with the host", Call: "virDomainSetAutostart(" + v.Name + ", 1)",
			Done: mine != nil && mine.Autostart,
			Do:   func(ctx context.Context, _ plan.Progress) error { return b.conn.SetAutostart(ctx, v.UUID, true) },
		})
	}
}

func (b *creation) addStart(mine *Summary) {
	if !b.req.Start {
		return
	}
	b.plan.Steps = append(b.plan.Steps, plan.Step{
		ID: "start", Text: "Start VM " + b.req.Name, Call: "virDomainCreate(" + b.req.Name + ")",
		Done: mine != nil && mine.State == Running, UndoText: "power off VM " + b.req.Name,
		Do: func(ctx context.Context, _ plan.Progress) error {
			return ignore(core.Conflict, b.conn.StartVM(ctx, b.req.Uuid), func() error { return mustRun(ctx, b.conn, b.req.Uuid) })
		},
		Undo: func(ctx context.Context) error { return stopIfRunning(ctx, b.conn, b.req.Uuid) },
	})
}

// createCommand is the request as a command line. What came from files is named
// by a placeholder: the files' names are not known here.
func createCommand(r *apiv1.CreateVMRequest, host string) []string {
	args := []string{"vm", "create", r.Name, "--host", host, "--image", r.Image, "--cpus", fmt.Sprint(r.Vcpus),
		"--memory", core.Bytes(r.MemoryBytes).Exact(), "--pool", r.Pool}
	if r.DiskBytes > 0 {
		args = append(args, "--disk", core.Bytes(r.DiskBytes).Exact())
	}
	for _, n := range r.Nics {
		args = append(args, "--network", n.Network+",mac="+n.Mac+",model="+n.Model)
	}
	if c := r.CloudInit; c != nil {
		if c.User != "" {
			args = append(args, "--user", c.User)
		}
		if c.Password != "" || c.PasswordHash != "" {
			args = append(args, "--password-stdin") // neither it nor its hash is for others' eyes
		}
		for _, k := range c.SshKeys {
			args = append(args, "--ssh-key", strings.TrimSpace(k))
		}
		if c.UserData != "" {
			args = append(args, "--user-data", "FILE")
		}
		if c.NetworkConfig != "" {
			args = append(args, "--network-config", "FILE")
		}
	}
	for _, f := range []struct {
		on   bool
		flag string
	}{{r.Uefi, "--firmware=uefi"}, {r.Autostart, "--autostart"}, {r.Start, "--start"}} {
		if f.on {
			args = append(args, f.flag)
		}
	}
	return args
}
