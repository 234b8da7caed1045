package sim

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/hostos"
)

// OpenTerminal opens a shell of a few commands: those of [Link.Run].
func (l *Link) OpenTerminal(ctx context.Context, _, _ int) (hostos.Terminal, error) {
	t := terminal{bareConsole()}
	err := l.tell(ctx, "OpenTerminal", func(h *Host) error {
		s := &shell{name: h.facts.Hostname, say: t.say, bye: func() { t.over = io.EOF; t.arrived.Broadcast() }}
		s.run = func(argv []string) host.Output {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.answer(argv, nil)
		}
		t.key = s.key
		t.print("Linux " + s.name + " 6.1.0-40-amd64 #1 SMP (simulated)\r\nThis host is a simulation: it knows help, hostname, uname, id, cat, ip, systemctl, journalctl, virsh list, exit.\r\n" + s.prompt())
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.attach(t.console)
	return t, nil
}

type terminal struct{ *console }

// Resize does nothing: the shell prints lines.
func (terminal) Resize(_, _ int) error { return nil }

// shell is a login shell of a simulated host. Its terminal is locked when it is
// called.
type shell struct {
	name string
	line []rune
	run  func(argv []string) host.Output
	say  func(string)
	bye  func()
}

func (s *shell) prompt() string { return "root@" + s.name + ":~# " }

func (s *shell) key(key rune) {
	switch {
	case key == '\r' || key == '\n':
		line := string(s.line)
		s.line = nil
		s.say("\r\n")
		s.enter(line)
	case key == 0x7f || key == '\b':
		if len(s.line) > 0 {
			s.line = s.line[:len(s.line)-1]
			s.say("\b \b")
		}
	case key == 0x03: // Ctrl+C
		s.line = nil
		s.say("^C\r\n" + s.prompt())
	case key == 0x04 && len(s.line) == 0: // Ctrl+D
		s.enter("exit")
	case key >= ' ' && len(s.line) < 256:
		s.line = append(s.line, key)
		s.say(string(key))
	}
}

func (s *shell) enter(line string) {
	argv := strings.Fields(line)
	if len(argv) > 0 {
		switch argv[0] {
		case "exit", "logout":
			s.say("logout\r\n")
			s.bye()
			return
		case "clear":
			s.say("\x1b[H\x1b[2J" + s.prompt())
			return
		case "help":
			argv = []string{"echo", "help, hostname, uname, id, cat, ip, systemctl, journalctl, virsh list, exit"}
		}
		out := s.run(argv)
		s.say(strings.ReplaceAll(string(out.Out)+string(out.ErrOut), "\n", "\r\n"))
	}
	s.say(s.prompt())
}

// virsh answers list, with --all or without.
func (h *Host) virsh(args []string) host.Output {
	if len(args) == 0 || args[0] != "list" {
		return failed(1, "error: the simulated host knows virsh list")
	}
	all := len(args) > 1 && args[1] == "--all"
	var b strings.Builder
	fmt.Fprintf(&b, " %-5s %-28s %s\n%s\n", "Id", "Name", "State", strings.Repeat("-", 50))
	for _, d := range h.byNames() {
		switch {
		case d.run != nil:
			fmt.Fprintf(&b, " %-5d %-28s %s\n", d.run.id, d.name, d.state())
		case all:
			fmt.Fprintf(&b, " %-5s %-28s %s\n", "-", d.name, "shut off")
		}
	}
	return printed(b.String())
}
