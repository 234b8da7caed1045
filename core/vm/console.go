package vm

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/console"
	"github.com/limiquantix/limiquantix/core/host"
)

// awake refuses a VM that has nothing to show because it is off.
func awake(k Known) error {
	if k.State == Running || k.State == Paused {
		return nil
	}
	return core.Errorf(core.Conflict, "VM %s is %s: it has no console", core.Printable(k.Name, 60), k.State).
		WithHint("start it with: limiquantix vm start %s", core.Escape(k.Name))
}

// OpenConsole implements the API.
func (s *Service) OpenConsole(ctx context.Context, req *apiv1.OpenConsoleRequest) (*apiv1.OpenConsoleResponse, error) {
	k, _, link, err := s.resolve(ctx, req.Vm, false)
	if err != nil {
		return nil, err
	}
	if err := awake(k); err != nil {
		return nil, err
	}
	p := place{hostID: k.HostID, uuid: k.UUID}
	res := &apiv1.OpenConsoleResponse{}
	switch req.Console {
	case apiv1.OpenConsoleRequest_CONSOLE_UNSPECIFIED:
	case apiv1.OpenConsoleRequest_CONSOLE_GRAPHICAL:
		d, err := displayOf(ctx, link, k.UUID)
		if err != nil {
			return nil, err
		}
		p.graphical, res.Password = true, d.Password
	default:
		return nil, core.Errorf(core.Unsupported, "there is no console of kind %d", req.Console)
	}
	res.Ticket = s.tickets.Issue(p)
	return res, nil
}

// Console opens the console that a ticket stands for. [core.Denied] for a
// ticket that is unknown, used or too old.
func (s *Service) Console(ctx context.Context, ticket string) (io.ReadWriteCloser, error) {
	p, err := s.tickets.Redeem(ticket)
	if err != nil {
		return nil, err
	}
	_, link, err := s.m.Link(ctx, p.hostID)
	if err != nil {
		return nil, err
	}
	if p.graphical {
		return openScreen(ctx, link, p.uuid)
	}
	c, err := connOf(link)
	if err != nil {
		return nil, err
	}
	return c.OpenSerial(ctx, p.uuid)
}

// displayOf reads where a running VM's VNC server listens.
func displayOf(ctx context.Context, l host.Link, uuid string) (console.Display, error) {
	c, err := connOf(l)
	if err != nil {
		return console.Display{}, err
	}
	xml, err := c.VMXML(ctx, uuid, true)
	if err != nil {
		return console.Display{}, err
	}
	return console.FindDisplay(xml)
}

// openScreen connects to a VM's VNC server. Where it listens is read again: since
// the ticket was made the VM may have been restarted, and its port be another VM's.
func openScreen(ctx context.Context, l host.Link, uuid string) (io.ReadWriteCloser, error) {
	d, err := displayOf(ctx, l, uuid)
	if err != nil {
		return nil, err
	}
	dialer, ok := l.(Dialer)
	if !ok {
		return nil, core.Errorf(core.Unsupported, "this connection cannot reach the screens of VMs")
	}
	conn, err := dialer.DialHost(ctx, d.Network, d.Address)
	if err == nil {
		conn, err = console.Greet(ctx, conn)
	}
	if err == nil {
		return conn, nil
	}
	err = fmt.Errorf("open the VM's screen: %w", err)
	select {
	case <-l.Done():
	default:
		if core.CodeOf(err) == core.Unreachable { // the server on the host is, the host is not
			e := core.AsError(err)
			return nil, &core.Error{Code: core.Conflict, Message: e.Message, Hint: "look at the VM's state and try again", Cause: err}
		}
	}
	return nil, err
}

const (
	// maxPictures is how many screenshots are decoded at once, for all hosts: one
	// may take 130 MiB of memory.
	maxPictures = 8
	// pictureLimit is how long one may take. A QEMU that hangs must not hold up
	// the pictures of the host's other VMs for long.
	pictureLimit = 20 * time.Second
)

// ScreenshotVM implements the API.
func (s *Service) ScreenshotVM(ctx context.Context, req *apiv1.ScreenshotVMRequest) (*apiv1.ScreenshotVMResponse, error) {
	if req.MaxWidth < 0 {
		return nil, core.Errorf(core.Invalid, "a picture cannot be %d pixels wide", req.MaxWidth).WithDetail("field", "max_width")
	}
	k, _, link, err := s.resolve(ctx, req.Vm, false)
	if err != nil {
		return nil, err
	}
	if err := awake(k); err != nil {
		return nil, err
	}
	c, err := connOf(link)
	if err != nil {
		return nil, err
	}
	select {
	case s.pictures <- struct{}{}:
		defer func() { <-s.pictures }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, pictureLimit)
	defer cancel()
	return screenshot(ctx, c, k, int(req.MaxWidth))
}

func screenshot(ctx context.Context, c Conn, k Known, maxWidth int) (*apiv1.ScreenshotVMResponse, error) {
	raw, err := c.Screenshot(ctx, k.UUID)
	if err != nil {
		return nil, whyNoPicture(ctx, c, k, err)
	}
	defer raw.Close()
	img, err := console.Decode(raw)
	if err != nil {
		return nil, fmt.Errorf("screenshot of VM %s: %w", core.Printable(k.Name, 60), err)
	}
	size := img.Bounds()
	data, err := console.EncodePNG(console.Shrink(img, maxWidth))
	return &apiv1.ScreenshotVMResponse{Image: data, Width: int32(size.Dx()), Height: int32(size.Dy())}, err
}

// whyNoPicture tells a VM without a screen from one that stopped: libvirt has
// one number for both.
func whyNoPicture(ctx context.Context, c Conn, k Known, err error) error {
	if core.CodeOf(err) != core.Conflict && core.CodeOf(err) != core.Internal {
		return err
	}
	xml, xmlErr := c.VMXML(ctx, k.UUID, true)
	if xmlErr != nil {
		return err
	}
	if why := console.CheckScreen(xml); why != nil {
		return why
	}
	return err
}
