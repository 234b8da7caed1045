package history

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

var web1 = Object{Kind: VM, HostID: "h1", HostName: "kvm1", ID: "0a0a0a0a-0000-4000-8000-000000000001", Name: "web1"}

// begin is when the tests' history begins.
var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return begin.Add(time.Duration(n) * time.Minute) }

func open(t testing.TB, dir string) *Log {
	t.Helper()
	db, err := store.Open(context.Background(), dir, Migrations...)
	if err != nil {
		t.Fatal(err)
	}
	l := NewLog(db, nobody, nil, false, discard())
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	return l
}

func nobody(context.Context, *store.Tx, Sight) (Author, error) { return Author{}, nil }

// xml is a configuration of usual size in which value stands once.
func xml(value string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<domain type='kvm'>\n  <name>web1</name>\n  <memory unit='KiB'>%s</memory>\n  <devices>\n", value)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 40 {
		fmt.Fprintf(&b, "    <controller type='pci' index='%d' model='pcie-root-port'>\n      <address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x'/>\n    </controller>\n", i, r.IntN(256), r.IntN(32))
	}
	return b.String() + "  </devices>\n</domain>\n"
}

func see(at int, o Object, state, config string) Sight {
	return Sight{Object: o, Time: minute(at), State: state, Config: config}
}

func words(t *testing.T, l *Log, q Query) string {
	t.Helper()
	list, err := l.List(t.Context(), q, Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range list {
		out = append([]string{c.Change}, out...)
	}
	return strings.Join(out, " ")
}

func TestOnlyNewsIsKept(t *testing.T) {
	l := open(t, t.TempDir())
	other := web1
	other.Name = "web2"
	found := see(0, web1, "stopped", "")
	found.Found = true
	gone := Sight{Object: other, Time: minute(9), Gone: true}
	l.Observe(found, see(1, web1, "stopped", ""), see(2, web1, "", xml("1")), see(3, web1, "running", ""), see(4, web1, "running", xml("1")),
		see(5, web1, "", xml("2")), see(6, other, "running", ""), see(7, other, "crashed", ""), see(8, other, "stopped", ""), gone, gone,
		see(10, web1, "stopped", xml("2")))
	if got, want := words(t, l, Query{Ref: web1.ID}), "found started configured renamed crashed changed removed added"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	list, err := l.List(t.Context(), Query{Ref: "kvm1/web1"}, Page{Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := list[2].Text()+"; "+list[1].Text(), "VM web2 is now stopped; VM web2 was removed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhatAnObjectWas(t *testing.T) {
	l := open(t, t.TempDir())
	l.Observe(see(0, web1, "stopped", xml("1")), see(10, web1, "running", ""))
	l.Observe(see(-5, other(web1), "", xml("0"))) // nobody has listed it
	for i := 1; i < 60; i++ {
		l.Observe(see(10+i, web1, "", xml(fmt.Sprint(i*i*7919))))
	}
	l.Observe(Sight{Object: web1, Time: minute(100), Gone: true})
	for _, c := range []struct {
		at           int
		state, value string
	}{{0, "stopped", "1"}, {9, "stopped", "1"}, {10, "running", "1"}, {11, "running", "7919"}, {40, "running", fmt.Sprint(30 * 30 * 7919)}, {99, "running", fmt.Sprint(59 * 59 * 7919)}} {
		p, err := l.At(t.Context(), Query{Ref: "web1"}, minute(c.at))
		if err != nil {
			t.Fatal(err)
		}
		if p.State != c.state || p.Config != xml(c.value) {
			t.Errorf("at %d it was %s with %q, want %s with %s", c.at, p.State, p.Config[:100], c.state, c.value)
		}
	}
	for _, at := range []int{-1, 100} {
		if _, err := l.At(t.Context(), Query{Ref: "web1"}, minute(at)); core.CodeOf(err) != core.NotFound {
			t.Errorf("at %d: %v", at, err)
		}
	}
	d, err := l.Between(t.Context(), Query{Ref: web1.ID}, minute(0), minute(11))
	if err != nil || !strings.Contains(d.Diff, "-  <memory unit='KiB'>1</memory>\n+  <memory unit='KiB'>7919</memory>\n") || d.Before.State != "stopped" {
		t.Errorf("%+v, %v", d, err)
	}
	if d, err = l.Between(t.Context(), Query{Ref: web1.ID}, minute(5), minute(200)); err != nil || d.After != nil || d.Before == nil {
		t.Errorf("%+v, %v", d, err)
	}
	list, err := l.List(t.Context(), Query{}, Page{Since: minute(11), Until: minute(12), Limit: 10})
	if err != nil || len(list) != 1 || !list[0].Config {
		t.Fatalf("%+v, %v", list, err)
	}
	if d, err = l.Step(t.Context(), list[0].Number); err != nil || !strings.Contains(d.Diff, "+  <memory unit='KiB'>7919</memory>") {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err = l.Step(t.Context(), 12345); core.CodeOf(err) != core.NotFound {
		t.Error(err)
	}
}

func TestTwoOfOneNameAreTwo(t *testing.T) {
	l := open(t, t.TempDir())
	there := web1
	there.HostID, there.HostName = "h2", "kvm2"
	l.Observe(see(0, web1, "running", ""), see(1, there, "stopped", ""))
	if _, err := l.At(t.Context(), Query{Ref: "web1"}, minute(2)); core.CodeOf(err) != core.Ambiguous {
		t.Errorf("got %v", err)
	}
	if p, err := l.At(t.Context(), Query{Ref: "kvm2/web1"}, minute(2)); err != nil || p.State != "stopped" {
		t.Errorf("got %+v, %v", p, err)
	}
	// It has moved: the one is gone, the other remains.
	l.Observe(Sight{Object: web1, Time: minute(3), Gone: true})
	if p, err := l.At(t.Context(), Query{Ref: "web1"}, minute(4)); err != nil || p.HostName != "kvm2" {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestTheFleetAtATime(t *testing.T) {
	l := open(t, t.TempDir())
	db1, pool := web1, web1
	db1.ID, db1.Name = "0a0a0a0a-0000-4000-8000-000000000002", "db1"
	pool.Kind, pool.ID, pool.Name = Pool, "0a0a0a0a-0000-4000-8000-000000000003", "default"
	l.Observe(see(0, web1, "running", xml("1")), see(1, pool, "active", ""), see(5, db1, "running", ""), see(6, web1, "", xml("2")))
	l.Observe(Sight{Object: db1, Time: minute(8), Gone: true})
	show := func(at int, q Query) string {
		all, err := l.FleetAt(t.Context(), q, minute(at))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, p := range all {
			out = append(out, p.Name+":"+p.State)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		at   int
		q    Query
		want string
	}{{-1, Query{}, ""}, {0, Query{}, "web1:running"}, {5, Query{Kind: VM}, "db1:running web1:running"}, {9, Query{Host: "kvm1"}, "default:active web1:running"}, {9, Query{Host: "kvm9"}, ""}} {
		if got := show(c.at, c.q); got != c.want {
			t.Errorf("%d %+v: got %q, want %q", c.at, c.q, got, c.want)
		}
	}
	diffs, err := l.FleetBetween(t.Context(), Query{}, minute(5), minute(9))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range diffs {
		switch {
		case d.After == nil:
			got = append(got, "-"+d.Before.Name)
		case d.Configured():
			got = append(got, "~"+d.After.Name)
		}
	}
	if d := cmp.Diff([]string{"~web1", "-db1"}, got); d != "" {
		t.Error(d)
	}
}

func TestOldHistoryIsForgotten(t *testing.T) {
	l := open(t, t.TempDir())
	dead := web1
	dead.ID, dead.Name = "0a0a0a0a-0000-4000-8000-000000000009", "dead"
	l.Observe(see(0, dead, "running", xml("x")), Sight{Object: dead, Time: minute(1), Gone: true})
	for i := range 300 {
		l.Observe(see(i, web1, []string{"running", "stopped"}[i%2], xml(fmt.Sprint(i/10))))
	}
	now := minute(299).AddDate(0, 0, 365).Add(-150 * time.Minute)
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Prune(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if got := words(t, l, Query{Ref: "dead"}); got != "" {
		t.Errorf("%q is left of what is gone", got)
	}
	for i := 149; i < 300; i += 30 {
		if p, err := l.At(t.Context(), Query{Ref: "web1"}, minute(i)); err != nil || p.Config != xml(fmt.Sprint(i/10)) {
			t.Errorf("at %d: %v %.90q", i, err, p.Config)
		}
	}
	if _, err := l.At(t.Context(), Query{Ref: "web1"}, minute(100)); core.CodeOf(err) != core.NotFound {
		t.Errorf("got %v, want that it is forgotten", err)
	}
	// Of a living object the last is left, whatever its age.
	if err := l.Prune(t.Context(), now.AddDate(50, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if p, err := l.At(t.Context(), Query{Ref: "web1"}, minute(300)); err != nil || p.Config != xml("29") || p.State != "stopped" {
		t.Errorf("%v %s %.90q", err, p.State, p.Config)
	}
	l.Observe(see(301, web1, "running", xml("30")))
	if p, err := l.At(t.Context(), Query{Ref: "web1"}, minute(302)); err != nil || p.Config != xml("30") {
		t.Errorf("%v %.90q", err, p.Config)
	}
}

func TestHistoryHasALimit(t *testing.T) {
	l := open(t, t.TempDir())
	for _, r := range []Retention{{9, 5}, {9, core.TiB + 1}, {0, core.MiB}, {3651, core.MiB}} {
		if err := l.SetRetention(t.Context(), r); core.CodeOf(err) != core.Invalid {
			t.Errorf("%v: %v", r, err)
		}
	}
	if err := l.SetRetention(t.Context(), Retention{Days: 3650, Bytes: core.MiB}); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	noise := func() string { // cannot be compressed
		b := make([]byte, 40_000)
		for i := range b {
			b[i] = byte('!' + r.IntN(90))
		}
		return string(b)
	}
	last := ""
	for i := range 60 {
		last = noise()
		l.Observe(see(i, web1, "running", last))
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Prune(t.Context(), minute(61)); err != nil {
		t.Fatal(err)
	}
	ret, u, err := l.Retention(t.Context())
	if err != nil || ret.Days != 3650 || u.Bytes > core.MiB || u.Changes < 10 {
		t.Errorf("%+v %+v %v", ret, u, err)
	}
	if p, err := l.At(t.Context(), Query{Ref: "web1"}, minute(61)); err != nil || p.Config != last {
		t.Errorf("%v", err)
	}
}

func TestTwoProcessesWriteAChangeOnce(t *testing.T) {
	dir := t.TempDir()
	one, two := open(t, dir), open(t, dir)
	var wg sync.WaitGroup
	for _, l := range []*Log{one, two} {
		wg.Go(func() {
			for i := range 50 {
				l.Observe(see(i, web1, "running", xml("1")))
				if err := l.Flush(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := words(t, one, Query{}); got != "added" {
		t.Errorf("got %q", got)
	}
}

func TestAHostThatIsRemovedKeepsItsHistory(t *testing.T) {
	l := open(t, t.TempDir())
	l.Observe(see(0, web1, "running", xml("1")))
	if err := l.ForgetHost(t.Context(), "h1"); err != nil {
		t.Fatal(err)
	}
	if got := words(t, l, Query{}); got != "added forgotten" {
		t.Errorf("got %q", got)
	}
	if now, err := l.FleetAt(t.Context(), Query{}, time.Now().Add(time.Second)); err != nil || len(now) != 0 {
		t.Errorf("%v, %v", now, err)
	}
	if _, err := l.At(t.Context(), Query{Ref: "web1"}, minute(1)); err != nil {
		t.Error(err)
	}
}

func TestADamagedBodyIsAnError(t *testing.T) {
	packed, err := pack(xml("1"), "")
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(packed) {
		if got, err := unpack(packed[:n], ""); err == nil {
			t.Fatalf("%d of %d bytes give %d", n, len(packed), len(got))
		}
	}
	bomb, err := pack(strings.Repeat("a", 64<<20), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unpack(bomb, ""); err == nil {
		t.Error("64 MiB were read")
	}
}

func FuzzPack(f *testing.F) {
	f.Add("<domain/>", "")
	f.Add(xml("1"), xml("2"))
	f.Fuzz(func(t *testing.T, text, dictionary string) {
		if len(text) > int(longest) || len(dictionary) > int(longest) {
			return
		}
		packed, err := pack(text, dictionary)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := unpack(packed, dictionary); err != nil || got != text {
			t.Errorf("%q came back as %q, %v", text, got, err)
		}
	})
}

// BenchmarkHistory is 10,000 VMs of 100 hosts with 10 changes each.
func BenchmarkHistory(b *testing.B) {
	const vms, changes = 10_000, 10
	l := open(b, b.TempDir())
	for at := range changes {
		for i := range vms {
			o := web1
			o.HostID, o.HostName = fmt.Sprint("h", i%100), fmt.Sprintf("kvm%d", i%100)
			o.ID, o.Name = fmt.Sprintf("0a0a0a0a-0000-4000-8000-%012d", i), fmt.Sprintf("vm-%d", i)
			config := ""
			if at%2 == 0 {
				config = strings.ReplaceAll(xml(fmt.Sprint(1<<20+at*4096)), "web1", o.Name)
			}
			l.Observe(see(at, o, []string{"stopped", "running"}[at%2], config))
		}
		if err := l.Flush(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	var pages, size int64
	err := l.db.Read(b.Context(), func(tx *store.Tx) error {
		if err := tx.QueryRow(`PRAGMA page_count`).Scan(&pages); err != nil {
			return err
		}
		return tx.QueryRow(`PRAGMA page_size`).Scan(&size)
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("fleet at", func(b *testing.B) {
		for b.Loop() {
			all, err := l.FleetAt(b.Context(), Query{}, minute(5))
			if err != nil || len(all) != vms {
				b.Fatal(len(all), err)
			}
		}
		b.ReportMetric(float64(pages*size)/(vms*changes), "B/row")
	})
	b.Run("VM at", func(b *testing.B) {
		for b.Loop() {
			if p, err := l.At(b.Context(), Query{Ref: "kvm77/vm-4477"}, minute(5)); err != nil || p.Config == "" {
				b.Fatal(err)
			}
		}
	})
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func other(o Object) Object {
	o.ID = "0a0a0a0a-0000-4000-8000-00000000ffff"
	return o
}
