package sim

import (
	"math"
	"strings"
)

// habit is how a guest uses its machine: shares of its CPUs as functions of
// the time that it has run, and what comes with them.
type habit struct {
	base  float64 // mean share of its CPUs, apart from pulses
	waves [3]wave // their depths sum up to less than 1: counters never fall
	pulse pulse

	memory, drift  float64 // share of its memory in use; how far that wanders
	leak           float64 // seconds until it has eaten the rest and begins anew; 0: never
	reads, writes  float64 // of disks, per second of CPU
	receives, says float64 // packets of NICs, per second of CPU
	silent         bool    // no balloon driver
}

// wave is a part of the load that swings.
type wave struct{ depth, period, phase float64 }

// pulse is work that comes at intervals: for a part of each period.
type pulse struct{ share, period, part, phase float64 }

// used is the integral of the load: seconds of one CPU's full use in t seconds.
func (c *habit) used(t float64) float64 {
	sum := c.base * t
	for _, w := range c.waves {
		if w.depth > 0 {
			omega := 2 * math.Pi / w.period
			sum += c.base * w.depth / omega * (math.Cos(w.phase) - math.Cos(omega*t+w.phase))
		}
	}
	if p := c.pulse; p.period > 0 {
		sum += p.share * (p.sum(t+p.phase) - p.sum(p.phase))
	}
	return sum
}

// sum is how long of t seconds the pulse was on.
func (p pulse) sum(t float64) float64 {
	whole := math.Floor(t / p.period)
	return whole*p.period*p.part + min(t-whole*p.period, p.period*p.part)
}

// holding is the share of its memory that the guest has in use after t seconds.
func (c *habit) holding(t float64) float64 {
	share := c.memory + c.drift*math.Sin(2*math.Pi*t/c.waves[0].period+c.waves[0].phase)
	if c.leak > 0 {
		share += (0.95 - c.memory - c.drift) * math.Mod(t, c.leak) / c.leak
	}
	up := min(1, 0.3+t/60) // it boots
	return min(0.97, max(0.05, share*up))
}

// habitOf returns what a VM's name lets expect, its own by its UUID; of a
// name that says nothing, one of the commonest.
func habitOf(name, uuid string) habit {
	d := dice(uuid)
	role := roleOf(name)
	if role == "" {
		role = []string{"dns", "wiki", "test", "ldap", "git", "web", "desktop", "build", "cache", "db"}[int(10*math.Pow(d.roll(), 1.6))]
	}
	c := kinds(role)
	c.base *= 0.5 + d.roll()
	c.memory = min(0.85, c.memory*(0.8+0.4*d.roll()))
	for i, period := range []float64{900, 137, 31} {
		c.waves[i].period = period * (0.7 + 0.6*d.roll())
		c.waves[i].phase = 2 * math.Pi * d.roll()
	}
	c.pulse.period *= 0.7 + 0.6*d.roll()
	c.pulse.phase = c.pulse.period * d.roll()
	c.leak *= 0.7 + 0.6*d.roll()
	return c
}

// roleOf is the part of a name before its number: "web" of web1, "build" of
// build-7; "" when it is none that is known.
func roleOf(name string) string {
	role := strings.TrimRight(strings.TrimRight(name, "0123456789"), "-")
	if kinds(role).base == 0 {
		return ""
	}
	return role
}

// kinds are the habits by role; the zero value for what is none.
func kinds(role string) habit {
	waves := func(slow, middle, quick float64) [3]wave {
		return [3]wave{{depth: slow}, {depth: middle}, {depth: quick}}
	}
	switch role {
	case "web", "api", "proxy":
		return habit{base: 0.22, waves: waves(0.45, 0.3, 0.2), memory: 0.45, drift: 0.08, reads: 6, writes: 12, receives: 4000, says: 5200}
	case "db":
		return habit{base: 0.3, waves: waves(0.3, 0.3, 0.3), memory: 0.78, drift: 0.04, reads: 220, writes: 340, receives: 1500, says: 1900}
	case "cache", "queue":
		return habit{base: 0.12, waves: waves(0.4, 0.3, 0.25), memory: 0.35, drift: 0.02, leak: 5400, reads: 2, writes: 30, receives: 9000, says: 9000}
	case "build", "test":
		return habit{base: 0.02, waves: waves(0.2, 0.3, 0.4), pulse: pulse{share: 0.86, period: 600, part: 0.35}, memory: 0.4, drift: 0.15, reads: 60, writes: 110, receives: 300, says: 90}
	case "backup":
		return habit{base: 0.015, waves: waves(0.2, 0.3, 0.4), pulse: pulse{share: 0.45, period: 1500, part: 0.3}, memory: 0.3, drift: 0.05, reads: 300, writes: 700, receives: 12_000, says: 800}
	case "desktop":
		return habit{base: 0.06, waves: waves(0.3, 0.35, 0.3), pulse: pulse{share: 0.3, period: 240, part: 0.12}, memory: 0.5, drift: 0.1, reads: 40, writes: 35, receives: 900, says: 250}
	case "win":
		return habit{base: 0.09, waves: waves(0.3, 0.3, 0.3), pulse: pulse{share: 0.25, period: 420, part: 0.1}, memory: 0.6, drift: 0.05, reads: 70, writes: 60, receives: 500, says: 300, silent: true}
	case "git", "mail", "monitor":
		return habit{base: 0.1, waves: waves(0.4, 0.3, 0.25), memory: 0.5, drift: 0.06, reads: 50, writes: 90, receives: 900, says: 1100}
	case "dns", "ldap", "wiki":
		return habit{base: 0.025, waves: waves(0.3, 0.3, 0.35), memory: 0.3, drift: 0.03, reads: 5, writes: 9, receives: 700, says: 700}
	}
	return habit{}
}

// chance gives numbers between 0 and 1 that look like chance and are the same
// for one seed.
type chance struct{ state uint64 }

func dice(seed string) *chance {
	sum := uint64(14695981039346656037) // FNV-1a
	for i := range len(seed) {
		sum = (sum ^ uint64(seed[i])) * 1099511628211
	}
	return &chance{sum}
}

// roll returns the next number (xorshift64*).
func (c *chance) roll() float64 {
	c.state ^= c.state >> 12
	c.state ^= c.state << 25
	c.state ^= c.state >> 27
	return float64(c.state*2685821657736338717>>11) / (1 << 53)
}
