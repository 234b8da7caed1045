package console

import (
	"encoding/xml"
	"net"
	"path"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Display is where the VNC server of a running VM listens, as seen from its host.
type Display struct {
	Network string // "tcp" or "unix"
	Address string // "127.0.0.1:5900", or the path of a socket
	// Password that the server asks for; "" when it asks for none.
	Password string
}

// graphicsXML is a <graphics> of a live domain.
type graphicsXML struct {
	Type     string `xml:"type,attr"`
	Port     string `xml:"port,attr"`
	Listen   string `xml:"listen,attr"`
	Socket   string `xml:"socket,attr"`
	Password string `xml:"passwd,attr"`
	Listens  []struct {
		Type    string `xml:"type,attr"`
		Address string `xml:"address,attr"`
		Socket  string `xml:"socket,attr"`
	} `xml:"listen"`
}

// maxSocket is the longest path of a unix socket: sun_path of Linux, without
// its final NUL.
const maxSocket = 107

// FindDisplay reads the live XML of a running VM, with its secrets. Whoever may
// edit that XML must not be able to send us elsewhere: what it gives is always a
// socket or the loopback address of the VM's own host.
//
// Errors: [core.Conflict] when the VM is not running; [core.Unsupported] when it
// has no VNC server, or none that can be reached so; [core.Internal] for XML that
// cannot be read.
func FindDisplay(liveXML string) (Display, error) {
	var dom struct {
		ID       string        `xml:"id,attr"` // of running ones only
		Graphics []graphicsXML `xml:"devices>graphics"`
	}
	if err := xml.Unmarshal([]byte(xmledit.Clean(liveXML)), &dom); err != nil {
		return Display{}, core.Errorf(core.Internal, "the host sent XML that cannot be read: %w", err)
	}
	if dom.ID == "" {
		return Display{}, notRunning()
	}
	other := ""
	for _, g := range dom.Graphics {
		if g.Type == "vnc" {
			d, err := g.display()
			d.Password = g.Password
			return d, err
		}
		other = g.Type
	}
	if other != "" {
		return Display{}, core.Errorf(core.Unsupported, "the VM's screen speaks %s, not VNC", core.Printable(other, 20)).
			WithHint("change its <graphics> to type='vnc' and start it anew, or use its serial console")
	}
	return Display{}, core.Errorf(core.Unsupported, "the VM has no screen").
		WithHint("add a <graphics type='vnc'> and a <video> to its XML and start it anew, or use its serial console")
}

// CheckScreen says why a picture of a VM's screen cannot be taken: it is not
// running ([core.Conflict]) or has no graphics card ([core.Unsupported]); nil when
// its live XML gives no reason.
func CheckScreen(liveXML string) error {
	var dom struct {
		ID    string     `xml:"id,attr"`
		Cards []struct{} `xml:"devices>video"`
	}
	if err := xml.Unmarshal([]byte(xmledit.Clean(liveXML)), &dom); err != nil {
		return core.Errorf(core.Internal, "the host sent XML that cannot be read: %w", err)
	}
	switch {
	case dom.ID == "":
		return notRunning()
	case len(dom.Cards) == 0:
		return core.Errorf(core.Unsupported, "the VM has no screen").WithHint("add a <video> to its XML and start it anew")
	}
	return nil
}

func notRunning() error {
	return core.Errorf(core.Conflict, "the VM is not running: it has no screen").WithHint("start it first")
}

// display returns where a VNC server listens.
func (g graphicsXML) display() (Display, error) {
	address, socket := g.Listen, g.Socket
	for _, l := range g.Listens[:min(1, len(g.Listens))] { // QEMU's VNC has one
		if l.Type == "none" {
			return Display{}, core.Errorf(core.Unsupported, "the VM's VNC server listens nowhere").
				WithHint("give its <graphics> a <listen type='address' address='127.0.0.1'/> and start it anew")
		}
		if l.Address != "" {
			address = l.Address
		}
		if l.Socket != "" {
			socket = l.Socket
		}
	}
	if socket != "" {
		return unixDisplay(socket)
	}
	port, err := strconv.ParseUint(g.Port, 10, 16)
	if err != nil || port == 0 {
		return Display{}, core.Errorf(core.Unsupported, "the VM's VNC server has no port yet").WithHint("the VM may just be starting: try again")
	}
	loopback, err := loopbackOf(address)
	if err != nil {
		return Display{}, err
	}
	return Display{Network: "tcp", Address: net.JoinHostPort(loopback, g.Port)}, nil
}

func unixDisplay(socket string) (Display, error) {
	if !path.IsAbs(socket) || path.Clean(socket) != socket || len(socket) > maxSocket || strings.ContainsAny(socket, "\x00\r\n") {
		return Display{}, core.Errorf(core.Unsupported, "the VM's VNC socket %s is not a path that can be used", core.Printable(socket, 80))
	}
	return Display{Network: "unix", Address: socket}, nil
}

// loopbackOf returns the loopback address on which a server that listens on
// address answers.
func loopbackOf(address string) (string, error) {
	ip := net.ParseIP(address)
	switch {
	case address == "", address == "localhost":
		return "127.0.0.1", nil
	case ip != nil && ip.IsLoopback():
		return ip.String(), nil
	case ip != nil && ip.IsUnspecified() && ip.To4() == nil:
		return "::1", nil
	case ip != nil && ip.IsUnspecified():
		return "127.0.0.1", nil
	}
	return "", core.Errorf(core.Unsupported, "the VM's VNC server listens on %s only, not on the loopback address of its host", core.Printable(address, 60)).
		WithHint("give its <graphics> a <listen type='address' address='127.0.0.1'/> and start it anew: nothing then stands open to the network")
}
