package compose

import (
	"log/slog"
	"os"
	"os/exec"
	"sync/atomic"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/app/desktop"
)

// maxConsoles is how many console windows a window opens at most.
const maxConsoles = 32

// consoles opens console windows for the page of a window, each a process of
// its own. They outlive it.
type consoles struct {
	home  string
	log   *slog.Logger
	count atomic.Int32
}

// open shows the console that a link names. The link comes from the page, and
// is judged as one from anywhere; one to something else is not followed.
func (c *consoles) open(text string) {
	link, err := desktop.ParseLink(text)
	if err != nil || !link.Console || c.count.Load() >= maxConsoles {
		c.log.Warn("a link of the page is not followed", "link", text, "error", err)
		return
	}
	exe, err := os.Executable()
	if err != nil {
		c.log.Error("find this program", "error", err)
		return
	}
	cmd := exec.Command(exe, siblingArgs(c.home, cli.WindowOptions{Link: link.String(), Console: true})...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		c.log.Error("open a console window", "error", err)
		return
	}
	c.count.Add(1)
	go func() { // ends with the console, which the user closes
		defer c.count.Add(-1)
		if err := cmd.Wait(); err != nil {
			c.log.Warn("a console window has ended", "error", err)
		}
	}()
}
