package sim

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/limiquantix/limiquantix/core"
)

// maxUnread is how much a console keeps for a reader that does not read; QEMU,
// too, drops what nobody takes.
const maxUnread = 64 << 10

// OpenSerial attaches to the VM's first serial console; somebody else's session
// is taken over. What the guest printed so far is there to read, then a login
// prompt that knows nobody.
func (l *Link) OpenSerial(ctx context.Context, uuid string) (io.ReadWriteCloser, error) {
	var c *console
	err := l.tell(ctx, "OpenSerial", func(h *Host) error {
		d, err := h.running(uuid)
		if err != nil {
			return err
		}
		if !d.run.config.serial {
			return core.Errorf(core.NotFound, "VM %s has no serial console", core.Printable(d.name, 60))
		}
		if d.run.console != nil {
			d.run.console.hangup(io.EOF)
		}
		c = newConsole(d.name)
		if d.run.config.bootable() {
			c.print(bootLog(d.name))
		}
		if d.run.up(h.fleet.now()) {
			c.print(loginPrompt(d.name))
		}
		d.run.console = c
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.attach(c)
	return c, nil
}

func bootLog(name string) string {
	var b strings.Builder
	for i, line := range []string{
		"Linux version 6.1.0-40-amd64 (simulated)",
		"Command line: root=/dev/vda1 console=ttyS0",
		"Run /sbin/init as init process",
		"EXT4-fs (vda1): mounted filesystem with ordered data mode",
	} {
		fmt.Fprintf(&b, "[%5d.%06d] %s\r\n", i, 4211*(i+1), line)
	}
	return b.String()
}

func loginPrompt(name string) string {
	return "\r\nDebian GNU/Linux 12 " + name + " ttyS0\r\n\r\n" + name + " login: "
}

// console is one session on a terminal, with a guest's getty or a shell behind it.
type console struct {
	mu      sync.Mutex
	arrived sync.Cond // there is something to read, or it is over
	unread  []byte
	key     func(rune) // takes what is typed
	over    error      // what Read gives in the end
}

func newConsole(name string) *console {
	c := bareConsole()
	g := getty{name: name, say: c.say}
	c.key = g.key
	return c
}

// bareConsole has nobody behind it yet.
func bareConsole() *console {
	c := &console{}
	c.arrived.L = &c.mu
	return c
}

// Read gives what the guest printed, io.EOF when the VM stopped or somebody
// took the console over.
func (c *console) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.unread) == 0 && c.over == nil {
		c.arrived.Wait()
	}
	if len(c.unread) == 0 {
		return 0, c.over
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}

// Write is keys typed; they are echoed, but for a password.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over != nil {
		return 0, io.ErrClosedPipe
	}
	for _, key := range p {
		c.key(rune(key))
	}
	return len(p), nil
}

// say adds output; the console is locked.
func (c *console) say(s string) {
	c.unread = append(c.unread, s...)
	if n := len(c.unread); n > maxUnread {
		c.unread = append([]byte(nil), c.unread[n-maxUnread:]...)
	}
	c.arrived.Broadcast()
}

func (c *console) print(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over == nil {
		c.say(s)
	}
}

// hangup ends the session; what was printed can still be read.
func (c *console) hangup(reason error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over == nil {
		c.over = reason
		c.arrived.Broadcast()
	}
}

// Close ends the session.
func (c *console) Close() error {
	c.hangup(io.ErrClosedPipe)
	return nil
}

// ended reports whether the session is over.
func (c *console) ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over != nil
}
