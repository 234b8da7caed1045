// Package failpoint kills this process at a chosen moment, so that tests can
// show that kill -9 at any step of a change loses nothing and leaves nothing.
package failpoint

import (
	"os"
	"strconv"
	"sync/atomic"
)

// Env is the variable that holds the number of the hit at which the process
// kills itself; unset or 0: never.
const Env = "LIMIQUANTIX_FAILPOINT"

// Points counts hits of one process.
type Points struct {
	at   int64
	hits atomic.Int64
}

// New returns the points that the environment asks for.
func New() *Points {
	n, _ := strconv.ParseInt(os.Getenv(Env), 10, 64)
	return &Points{at: n}
}

// Hit counts one moment at which a crash is worth testing, and dies there if
// asked to, as by kill -9.
func (p *Points) Hit() {
	if p == nil || p.at == 0 || p.hits.Add(1) != p.at {
		return
	}
	die()
}

func die() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		self.Kill()
	}
	select {} // the signal is on its way
}
