package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) vmCommand() *cobra.Command {
	verbs := []*cobra.Command{p.vmList(), p.vmShow(), p.vmXML(), p.vmCreate(), p.vmSet(), p.vmEdit()}
	verbs = append(verbs, p.labelCommands()...)
	verbs = append(verbs, p.powerCommands()...)
	verbs = append(verbs, p.vmDelete(), p.vmStats(), p.vmConsole(), p.vmScreenshot(), p.vmType())
	return p.noun("vm", "Virtual machines: list, make, change, start, stop, delete", "", verbs...)
}

func (p *program) vmList() *cobra.Command {
	var hosts, shown []string
	var sorted string
	cmd := &cobra.Command{
		Use:   "list [QUERY]...",
		Short: "List VMs",
		Long: `List VMs, all or those that a query finds. A host that
cannot be reached does not fail the command, unless --host names it: its VMs are
listed as last seen, with their age.
` + aboutQueries,
		Example: "  limiquantix vm list\n  limiquantix vm list 'web*' --host kvm1\n  limiquantix vm list state:running 'mem>4G'\n  limiquantix vm list --columns name,folder,tags,cf.owner --sort cf.owner\n  limiquantix vm list --offline -o json",
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			if slices.Contains(args, "") {
				return core.Errorf(core.Invalid, "the VM's name is empty").WithHint("without a name or a query, vm list shows all")
			}
			patience := time.AfterFunc(2*time.Second, func() { p.say("waiting for hosts to answer (--offline shows what was last seen)") })
			res, err := a.vms.ListVMs(ctx, &apiv1.ListVMsRequest{Hosts: hosts, Offline: p.offline})
			patience.Stop()
			if err != nil {
				return fmt.Errorf("list VMs: %w", err)
			}
			vms := res.Vms
			if len(args) > 0 {
				if vms, err = p.named(ctx, a, vms, args); err != nil {
					return err
				}
				if len(vms) == 0 && !strings.ContainsAny(strings.Join(args, " "), " *?:=<>") {
					return core.Errorf(core.NotFound, "there is no VM %s", core.Printable(strings.Join(args, " "), 80)).WithHint("limiquantix vm list shows all")
				}
			}
			p.omit = ofOneVM()
			columns, err := p.vmColumns(shown)
			if err != nil {
				return err
			}
			if sorted != "" {
				if err := p.sortVMs(vms, sorted); err != nil {
					return err
				}
			}
			if err := printList(p, vms, columns...); err != nil {
				return err
			}
			return p.problems("list VMs", hosts, res.Problems)
		}),
	}
	cmd.Flags().StringArrayVar(&hosts, "host", nil, "only VMs of this host (repeatable)")
	cmd.Flags().StringSliceVar(&shown, "columns", []string{"name", "host", "state", "vcpus", "memory", "address", "age"}, "columns of the table; also tags, folder, title, uuid and cf.FIELD")
	cmd.Flags().StringVar(&sorted, "sort", "", "sort by this column; -COLUMN the other way round")
	return cmd
}

// ofOneVM is the fields that are read of one VM only, by vm show.
func ofOneVM() []string {
	return []string{"disks", "nics", "description", "graphics", "serial", "hypervisor", "arch", "machine", "uefi", "cpu_model", "agent", "devices", "os", "pending"}
}

// problems tells of hosts that could not be asked; one that was asked for by
// name makes the command fail.
func (p *program) problems(what string, named []string, problems []*apiv1.HostProblem) error {
	var failed error
	for _, pr := range problems {
		if failed == nil && slices.Contains(named, pr.Host) {
			failed = &core.Error{Code: core.Code(pr.Code), Message: fmt.Sprintf("%s: host %s: %s", what, pr.Host, pr.Message), Hint: pr.Hint}
			continue
		}
		hint := ""
		if pr.Hint != "" {
			hint = " (" + pr.Hint + ")"
		}
		p.say("warning: host %s: %s%s", core.Escape(pr.Host), core.Escape(pr.Message), core.Escape(hint))
	}
	return failed
}

func vmState(v *apiv1.VM) string {
	if v.State == apiv1.VM_STATE_UNSPECIFIED {
		return "unknown"
	}
	return strings.ReplaceAll(word(v.State), "_", "-")
}

func bestAddress(v *apiv1.VM) string {
	if len(v.Addresses) == 0 {
		return ""
	}
	return v.Addresses[0].Ip
}

func (p *program) vmAge(v *apiv1.VM) string {
	if v.Stale {
		return orDash(p.age(v.Seen)) + " (stale)"
	}
	return p.age(v.Seen)
}

func (p *program) vmShow() *cobra.Command {
	return &cobra.Command{
		Use:               "show VM",
		Short:             "Show one VM with its disks, network cards and addresses",
		Example:           "  limiquantix vm show web1\n  limiquantix vm show kvm1/web1 -o yaml",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			res, err := a.vms.GetVM(ctx, &apiv1.GetVMRequest{Vm: args[0], Offline: p.offline})
			if err != nil {
				return fmt.Errorf("show VM %s: %w", args[0], err)
			}
			return printOne(p, res.Vm, p.vmPairs(res.Vm)...)
		}),
	}
}

func (p *program) vmPairs(v *apiv1.VM) [][2]string {
	pairs := [][2]string{
		{"Name", v.Name}, {"Host", v.Host}, {"UUID", v.Uuid}, {"State", vmState(v)},
		{"vCPUs", count(v.Vcpus)}, {"Memory", size(v.MemoryBytes)}, {"Autostart", yesNo(v.Autostart)},
		{"Persistent", yesNo(v.Persistent)}, {"Title", v.Title}, {"Seen", p.vmAge(v)},
	}
	pairs = append(pairs, labelPairs(v)...)
	pairs = append(pairs, hardwarePairs(v)...)
	for _, x := range v.Addresses {
		pairs = append(pairs, [2]string{"Address", fmt.Sprintf("%s (%s, by %s)", x.Ip, x.Mac, x.Source)})
	}
	for _, d := range v.Disks {
		kind := strings.TrimSpace(strings.Join([]string{d.Device, d.Bus, d.Format}, " "))
		if d.Readonly {
			kind += ", read-only"
		}
		pairs = append(pairs, [2]string{"Disk", fmt.Sprintf("%s: %s (%s)", d.Target, orDash(d.Source), kind)})
	}
	for _, n := range v.Nics {
		pairs = append(pairs, [2]string{"NIC", fmt.Sprintf("%s: %s %s (%s)", n.Mac, n.Kind, n.Source, n.Model)})
	}
	return pairs
}

// hardwarePairs is what there is of a VM beside its disks and cards; none for
// one that was not read from its host.
func hardwarePairs(v *apiv1.VM) (pairs [][2]string) {
	add := func(name, text string) {
		if text != "" {
			pairs = append(pairs, [2]string{name, text})
		}
	}
	if v.Pending {
		add("Pending", "other settings at its next boot: limiquantix vm xml")
	}
	add("Description", strings.ReplaceAll(v.Description, "\n", " "))
	add("System", v.Os)
	if v.Machine != "" {
		firmware := "BIOS"
		if v.Uefi {
			firmware = "UEFI"
		}
		add("Machine", fmt.Sprintf("%s (%s, %s, %s)", v.Machine, v.Hypervisor, v.Arch, firmware))
	}
	add("CPU model", v.CpuModel)
	consoles := []string{}
	if v.Graphics != "" {
		consoles = append(consoles, v.Graphics)
	}
	if v.Serial {
		consoles = append(consoles, "serial")
	}
	add("Consoles", strings.Join(consoles, ", "))
	if v.Agent {
		add("Guest agent", "connected")
	}
	return pairs
}

func (p *program) vmXML() *cobra.Command {
	req := &apiv1.GetVMXMLRequest{}
	cmd := &cobra.Command{
		Use:               "xml VM",
		Short:             "Print libvirt's XML of a VM, without secrets",
		Example:           "  limiquantix vm xml web1 > web1.xml\n  limiquantix vm xml web1 --live",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeVMs,
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			req.Vm = args[0]
			res, err := a.vms.GetVMXML(ctx, req)
			if err != nil {
				return fmt.Errorf("XML of VM %s: %w", args[0], err)
			}
			xml := strings.TrimRight(res.Xml, "\n") + "\n"
			if p.io.OutTerminal { // to a file it goes as it is
				xml = escapeUnprintableXML(xml)
			}
			return p.printObject(object{{"xml", res.Xml}}, xml)
		}),
	}
	cmd.Flags().BoolVar(&req.Live, "live", false, "the XML of the running VM instead of the one for its next start")
	return cmd
}

// escapeUnprintableXML keeps line breaks and tabs.
func escapeUnprintableXML(s string) string {
	out := strings.Split(s, "\n")
	for i, line := range out {
		cells := strings.Split(line, "\t")
		for j := range cells {
			cells[j] = core.Escape(cells[j])
		}
		out[i] = strings.Join(cells, "\t")
	}
	return strings.Join(out, "\n")
}
