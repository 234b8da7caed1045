package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// labelCommands are the verbs for what administrators write onto VMs.
func (p *program) labelCommands() []*cobra.Command {
	tag := p.noun("tag", "Tags of VMs: add, remove, list", "", p.tagChange("add", "Add tags to VMs"), p.tagChange("remove", "Remove tags from VMs"), p.tagList())
	field := p.noun("field", "Fields of VMs, columns of your own: set", "", p.fieldSet())
	return []*cobra.Command{tag, field, p.vmMove(), p.vmNotes()}
}

// labels is a verb that changes labels of all its VMs as one task; parse takes
// the first argument into the request.
func (p *program) labels(cmd *cobra.Command, parse func(arg string, req *apiv1.LabelVMsRequest) error) *cobra.Command {
	cmd = p.changes(cmd)
	cmd.Flags().StringVar(&p.selected, "select", "", "also all VMs that this query finds, as 'tag:web state:stopped'")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("select") {
			return between(2, -1)(cmd, args)
		}
		if strings.TrimSpace(p.selected) == "" {
			return core.Errorf(core.Invalid, "--select is empty: that would be all VMs").WithHint("kind:vm are all of them")
		}
		return between(1, -1)(cmd, args)
	}
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return p.completeLabels(cmd, begun)
		}
		return p.completeVMs(cmd, args, begun)
	}
	cmd.RunE = p.with(func(ctx context.Context, a *api, args []string) error {
		req := &apiv1.LabelVMsRequest{}
		if err := parse(args[0], req); err != nil {
			return err
		}
		vms, err := p.selectVMs(ctx, a, args[1:], apiv1.VM_STATE_UNSPECIFIED)
		if err != nil {
			return err
		}
		req.Vms = vms
		return p.label(ctx, a, cmd, req)
	})
	return cmd
}

func (p *program) label(ctx context.Context, a *api, cmd *cobra.Command, req *apiv1.LabelVMsRequest) error {
	what := strings.TrimPrefix(cmd.CommandPath(), "limiquantix ")
	return p.do(ctx, a, change{what: what, send: func(ctx context.Context, m mode) (*apiv1.Operation, error) {
		req.PlanOnly, req.ExpectedPlanDigest = m.planOnly, m.shown
		return a.vms.LabelVMs(ctx, req)
	}})
}

func (p *program) tagChange(verb, short string) *cobra.Command {
	return p.labels(&cobra.Command{
		Use:     verb + " TAG[,TAG]... VM...",
		Short:   short,
		Long:    short + `. Tags stand in each VM's libvirt metadata: every administrator sees them.`,
		Example: fmt.Sprintf("  limiquantix vm tag %[1]s prod,web web1 web2\n  limiquantix vm tag %[1]s idle --select 'state:stopped'", verb),
	}, func(arg string, req *apiv1.LabelVMsRequest) error {
		var tags []string
		for tag := range strings.SplitSeq(arg, ",") {
			tags = append(tags, strings.TrimSpace(tag))
		}
		if verb == "add" {
			req.AddTags = tags
		} else {
			req.RemoveTags = tags
		}
		return nil
	})
}

func (p *program) vmMove() *cobra.Command {
	return p.labels(&cobra.Command{
		Use:   "move FOLDER VM...",
		Short: "Move VMs to a folder",
		Long: `Move VMs to a folder, which need not exist: /prod/web. / takes them out of theirs.
Folders stand in each VM's libvirt metadata; a VM stays on its host.`,
		Example: "  limiquantix vm move /prod/web web1 web2\n  limiquantix vm move / --select folder:/old",
	}, func(arg string, req *apiv1.LabelVMsRequest) error {
		req.Folder = &arg
		return nil
	})
}

func (p *program) fieldSet() *cobra.Command {
	return p.labels(&cobra.Command{
		Use:     "set NAME=VALUE VM...",
		Short:   "Set a field of VMs; NAME= removes it",
		Example: "  limiquantix vm field set owner=anna web1\n  limiquantix vm field set cost= --select 'cf.cost:0'",
	}, func(arg string, req *apiv1.LabelVMsRequest) error {
		name, value, found := strings.Cut(arg, "=")
		if !found {
			return core.Errorf(core.Invalid, "%s is not NAME=VALUE", core.Printable(arg, 60)).WithHint("limiquantix vm field set owner=anna web1")
		}
		req.Fields = []*apiv1.LabelField{{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)}}
		return nil
	})
}

// completeLabels offers the tags, folders or fields that VMs have, as the verb takes them.
func (p *program) completeLabels(cmd *cobra.Command, begun string) ([]string, cobra.ShellCompDirective) {
	return p.complete(cmd, begun, func(ctx context.Context, a *api) (names []string) {
		res, err := a.vms.ListVMs(ctx, &apiv1.ListVMsRequest{Offline: true})
		if err != nil {
			return nil
		}
		for _, v := range res.Vms {
			switch cmd.Name() {
			case "move":
				names = append(names, v.Folder)
			case "set":
				for name := range v.Fields {
					names = append(names, name+"=")
				}
			default:
				names = append(names, v.Tags...)
			}
		}
		slices.Sort(names)
		return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" })
	})
}

// tagList counts the tags of all VMs, from what lists tell.
func (p *program) tagList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List all tags with how many VMs have them",
		Example: "  limiquantix vm tag list",
		Args:    between(0, 0),
		RunE: p.with(func(ctx context.Context, a *api, _ []string) error {
			res, err := a.vms.ListVMs(ctx, &apiv1.ListVMsRequest{Offline: p.offline})
			if err != nil {
				return fmt.Errorf("list VMs: %w", err)
			}
			of := map[string]int{}
			var tags []string
			for _, v := range res.Vms {
				for _, t := range v.Tags {
					if of[t]++; of[t] == 1 {
						tags = append(tags, t)
					}
				}
			}
			slices.Sort(tags)
			if err := p.printTags(tags, of); err != nil {
				return err
			}
			return p.problems("list VMs", nil, res.Problems)
		}),
	}
}

func (p *program) printTags(tags []string, of map[string]int) error {
	rows, out, objects := [][]string{}, list{}, []object{}
	if !p.noHeaders {
		rows = append(rows, []string{"TAG", "VMS"})
	}
	for _, t := range tags {
		rows = append(rows, []string{t, fmt.Sprint(of[t])})
		o := object{{"tag", t}, {"vms", of[t]}}
		out, objects = append(out, o), append(objects, o)
	}
	if p.output == "table" {
		return p.write(align(rows))
	}
	return p.writeData(out, []string{"tag", "vms"}, objects)
}

// maxNotesFile bounds what is read for notes; the server's bound is lower.
const maxNotesFile = 1 << 20

func (p *program) vmNotes() *cobra.Command {
	var set, from string
	cmd := p.changes(&cobra.Command{
		Use:               "notes VM",
		Short:             "Show or write the notes of a VM",
		Long:              "Show the notes of a VM, which are markdown, or write them.",
		Example:           "  limiquantix vm notes web1\n  limiquantix vm notes web1 --set '# The shop'\n  limiquantix vm notes web1 --from notes.md",
		Args:              between(1, 1),
		ValidArgsFunction: p.completeVMs,
	})
	cmd.Flags().StringVar(&set, "set", "", "write these; '' removes them")
	cmd.Flags().StringVar(&from, "from", "", "write what is in this file; - is standard input")
	cmd.RunE = p.with(func(ctx context.Context, a *api, args []string) error {
		switch {
		case cmd.Flags().Changed("set") && from != "":
			return core.Errorf(core.Invalid, "--set and --from do not go together").WithHint("give one of the two")
		case from != "":
			text, err := p.readText(from)
			if err != nil {
				return err
			}
			set = text
		case !cmd.Flags().Changed("set"):
			return p.showNotes(ctx, a, args[0])
		}
		return p.label(ctx, a, cmd, &apiv1.LabelVMsRequest{Vms: args, Notes: &set})
	})
	return cmd
}

func (p *program) readText(name string) (string, error) {
	in := p.io.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", core.Errorf(core.NotFound, "read %s: %w", core.Printable(name, 120), err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxNotesFile))
	if err != nil {
		return "", core.Errorf(core.Invalid, "read the notes: %w", err)
	}
	return strings.TrimRight(string(text), "\n"), nil
}

func (p *program) showNotes(ctx context.Context, a *api, ref string) error {
	res, err := a.vms.GetVM(ctx, &apiv1.GetVMRequest{Vm: ref})
	if err != nil {
		return fmt.Errorf("show VM %s: %w", ref, err)
	}
	notes := res.Vm.Description
	var lines strings.Builder
	for line := range strings.SplitSeq(notes, "\n") {
		lines.WriteString(core.Escape(line) + "\n")
	}
	return p.printObject(object{{"vm", res.Vm.Name}, {"host", res.Vm.Host}, {"notes", notes}}, lines.String())
}

// labelPairs tells the labels of a VM that has some.
func labelPairs(v *apiv1.VM) (pairs [][2]string) {
	if len(v.Tags) > 0 {
		pairs = append(pairs, [2]string{"Tags", strings.Join(v.Tags, ", ")})
	}
	if v.Folder != "" {
		pairs = append(pairs, [2]string{"Folder", v.Folder})
	}
	for _, name := range slices.Sorted(maps.Keys(v.Fields)) {
		pairs = append(pairs, [2]string{name, v.Fields[name]})
	}
	return pairs
}
