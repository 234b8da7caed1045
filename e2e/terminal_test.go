//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// answers runs a command line on a terminal of its own, types one answer each
// time that the question is asked, and returns what the terminal showed and the
// status.
func (p *program) answers(args []string, question string, answers ...string) (shown string, status int) {
	p.t.Helper()
	master, slave := p.openPTY()
	defer master.Close()
	c := p.command(p.t.Context(), args...)
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	slave.Close()
	defer time.AfterFunc(time.Minute, func() { c.Process.Kill() }).Stop()
	var seen bytes.Buffer
	buf, given := make([]byte, 4096), 0
	for {
		n, err := master.Read(buf)
		seen.Write(buf[:n])
		if asked := strings.Count(seen.String(), question); asked > given && given < len(answers) {
			fmt.Fprintln(master, answers[given])
			given++
		}
		if err != nil { // EIO: nobody has the other end any more
			break
		}
	}
	_ = c.Wait() // its status is returned
	return seen.String(), c.ProcessState.ExitCode()
}

func (p *program) openPTY() (master, slave *os.File) {
	p.t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return master, slave
}
