package contract

import (
	"context"
	"errors"
	"image"
	"io"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/console"
	"github.com/limiquantix/limiquantix/transport/contract/vncview"
)

func screenCases() []one {
	return []one{
		{"a screen over a port", []Feature{Screens}, screenByPort},
		{"a screen over a socket", []Feature{Screens}, screenBySocket},
		{"a screen ends with its VM", []Feature{Screens}, screenEnds},
		{"a VM without a screen", []Feature{Screens}, noScreen},
		{"a screenshot", []Feature{Pictures}, screenshot},
		{"many screenshots at once", []Feature{Pictures}, manyScreenshots},
		{"a screenshot that nobody waits for", []Feature{Pictures}, screenshotAbandoned},
		{"screenshots of nothing", []Feature{Pictures, Refusals}, screenshotOfNothing},
		{"keys", []Feature{Keys}, pressKeys},
	}
}

const (
	card       = `<video><model type='vga'/></video>`
	vncByPort  = `<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>` + card
	vncByLocal = `<graphics type='vnc'><listen type='socket'/></graphics>` + card
)

// look opens a VM's screen as its live XML says.
func (e *env) look(uuid string) (*vncview.View, io.Closer) {
	e.Helper()
	xml, err := e.h.VMXML(e.ctx, uuid, true)
	e.ok("read the live XML", err)
	d, err := console.FindDisplay(xml)
	e.ok("find the display", err)
	conn, err := e.h.DialHost(e.ctx, d.Network, d.Address)
	e.ok("dial "+d.Network+" "+d.Address, err)
	e.Cleanup(func() { conn.Close() })
	conn, err = console.Greet(e.ctx, conn)
	e.ok("wait for the greeting", err)
	v, err := vncview.Open(conn, d.Password)
	e.ok("shake hands", err)
	return v, conn
}

func screenByPort(e *env)   { e.seesText(vncByPort) }
func screenBySocket(e *env) { e.seesText(vncByLocal) }

// seesText waits until the firmware of a new VM has written on its screen.
func (e *env) seesText(devices string) {
	e.Helper()
	v, _ := e.look(e.running(devices))
	e.eventually("something on the screen", func() bool {
		e.ok("update", v.Update(false, time.Now().Add(time.Minute)))
		return v.Lit() > 100
	})
	if b := v.Screen.Bounds(); b.Dx() < 320 || b.Dx() > 1920 {
		e.Errorf("the screen has %v", b)
	}
	if v.Name == "" {
		e.Error("the screen has no name")
	}
}

func screenEnds(e *env) {
	uuid := e.running(vncByPort)
	v, _ := e.look(uuid)
	e.ok("update", v.Update(false, time.Now().Add(time.Minute)))
	e.ok("stop", e.h.StopVM(e.ctx, uuid))
	deadline := time.Now().Add(time.Minute)
	for {
		if err := v.Update(false, deadline); err != nil {
			if time.Now().After(deadline) {
				e.Errorf("it does not end with its VM: %v", err)
			}
			return
		}
	}
}

func noScreen(e *env) {
	xml, err := e.h.VMXML(e.ctx, e.running(""), true)
	e.ok("read the live XML", err)
	_, err = console.FindDisplay(xml)
	e.code("display of a VM without", err, core.Unsupported)
	xml, err = e.h.VMXML(e.ctx, e.define(e.name("off"), vncByPort), true)
	e.ok("read the XML", err)
	_, err = console.FindDisplay(xml)
	e.code("display of a stopped VM", err, core.Conflict)
	if conn, err := e.h.DialHost(e.ctx, "tcp", "127.0.0.1:1"); err == nil {
		_, err = console.Greet(e.ctx, conn)
		if err == nil {
			e.Error("something greets on port 1")
		}
	}
}

func (e *env) picture(ctx context.Context, uuid string) (image.Image, error) {
	r, err := e.h.Screenshot(ctx, uuid)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return console.Decode(r)
}

func screenshot(e *env) {
	uuid := e.running(vncByPort)
	for range 3 {
		img, err := e.picture(e.ctx, uuid)
		e.ok("screenshot", err)
		if b := img.Bounds(); b.Dx() < 64 || b.Dy() < 64 {
			e.Errorf("the picture has %v", b)
		}
	}
	e.ok("pause", e.h.PauseVM(e.ctx, uuid))
	_, err := e.picture(e.ctx, uuid)
	e.ok("screenshot of a paused VM", err)
}

func manyScreenshots(e *env) {
	uuid := e.running(vncByPort)
	errs := make(chan error)
	const many = 12
	for range many {
		go func() {
			_, err := e.picture(e.ctx, uuid)
			errs <- err
		}()
	}
	for range many {
		if err := <-errs; err != nil {
			e.Errorf("screenshot: %v", err)
		}
	}
}

// screenshotAbandoned gives up at all moments: the host must live, and make the
// next picture.
func screenshotAbandoned(e *env) {
	uuid := e.running(vncByPort)
	for i := range 20 {
		ctx, cancel := context.WithTimeout(e.ctx, time.Duration(i)*2*time.Millisecond)
		_, err := e.picture(ctx, uuid)
		cancel()
		if err != nil && ctx.Err() == nil {
			e.Errorf("screenshot: %v", err)
		}
		r, err := e.h.Screenshot(e.ctx, uuid)
		e.ok("screenshot that is not read", err)
		_, err = io.ReadFull(r, make([]byte, 10*i))
		e.ok("read a little", err)
		e.ok("close", r.Close())
	}
	_, err := e.picture(e.ctx, uuid)
	e.ok("screenshot after all that", err)
	_, err = e.h.VMs(e.ctx)
	e.ok("list VMs", err)
	if err := e.h.Err(); err != nil {
		e.Errorf("the link is gone: %v", err)
	}
}

func screenshotOfNothing(e *env) {
	_, err := e.picture(e.ctx, core.NewUUID())
	e.code("screenshot of an unknown VM", err, core.NotFound)
	_, err = e.picture(e.ctx, e.define(e.name("off"), vncByPort))
	e.refused("screenshot of a stopped VM", err)
	if _, err = e.picture(e.ctx, e.running("")); err == nil || errors.Is(err, io.EOF) {
		e.Errorf("screenshot of a VM without a screen: %v", err)
	}
}

func pressKeys(e *env) {
	uuid := e.running(vncByPort)
	e.ok("a key", e.h.PressKeys(e.ctx, uuid, []uint32{30}, console.Hold))
	e.ok("a chord", e.h.PressKeys(e.ctx, uuid, []uint32{29, 56, 111}, console.Hold))
	e.state(uuid, "running")
	e.refused("keys for a stopped VM", e.h.PressKeys(e.ctx, e.define(e.name("off"), ""), []uint32{30}, console.Hold))
	e.code("keys for an unknown VM", e.h.PressKeys(e.ctx, core.NewUUID(), []uint32{30}, console.Hold), core.NotFound)
	if err := e.h.PressKeys(e.ctx, uuid, make([]uint32, 17), console.Hold); err == nil {
		e.Error("17 keys at once are not refused")
	}
}
