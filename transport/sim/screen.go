package sim

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// screen is the first terminal of a guest, with getty on it. It lives as long as
// the VM runs, across reboots.
type screen struct {
	name string

	mu      sync.Mutex
	getty   getty
	lines   []string // on the terminal since the guest came up, the last one unfinished
	viewers map[*viewer]bool
}

// maxLines is how much a terminal keeps: more than it shows.
const maxLines = 64

func newScreen(name string) *screen {
	s := &screen{name: name, viewers: map[*viewer]bool{}}
	s.getty = getty{name: name, say: s.say}
	s.greet()
	return s
}

// greet begins the terminal as getty does; it is not shown before the guest is up.
func (s *screen) greet() {
	s.lines = []string{""}
	units := strings.Split(bootUnits, "\n")
	for _, unit := range units[len(units)-leftOfBoot:] {
		s.say(okay + unit + "\n")
	}
	s.say("\n")
	s.getty.line, s.getty.user = nil, ""
	s.say("Debian GNU/Linux 12 " + s.name + " tty1\r\n\r\n" + s.name + " login: ")
}

// say prints as a terminal does; the screen is locked, or new.
func (s *screen) say(text string) {
	for _, r := range text {
		last := &s.lines[len(s.lines)-1]
		switch r {
		case '\r':
		case '\n':
			s.lines = append(s.lines, "")
			s.lines = s.lines[max(0, len(s.lines)-maxLines):]
		case '\b':
			if runes := []rune(*last); len(runes) > 0 {
				*last = string(runes[:len(runes)-1])
			}
		default:
			*last += string(r)
		}
	}
}

// press hands a key to the guest.
func (s *screen) press(key rune) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key == '\b' || key == '\n' || key >= ' ' {
		s.getty.key(key)
	}
}

// clear is what a reboot does to the terminal.
func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greet()
}

// admit lets a viewer end with the VM.
func (s *screen) admit(v *viewer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.viewers[v] = true
}

func (s *screen) leave(v *viewer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.viewers, v)
}

// hangup ends all viewers: QEMU is gone.
func (s *screen) hangup() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for v := range s.viewers {
		v.hangup(nil)
	}
}

// moment is what a running VM is at a time.
type moment struct {
	ran      time.Duration
	progress float64 // of the boot, 0 to 1; negative: it has nothing to boot
	paused   bool
}

// moment returns what the run is now.
func (r *run) moment(now time.Time, boot time.Duration) moment {
	m := moment{ran: r.ran(now), progress: 1, paused: r.paused}
	switch left := r.bootAt.Sub(now); {
	case r.bootAt.IsZero():
		m.progress = -1
	case left > 0 && boot > 0:
		m.progress = 1 - float64(left)/float64(boot)
	}
	return m
}

// frame returns what the screen shows: text of the firmware and the kernel in
// 720 × 400, then the terminal in 800 × 576, so that who looks sees it resize.
func (s *screen) frame(m moment) *frame {
	if m.progress < 1 {
		return s.bootFrame(m)
	}
	f := newFrame(100, 36)
	up := m.ran.Truncate(time.Second)
	f.write(0, 0, fmt.Sprintf("%-*s", f.cols, fmt.Sprintf(" %s  up %s  load %.2f", s.name, up, busy(s.name, up))), banner)
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.lines[max(0, len(s.lines)-(f.rows-2)):]
	for i, line := range shown {
		f.write(0, i+2, line, plain)
		if strings.HasPrefix(line, okay) {
			f.write(3, i+2, "OK", good)
		}
	}
	if m.paused || m.ran/(500*time.Millisecond)%2 == 0 { // the cursor blinks
		f.write(len([]rune(shown[len(shown)-1])), len(shown)+1, "_", bright)
	}
	return f
}

// busy is a figure that moves, without meaning: a slow triangle wave.
func busy(name string, up time.Duration) float64 {
	phase := (int(up/time.Second) + 7*len(name)) % 120
	return 0.05 + float64(min(phase, 120-phase))/100
}

// bootFrame is the screen before the guest is up.
func (s *screen) bootFrame(m moment) *frame {
	f := newFrame(90, 25)
	f.write(0, 0, "SeaBIOS (version 1.16.2-simulated)", plain)
	f.write(0, 1, "Machine UUID of "+s.name, plain)
	if m.progress < 0 {
		f.write(0, 4, "Booting from Hard Disk...", plain)
		f.write(0, 5, "Boot failed: not a bootable disk", plain)
		f.write(0, 7, "No bootable device.", plain)
		if m.ran/(500*time.Millisecond)%2 == 0 {
			f.write(19, 7, "_", plain)
		}
		return f
	}
	f.write(0, 3, "Booting from Hard Disk...", plain)
	units := strings.Split(bootUnits, "\n")
	for i := range int(m.progress * float64(len(units))) {
		f.write(0, i+4, okay+units[i], plain)
		f.write(3, i+4, "OK", good)
	}
	return f
}

// okay is what systemd puts before what went well; leftOfBoot is how much of its
// talk still stands above the login.
const (
	okay       = "[  OK  ] "
	leftOfBoot = 9
)

// bootUnits are what systemd tells of.
const bootUnits = `Created slice system-getty.slice - Slice /system/getty.
Listening on systemd-journald.socket - Journal Socket.
Mounted dev-hugepages.mount - Huge Pages File System.
Finished systemd-modules-load.service - Load Kernel Modules.
Started systemd-journald.service - Journal Service.
Finished systemd-fsck-root.service - File System Check on Root Device.
Reached target local-fs.target - Local File Systems.
Finished cloud-init-local.service - Initial cloud-init job (pre-networking).
Started systemd-networkd.service - Network Configuration.
Reached target network.target - Network.
Started qemu-guest-agent.service - QEMU Guest Agent.
Started ssh.service - OpenBSD Secure Shell server.
Started cron.service - Regular background program processing daemon.
Started getty@tty1.service - Getty on tty1.
Reached target multi-user.target - Multi-User System.
Finished cloud-final.service - Execute cloud user/final scripts.`
