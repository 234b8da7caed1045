// Package image is the disk images that VMs are made from: how one gets onto a
// host, and which volumes of a host are one.
package image

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/image/header"
	"github.com/limiquantix/limiquantix/core/plan"
	"github.com/limiquantix/limiquantix/core/storage"
	"github.com/limiquantix/limiquantix/core/task"
)

// Names of the kinds of tasks of this package.
const (
	kindAdd    = "image.add"
	kindRemove = "image.remove"
)

// Service is the API of images.
type Service struct {
	m      *host.Manager
	users  storage.Users
	client *http.Client
	run    *task.Runner
}

// NewService returns the API of images; client fetches those of URLs.
func NewService(m *host.Manager, users storage.Users, client *http.Client) *Service {
	return &Service{m: m, users: users, client: client}
}

// Kinds returns the kinds of tasks that the service plans.
func (s *Service) Kinds() []task.Kind {
	return []task.Kind{task.Define(kindAdd, s.planAdd, nil), task.Define(kindRemove, s.planRemove, nil)}
}

// Use gives the service the runner of its tasks.
func (s *Service) Use(r *task.Runner) { s.run = r }

// AddImage implements the API.
func (s *Service) AddImage(ctx context.Context, req *apiv1.AddImageRequest) (*apiv1.Operation, error) {
	if req.Pool == "" {
		req.Pool = "default"
	}
	if req.Source == "" {
		return nil, core.Errorf(core.Invalid, "no file or address of an image is named").WithDetail("field", "source")
	}
	if rest, ok := strings.CutPrefix(req.Source, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, core.Errorf(core.Invalid, "this user's home directory is not known: %w", err).WithDetail("field", "source")
		}
		req.Source = filepath.Join(home, rest)
	}
	if !strings.Contains(req.Source, "://") && !filepath.IsAbs(req.Source) {
		return nil, core.Errorf(core.Invalid, "the path of the image is not absolute").WithDetail("field", "source")
	}
	if _, err := parseChecksum(req.Checksum); err != nil {
		return nil, core.InField(err, "checksum")
	}
	if req.Name != "" {
		if err := core.CheckName("image name", req.Name); err != nil {
			return nil, core.InField(err, "name")
		}
	}
	return s.run.Operate(ctx, kindAdd, req)
}

// planAdd plans the transfer of an image into a pool. A resumed task sends it
// again from the beginning.
func (s *Service) planAdd(ctx context.Context, req *apiv1.AddImageRequest, run task.Run) (*plan.Plan, error) {
	h, l, err := s.m.Link(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	c, err := storage.ConnOf(l)
	if err != nil {
		return nil, err
	}
	if run.Resumed {
		// What was published just before the crash may not be in the pool's list yet.
		if err := c.RefreshPool(ctx, req.Pool); err != nil && core.CodeOf(err) != core.NotFound {
			return nil, err
		}
	}
	p := &plan.Plan{Host: h.Name, Undo: "delete the volume"}
	src, err := probe(ctx, s.client, req.Source)
	if err != nil {
		p.BlockError(core.InField(err, "source"))
	}
	name := volumeName(req.Name, src)
	if run.Object != "" {
		name = run.Object // the source may be gone, and the ending with it
	}
	format, err := volumeFormat(src.info.Format)
	if err == nil {
		err = core.CheckFile("image name", name)
	}
	if err != nil && len(p.Blockers) == 0 {
		p.BlockError(err)
	}
	p.Title, p.Object = fmt.Sprintf("Add image %s (%s) to pool %s on %s", name, src.size, req.Pool, h.Name), name
	p.Result = map[string]string{"name": name, "pool": req.Pool, "host": h.Name}
	p.Command = []string{"image", "add", req.Source, "--name", name, "--host", h.Name, "--pool", req.Pool}
	if req.Checksum != "" {
		p.Command = append(p.Command, "--checksum", req.Checksum)
	}
	if err := checkRoom(ctx, p, c, req.Pool, name, src.size, run); err != nil {
		return nil, err
	}
	foreign, there, err := s.earlier(ctx, l, c, req.Pool, name, run)
	if err != nil {
		return nil, err
	}
	if foreign {
		p.Block(core.Exists, fmt.Sprintf("volume %s in pool %s is in use by now", core.Printable(name, 80), req.Pool), "")
	}
	sum, err := parseChecksum(req.Checksum)
	if err != nil {
		return nil, err
	}
	a := adding{c: c, src: src, sum: sum, again: run.Resumed && run.Sent("upload"), foreign: foreign,
		up: storage.Upload{Pool: req.Pool, Name: name, Format: format, Size: src.size, Capacity: src.info.VirtualSize, Token: run.Token()}}
	p.Steps = []plan.Step{{
		ID: "upload", Text: fmt.Sprintf("Send %s to volume %s of pool %s", src.size, name, req.Pool), Call: "write " + req.Pool + "/" + name,
		Content: fmt.Sprintf("%s of %d bytes", src.info.Format, src.info.VirtualSize),
		Done:    there && run.Seen("upload"), UndoText: "delete what was written", Do: a.do, Undo: a.undo,
	}}
	return p, nil
}

// earlier looks at what an interrupted attempt may have left under the image's
// name. What others use by now is foreign: it is not taken back.
func (s *Service) earlier(ctx context.Context, l host.Link, c storage.Conn, pool, name string, run task.Run) (foreign, there bool, err error) {
	if !run.Sent("upload") {
		return false, false, nil
	}
	v, err := c.Volume(ctx, pool, name)
	if err != nil {
		if core.CodeOf(err) == core.NotFound {
			err = nil
		}
		return false, false, err
	}
	if run.Seen("upload") {
		return false, true, nil
	}
	used, err := storage.InUse(ctx, l, c, s.users, v)
	return used != "", true, err
}

// adding is the one step of adding an image.
type adding struct {
	c       storage.Conn
	src     source
	sum     checksum
	up      storage.Upload
	again   bool // an earlier attempt was interrupted: what is there is ours
	foreign bool // but for the volume itself
}

func (a adding) do(ctx context.Context, p plan.Progress) error {
	if a.again {
		if err := a.undo(ctx); err != nil {
			return err
		}
	}
	r, err := a.src.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	checked, err := checkAgain(r, a.up.Size, a.src.info.Format)
	if err != nil {
		return err
	}
	a.up.Progress = func(done core.Bytes) { p(int64(done), int64(a.up.Size)) }
	return a.c.PutVolume(ctx, a.up, verify(checked, a.up.Size, a.sum))
}

func (a adding) undo(ctx context.Context) error {
	if err := a.c.DiscardUpload(ctx, a.up); err != nil {
		return err
	}
	if a.foreign {
		return nil
	}
	if err := a.c.DeleteVolume(ctx, a.up.Pool, a.up.Name); err != nil && core.CodeOf(err) != core.NotFound {
		return err
	}
	return nil
}

// checkRoom blocks when the pool is not usable, the name is taken, or the image
// does not fit.
func checkRoom(ctx context.Context, p *plan.Plan, c storage.Conn, pool, name string, size core.Bytes, run task.Run) error {
	pools, err := c.Pools(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, have := range pools {
		names = append(names, core.Escape(have.Name))
		if have.Name != pool {
			continue
		}
		if have.State != storage.Active {
			p.BlockField("pool", core.Conflict, fmt.Sprintf("pool %s is not active", core.Printable(pool, 60)), "start it on the host: virsh pool-start "+pool)
			return nil
		}
		if size > have.Available {
			p.BlockField("pool", core.NoSpace, fmt.Sprintf("pool %s has %s free and the image needs %s", core.Printable(pool, 60), have.Available, size), "free some space, or use another pool")
		}
		_, err := c.Volume(ctx, pool, name)
		if err == nil && !run.Sent("upload") {
			p.BlockField("name", core.Exists, fmt.Sprintf("there is a volume %s in pool %s already", core.Printable(name, 80), pool), "choose another name with --name")
		}
		if err != nil && core.CodeOf(err) != core.NotFound {
			return err
		}
		return nil
	}
	p.BlockField("pool", core.NotFound, fmt.Sprintf("there is no pool %s", core.Printable(pool, 60)), "pools are: "+strings.Join(names, ", ")+"; make one with: limiquantix pool create")
	return nil
}

// volumeFormat returns what the host shall see an image as.
func volumeFormat(f header.Format) (string, error) {
	switch f {
	case header.Qcow2, header.Raw, header.ISO:
		return string(f), nil
	}
	return "", core.Errorf(core.Unsupported, "the image is of format %s: VMs are made from qcow2 and raw images", f).
		WithHint("convert it first: qemu-img convert -O qcow2 IN OUT.qcow2")
}

// volumeName is the name that an image gets: the one asked for, or its
// source's, with the ending of its format.
func volumeName(asked string, src source) string {
	name, ending := asked, map[header.Format]string{header.Qcow2: ".qcow2", header.Raw: ".raw", header.ISO: ".iso"}[src.info.Format]
	if name == "" {
		name = src.name
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".qcow2", ".img", ".raw", ".iso":
		return name
	}
	return name + ending
}

// ListImages implements the API.
func (s *Service) ListImages(ctx context.Context, req *apiv1.ListImagesRequest) (*apiv1.ListImagesResponse, error) {
	hosts, err := s.m.Pick(req.Hosts)
	if err != nil {
		return nil, err
	}
	lists := make([][]*apiv1.Image, len(hosts))
	problems := s.m.Each(ctx, hosts, func(ctx context.Context, i int, h host.Host, l host.Link) (err error) {
		lists[i], err = imagesOf(ctx, h, l)
		return err
	})
	res := &apiv1.ListImagesResponse{Problems: problems}
	for _, list := range lists {
		res.Images = append(res.Images, list...)
	}
	return res, nil
}

// RemoveImage implements the API.
func (s *Service) RemoveImage(ctx context.Context, req *apiv1.RemoveImageRequest) (*apiv1.Operation, error) {
	return s.run.Operate(ctx, kindRemove, req)
}

func (s *Service) planRemove(ctx context.Context, req *apiv1.RemoveImageRequest, run task.Run) (*plan.Plan, error) {
	pool := req.Pool
	if pool == "" {
		pool = "default"
	}
	p, err := storage.PlanDelete(ctx, s.m, s.users, storage.Ref{Host: req.Host, Pool: pool, Name: req.Name}, run)
	if err == nil {
		p.Title = fmt.Sprintf("Remove image %s from %s", req.Name, p.Host)
		p.Command = []string{"image", "remove", pool + "/" + req.Name, "--host", p.Host, "--yes"}
	}
	return p, err
}
