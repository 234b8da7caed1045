package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// aboutQueries is what help says of the language.
const aboutQueries = `
A query is words and fields, all of which must be so: web state:running host:kvm*
mem>4G ip:10.0.0.0/8. "or", "not" (or -) and parentheses join them; docs/search.md
has all fields. Quote it for the shell where it has * ? < > ( ), and as a whole
where a term begins with -.`

func (p *program) searchCommand() *cobra.Command {
	var kinds []string
	var limit int32
	cmd := &cobra.Command{
		Use:     "search QUERY...",
		Short:   "Find hosts, VMs, networks, pools, volumes and tasks",
		Long:    "Find hosts, VMs, networks, pools, volumes and tasks." + aboutQueries,
		Example: "  limiquantix search web\n  limiquantix search 'state:running mem>4G' --kind vm\n  limiquantix search ip:10.0.0.0/8 or host:kvm1",
		Args:    between(1, -1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			res, err := p.search(ctx, a, &apiv1.SearchRequest{Query: strings.Join(args, " "), Kinds: kinds, Limit: limit, Offline: p.offline})
			if err != nil {
				return err
			}
			err = printList(p, res.Found,
				column[*apiv1.Found]{"KIND", (*apiv1.Found).GetKind},
				column[*apiv1.Found]{"NAME", (*apiv1.Found).GetName},
				column[*apiv1.Found]{"HOST", (*apiv1.Found).GetHost},
				column[*apiv1.Found]{"STATE", (*apiv1.Found).GetText},
			)
			if err != nil {
				return err
			}
			if more := int(res.Total) - len(res.Found); more > 0 {
				p.say("%d more match (--limit)", more)
			}
			return p.problems("search", nil, res.Problems)
		}),
	}
	cmd.Flags().StringSliceVar(&kinds, "kind", nil, "only these kinds: host, vm, network, pool, volume, task")
	cmd.Flags().Int32Var(&limit, "limit", 0, "at most so many; 0: all")
	return cmd
}

// search asks, and says what the answer is silent about. What is wrong with a
// query is pointed at.
func (p *program) search(ctx context.Context, a *api, req *apiv1.SearchRequest) (*apiv1.SearchResponse, error) {
	res, err := a.searches.Search(ctx, req)
	if err != nil {
		p.pointAt(req.Query, err)
		return nil, fmt.Errorf("search: %w", err)
	}
	for _, note := range res.Notes {
		p.say("note: %s", core.Escape(note))
	}
	return res, nil
}

// pointAt shows where a query is wrong.
func (p *program) pointAt(query string, err error) {
	e := core.AsError(server.FromConnect(err))
	offset, err := strconv.Atoi(e.Detail["offset"])
	length, err2 := strconv.Atoi(e.Detail["length"])
	text := []rune(query)
	if err != nil || err2 != nil || offset < 0 || length < 0 || offset+length > len(text) || core.Escape(query) != query {
		return
	}
	before, wrong := uniseg.StringWidth(string(text[:offset])), uniseg.StringWidth(string(text[offset:offset+length]))
	p.say("  %s\n  %s%s", query, strings.Repeat(" ", before), strings.Repeat("^", max(1, wrong)))
}

// queried returns those of vms that a query finds, in their order. They were
// just listed, so no host is asked again.
func (p *program) queried(ctx context.Context, a *api, vms []*apiv1.VM, query string) ([]*apiv1.VM, error) {
	res, err := p.search(ctx, a, &apiv1.SearchRequest{Query: query, Kinds: []string{"vm"}, Offline: true})
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, f := range res.Found {
		found[f.Host+"/"+f.Id] = true
	}
	out := []*apiv1.VM{}
	for _, v := range vms {
		if found[v.Host+"/"+v.Uuid] {
			out = append(out, v)
		}
	}
	return out, nil
}

// named returns those of vms that args mean: the VMs of these names, HOST/NAMEs
// and UUIDs if there are such, else what args find as a query.
func (p *program) named(ctx context.Context, a *api, vms []*apiv1.VM, args []string) ([]*apiv1.VM, error) {
	out := []*apiv1.VM{}
	for _, v := range vms {
		if slices.Contains(args, v.Name) || slices.Contains(args, v.Host+"/"+v.Name) || slices.Contains(args, v.Uuid) {
			out = append(out, v)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return p.queried(ctx, a, vms, strings.Join(args, " "))
}

// queriedHosts returns those of hosts that a query finds, in their order.
func (p *program) queriedHosts(ctx context.Context, a *api, hosts []*apiv1.Host, query string) ([]*apiv1.Host, error) {
	res, err := p.search(ctx, a, &apiv1.SearchRequest{Query: query, Kinds: []string{"host"}, Offline: true})
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, f := range res.Found {
		found[f.Name] = true
	}
	return slices.DeleteFunc(hosts, func(h *apiv1.Host) bool { return !found[h.Name] }), nil
}

// selects lets a verb for many VMs choose them by a query, too.
func (p *program) selects(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&p.selected, "select", "", "also all VMs that this query finds, as 'tag:web state:stopped'")
	args := cmd.Args
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		if !cmd.Flags().Changed("select") {
			return args(cmd, given)
		}
		if strings.TrimSpace(p.selected) == "" {
			return core.Errorf(core.Invalid, "--select is empty: that would be all VMs").WithHint("kind:vm are all of them")
		}
		return nil
	}
	return cmd
}
