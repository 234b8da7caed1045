package host

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// network is where the hosts of a test are: it counts what comes to them.
type network struct {
	mu     sync.Mutex
	specs  []Spec // of all dials
	links  map[string]*probed
	down   bool
	need   string // the secret that all hosts want; "" for none
	probes int
}

// probed is a link that counts when it is asked for a sign of life.
type probed struct {
	*wire
	uuid string
	n    *network
}

func (p *probed) Probe() {
	p.n.mu.Lock()
	defer p.n.mu.Unlock()
	p.n.probes++
}

func (p *probed) Facts(context.Context) (Facts, error) {
	return Facts{UUID: p.uuid, Hostname: p.uuid}, nil
}

func (n *network) dial(_ context.Context, s Spec) (Link, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.specs = append(n.specs, s)
	if n.down {
		return nil, core.Errorf(core.Unreachable, "no route")
	}
	if n.need != "" && s.Secret != n.need {
		return nil, core.Errorf(core.SecretNeeded, "a password is asked for").WithDetail("secret", "password")
	}
	l := &probed{newWire(), strings.TrimSuffix(s.Address, "-new"), n}
	n.links[s.Address] = l
	return l, nil
}

func (n *network) dials() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.specs)
}

func (n *network) set(change func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change()
}

// last returns the spec of the latest dial.
func (n *network) last() Spec {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.specs[len(n.specs)-1]
}

// managerOf opens a manager of hosts that are on n.
func managerOf(t *testing.T, n *network, dir string, change func(*Options)) *Manager {
	t.Helper()
	db, err := store.Open(t.Context(), dir, Migrations...)
	if err != nil {
		t.Fatal(err)
	}
	n.links = map[string]*probed{}
	o := Options{DB: db, Log: slog.New(slog.DiscardHandler), Dial: n.dial, Retry: func(n int) time.Duration { return time.Duration(min(n, 60)) * time.Second }}
	if change != nil {
		change(&o)
	}
	m, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close(); db.Close() })
	return m
}

func mustAdd(t *testing.T, m *Manager, h Host) Host {
	t.Helper()
	h, _, err := m.Add(t.Context(), h, false)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHostsInheritFromTheNearestGroup(t *testing.T) {
	groups := map[string]Group{
		"eu":        {Path: "eu", User: "admin", Port: 2200, Jumps: []string{"gate"}},
		"eu/berlin": {Path: "eu/berlin", User: "berlin", Identities: []string{"/k"}},
	}
	for _, c := range []struct {
		site string
		spec Spec
		want string
	}{
		{"eu/berlin/rack1", Spec{Address: "kvm1"}, "berlin 2200 [/k] [gate]"},
		{"eu", Spec{Address: "kvm1"}, "admin 2200 [] [gate]"},
		{"europe", Spec{Address: "kvm1"}, " 0 [] []"},
		{"eu", Spec{Address: "ssh://root@kvm1:22"}, " 0 [] [gate]"},
		{"eu", Spec{Address: "root@[::1]:22"}, " 0 [] [gate]"},
		{"eu", Spec{Address: "::1"}, "admin 2200 [] [gate]"},
		{"eu", Spec{Address: "kvm1", Jumps: []string{"none"}}, "admin 2200 [] []"},
		{"eu", Spec{Address: "kvm1", Jumps: []string{"own"}, Identities: []string{"/own"}}, "admin 2200 [/own] [own]"},
		{"eu", Spec{Address: "local"}, " 0 [] []"},
	} {
		got, _ := complete(groups, c.site, c.spec)
		text := got.User + " " + strconv.Itoa(got.Port) + " [" + strings.Join(got.Identities, " ") + "] [" + strings.Join(got.Jumps, " ") + "]"
		if text != c.want {
			t.Errorf("%s in %q: got %q, want %q", c.spec.Address, c.site, text, c.want)
		}
	}
}

func TestGroupsAreKeptAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		m := managerOf(t, n, t.TempDir(), nil)
		m.Start()
		mustAdd(t, m, Host{Name: "kvm1", Site: "eu/berlin", Spec: Spec{Address: "kvm1"}})
		if _, _, err := m.SetGroup(t.Context(), GroupChange{Group: Group{Path: "eu"}}); core.CodeOf(err) != core.NotFound {
			t.Errorf("a group that is not there is set: %v", err)
		}
		n.set(func() { n.need = "s3cret" })
		n.links["kvm1"].Close()
		time.Sleep(time.Minute)
		if h, _ := m.Host("kvm1"); h.State != Refused || h.WayOut() != GiveSecret {
			t.Fatalf("%s, way out %q", h.State, h.WayOut())
		}
		before := n.dials()
		time.Sleep(time.Hour)
		if n.dials() != before {
			t.Error("a host that needs the user is tried by itself")
		}
		_, notice, err := m.AddGroup(t.Context(), GroupChange{Group: Group{Path: "eu", User: "admin"}, Secret: "s3cret", Remember: true})
		if err != nil || !strings.Contains(notice, "no keyring") {
			t.Fatalf("%v, notice %q", err, notice)
		}
		time.Sleep(time.Minute)
		if h, _ := m.Host("kvm1"); h.State != Live {
			t.Errorf("%s after its group's secret was given: %v", h.State, h.Err)
		}
		if got := n.last(); got.User != "admin" || got.Secret != "s3cret" {
			t.Errorf("dialed as %q with the secret %q", got.User, got.Secret)
		}
		groups, hosts := m.Groups()
		if len(groups) != 2 || groups[1].Kept || hosts["eu"] != 1 || hosts["eu/berlin"] != 1 {
			t.Errorf("groups %+v, hosts %v", groups, hosts)
		}
		if err := m.RemoveGroup(t.Context(), "eu"); err != nil {
			t.Error(err)
		}
	})
}

func TestHostOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, busy := &network{}, false
		m := managerOf(t, n, t.TempDir(), func(o *Options) {
			o.Busy = func(Host) bool { n.mu.Lock(); defer n.mu.Unlock(); return busy }
		})
		m.Start()
		mustAdd(t, m, Host{Name: "kvm1", Connect: Demand, Spec: Spec{Address: "kvm1"}})
		state := func(want State) {
			t.Helper()
			synctest.Wait()
			if h, _ := m.Host("kvm1"); h.State != want {
				t.Errorf("%s, want %s", h.State, want)
			}
		}
		n.set(func() { busy = true })
		time.Sleep(20 * time.Minute)
		state(Live) // somebody looks
		n.set(func() { busy = false })
		time.Sleep(11 * time.Minute)
		state(Idle)
		m.LookAgain()
		time.Sleep(time.Hour)
		state(Idle)
		if _, _, err := m.Link(t.Context(), "kvm1"); err != nil || n.dials() != 2 {
			t.Errorf("%v after %d dials, want 2", err, n.dials())
		}
		for range 10 {
			time.Sleep(4 * time.Minute)
			m.Link(t.Context(), "kvm1")
		}
		state(Live)
		n.links["kvm1"].Close()
		time.Sleep(time.Hour)
		state(Stale) // nobody asked for it since
		if n.dials() != 2 {
			t.Errorf("%d dials, want 2", n.dials())
		}
		if _, _, err := m.Edit(t.Context(), "kvm1", Edit{Connect: Always}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		state(Live)
	})
}

// TestAllHostsAreLookedAtAfterSleep: 100 hosts, half of them lost for so long that
// they are tried once a minute. The clock jumps: all are asked or tried at once.
func TestAllHostsAreLookedAtAfterSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, ahead, woken := &network{}, time.Duration(0), make(chan struct{})
		m := managerOf(t, n, t.TempDir(), func(o *Options) {
			o.Woken = woken
			o.Wall = func() time.Time { n.mu.Lock(); defer n.mu.Unlock(); return time.Now().Add(ahead).Round(0) }
			o.Retry = func(n int) time.Duration { return time.Duration(min(n, 3)) * time.Hour }
		})
		m.Start()
		for i := range 100 {
			mustAdd(t, m, Host{Name: "kvm" + strconv.Itoa(i), Spec: Spec{Address: "kvm" + strconv.Itoa(i)}})
		}
		n.set(func() { n.down = true })
		for i := range 50 {
			n.links["kvm"+strconv.Itoa(i)].Close()
		}
		time.Sleep(24 * time.Hour)
		n.set(func() { n.down, n.probes = false, 0 })
		before := n.dials()
		n.set(func() { ahead = 8 * time.Hour })
		time.Sleep(glance + spread + time.Second)
		if n.dials()-before != 50 || n.probes != 50 {
			t.Errorf("%d dials and %d probes after sleep, want 50 of each", n.dials()-before, n.probes)
		}
		for _, h := range m.Hosts() {
			if h.State != Live {
				t.Errorf("%s is %s", h.Name, h.State)
			}
		}
		woken <- struct{}{}
		synctest.Wait()
		if n.probes != 150 {
			t.Errorf("%d probes after the network changed, want 150", n.probes)
		}
	})
}

func TestEditHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{}
		var told []string
		dir := filepath.Join(t.TempDir(), "home")
		m := managerOf(t, n, dir, func(o *Options) {
			o.Listed = func(h Host, change string) { told = append(told, h.Name+" "+change) }
		})
		mustAdd(t, m, Host{Name: "kvm1", Spec: Spec{Address: "kvm1"}})
		mustAdd(t, m, Host{Name: "kvm2", Spec: Spec{Address: "kvm2"}})
		text := func(s string) *string { return &s }
		for name, c := range map[string]struct {
			e    Edit
			want core.Code
		}{
			"a name that is taken":          {Edit{Name: text("kvm2")}, core.Exists},
			"no name":                       {Edit{Name: text("")}, core.Invalid},
			"a site that is none":           {Edit{Site: text("eu//berlin")}, core.Invalid},
			"a site that climbs":            {Edit{Site: text("../x")}, core.Invalid},
			"another machine":               {Edit{Spec: &Spec{Address: "kvm9"}}, core.Conflict},
			"an address that is no address": {Edit{Spec: &Spec{Address: "-oProxyCommand=x"}}, core.Invalid},
		} {
			if _, _, err := m.Edit(t.Context(), "kvm1", c.e); core.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		old := n.links["kvm1"]
		h, _, err := m.Edit(t.Context(), "kvm1", Edit{Name: text("berlin1"), Site: text("eu/berlin"), Cluster: text("a")})
		if err != nil || h.Name != "berlin1" || h.State != Live || old.Err() != nil {
			t.Fatalf("%v: %+v; its link: %v", err, h, old.Err())
		}
		h, _, err = m.Edit(t.Context(), "berlin1", Edit{Spec: &Spec{Address: "kvm1-new"}})
		if err != nil || h.State != Live || h.Spec.Address != "kvm1-new" || old.Err() == nil {
			t.Fatalf("%v: %+v; its old link: %v", err, h, old.Err())
		}
		n.set(func() { n.down = true })
		if _, _, err := m.Edit(t.Context(), "berlin1", Edit{Spec: &Spec{Address: "kvm1"}}); core.CodeOf(err) != core.Unreachable {
			t.Errorf("a way that leads nowhere: %v", err)
		}
		h, _, err = m.Edit(t.Context(), "berlin1", Edit{Spec: &Spec{Address: "kvm1"}, Untested: true})
		if err != nil || h.Spec.Address != "kvm1" || h.State != Stale {
			t.Errorf("%v: %+v", err, h)
		}
		if want := []string{"kvm1 added", "kvm2 added", "berlin1 edited", "berlin1 edited", "berlin1 edited"}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		m.Close()
		again := managerOf(t, n, dir, nil)
		if h, err := again.Host("berlin1"); err != nil || h.Site != "eu/berlin" || h.Cluster != "a" || h.Spec.Address != "kvm1" || h.Connect != Always {
			t.Errorf("after a restart: %v, %+v", err, h)
		}
	})
}
