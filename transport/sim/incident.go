package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// happen lets one thing happen after another until the fleet closes.
func (f *Fleet) happen() {
	rng := rand.New(rand.NewPCG(f.model.Seed, 0x1dea))
	for n := 0; ; n++ {
		wait := f.model.Incidents/2 + time.Duration(rng.Int64N(int64(f.model.Incidents)))
		select {
		case <-time.After(wait):
		case <-f.done:
			return
		}
		h := f.hosts[f.names[rng.IntN(len(f.names))]]
		if n%8 == 5 && len(f.names) > 1 {
			f.cutOff(h, rng)
			continue
		}
		h.strike(rng)
	}
}

// cutOff loses a host for a while. It goes on by itself meanwhile.
func (f *Fleet) cutOff(h *Host, rng *rand.Rand) {
	away := time.Duration(8+rng.IntN(20)) * time.Second
	reason := core.Errorf(core.Unreachable, "the host does not answer").WithHint("look at its power and its network")
	heal := f.Fault(Fault{Host: h.name, Method: "Dial", Err: reason})
	f.Drop(h.name, reason)
	f.background(func() {
		defer heal()
		h.sleep(away)
	})
}

// strike lets something happen to one of a host's VMs.
func (h *Host) strike(rng *rand.Rand) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.byNames()
	if len(all) == 0 {
		return
	}
	d := all[rng.IntN(len(all))]
	switch dice := rng.IntN(10); {
	case d.job != nil: // somebody is at it
	case d.run == nil:
		if h.canStart(d.config) == nil {
			h.started(d)
		}
	case d.run.paused:
		h.pause(d, false)
	case dice < 2:
		h.stopped(d, "crashed")
	case dice < 4 && roleOf(d.name) == "test":
		h.stopped(d, "stopped")
	case dice < 5 && roleOf(d.name) == "test":
		h.pause(d, true)
	default:
		h.reboot(d)
	}
}

// Refuse lets a host show another key than before from now on, until the
// returned function is called: it needs its user.
func (f *Fleet) Refuse(name string) (accept func()) {
	err := core.Errorf(core.HostKeyChanged, "the host key of %s has changed", name).
		WithHint("if the host was installed anew, compare the fingerprint there, then: limiquantix host reconnect %s --host-key SHA256:…", name).
		WithDetail("address", name).WithDetail("key_type", "ssh-ed25519").
		WithDetail("old_fingerprint", fingerprint(name+" before")).WithDetail("fingerprint", fingerprint(name))
	accept = f.Fault(Fault{Host: name, Method: "Dial", Err: err})
	f.Drop(name, err)
	return accept
}

func fingerprint(seed string) string {
	d := dice(seed)
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := make([]byte, 43)
	for i := range b {
		b[i] = digits[int(d.roll()*64)]
	}
	return fmt.Sprintf("SHA256:%s", b)
}
