package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) imageCommand() *cobra.Command {
	return p.noun("image", "Disk images and ISOs that VMs are made from", "",
		p.imageAdd(), p.imageList(), p.imageRemove())
}

func (p *program) imageAdd() *cobra.Command {
	req := &apiv1.AddImageRequest{}
	cmd := p.changes(&cobra.Command{
		Use:   "add FILE|URL",
		Short: "Bring an image from this computer, or from the web, into a host's pool",
		Long: `Bring an image from this computer, or from the web, into a host's pool. It is
streamed; its header is checked first: an image that refers to other files is
refused.`,
		Example: `  limiquantix image add ~/Downloads/debian-12.qcow2 --host kvm1
  limiquantix image add https://cloud.example.org/debian.qcow2 --host kvm1 --name debian.qcow2 --checksum sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`,
		Args: between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			source, err := imageSource(args[0])
			if err != nil {
				return err
			}
			req.Source = source
			if err := p.chooseHost(ctx, a, &req.Host); err != nil {
				return err
			}
			return p.do(ctx, a, change{what: "add image " + clip(args[0]),
				send: func(ctx context.Context, m mode) (*apiv1.Operation, error) {
					req.PlanOnly, req.ExpectedPlanDigest = m.planOnly, m.shown
					return a.images.AddImage(ctx, req)
				}})
		}),
	})
	f := cmd.Flags()
	f.StringVar(&req.Host, "host", "", "host that it goes to (needed when there are several)")
	f.StringVar(&req.Pool, "pool", "", "pool that it goes to (default: default)")
	f.StringVar(&req.Name, "name", "", "name of the volume (default: the file's)")
	f.StringVar(&req.Checksum, "checksum", "", "what it must have: sha256:HEX or sha512:HEX")
	return cmd
}

// imageSource returns a URL as it is and a file's absolute path: the process
// that reads it may stand elsewhere.
func imageSource(s string) (string, error) {
	if scheme, _, ok := strings.Cut(s, "://"); ok {
		if scheme != "http" && scheme != "https" {
			return "", core.Errorf(core.Invalid, "images come from files, http and https, not from %s", core.Printable(scheme, 20)).WithHint("download it first, then add the file")
		}
		return s, nil
	}
	abs, err := filepath.Abs(s)
	if err != nil {
		return "", core.Errorf(core.Invalid, "the path %s is unclear: %w", core.Printable(s, 80), err)
	}
	return abs, nil
}

func (p *program) imageList() *cobra.Command {
	var hosts []string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List images",
		Example: "  limiquantix image list\n  limiquantix image list --host kvm1 -o csv",
		Args:    between(0, 0),
		RunE: p.with(func(ctx context.Context, a *api, _ []string) error {
			res, err := a.images.ListImages(ctx, &apiv1.ListImagesRequest{Hosts: hosts})
			if err != nil {
				return fmt.Errorf("list images: %w", err)
			}
			err = printList(p, res.Images,
				column[*apiv1.Image]{"NAME", (*apiv1.Image).GetName},
				column[*apiv1.Image]{"HOST", (*apiv1.Image).GetHost},
				column[*apiv1.Image]{"POOL", (*apiv1.Image).GetPool},
				column[*apiv1.Image]{"FORMAT", (*apiv1.Image).GetFormat},
				column[*apiv1.Image]{"SIZE", func(i *apiv1.Image) string { return size(i.VirtualBytes) }},
				column[*apiv1.Image]{"USED", func(i *apiv1.Image) string { return size(i.AllocationBytes) }},
			)
			if err != nil {
				return err
			}
			return p.problems("list images", hosts, res.Problems)
		}),
	}
	cmd.Flags().StringArrayVar(&hosts, "host", nil, "only images of this host (repeatable)")
	return cmd
}

func (p *program) imageRemove() *cobra.Command {
	var host, pool string
	cmd := p.changes(&cobra.Command{
		Use:     "remove [HOST/][POOL/]NAME",
		Short:   "Delete an image from a host's pool",
		Example: "  limiquantix image remove kvm1/default/debian.qcow2\n  limiquantix image remove debian.qcow2 --host kvm1 --yes",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			at, err := parsePlace(args[0], host, pool)
			if err != nil {
				return err
			}
			if at, err = findImage(ctx, a, at); err != nil {
				return fmt.Errorf("remove image %s: %w", args[0], err)
			}
			return p.do(ctx, a, change{what: "remove image " + clip(args[0]), destroys: true,
				send: func(ctx context.Context, m mode) (*apiv1.Operation, error) {
					return a.images.RemoveImage(ctx, &apiv1.RemoveImageRequest{Host: at.host, Pool: at.pool, Name: at.name, PlanOnly: m.planOnly, ExpectedPlanDigest: m.shown})
				}})
		}),
	})
	cmd.Flags().StringVar(&host, "host", "", "host that it is on")
	cmd.Flags().StringVar(&pool, "pool", "", "pool that it is in")
	return cmd
}

// findImage completes a place by looking where there is such an image.
func findImage(ctx context.Context, a *api, at place) (place, error) {
	if at.host != "" && at.pool != "" {
		return at, nil
	}
	req := &apiv1.ListImagesRequest{}
	if at.host != "" {
		req.Hosts = []string{at.host}
	}
	res, err := a.images.ListImages(ctx, req)
	if err != nil {
		return at, err
	}
	var found []string
	last := at
	for _, i := range res.Images {
		if i.Name == at.name && (at.pool == "" || i.Pool == at.pool) {
			last = place{i.Host, i.Pool, i.Name}
			found = append(found, i.Host+"/"+i.Pool+"/"+i.Name)
		}
	}
	switch len(found) {
	case 0:
		return at, core.Errorf(core.NotFound, "no such image").WithHint("limiquantix image list shows all")
	case 1:
		return last, nil
	}
	return at, ambiguous("there are several", "name one as HOST/POOL/NAME", found)
}
