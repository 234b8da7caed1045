package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/limiquantix/limiquantix/core/query"
)

const gib = 1 << 30

var at = time.Unix(1_800_000_000, 0)

func vm(host, name, state string, cpus, mem int64, ips ...string) *query.Row {
	r := query.NewRow(query.VM, host, "uuid-"+name, name)
	r.SetText(query.FieldState, state)
	r.SetNumber(query.FieldCPU, cpus)
	r.SetNumber(query.FieldMem, mem)
	r.SetIPs(ips...)
	r.SetText(query.FieldCluster)
	r.SetTimes(query.FieldSeen, time.Time{})
	r.Set(query.FieldIs, "stale", false)
	return r
}

func rows() []*query.Row {
	web1 := vm("kvm1", "web1", "running", 4, 8*gib, "10.1.2.3", "fd00::1")
	web1.SetText(query.FieldTag, "Web", "prod")
	web1.SetText(query.FieldFolder, "/prod/web")
	web1.SetText(query.FieldMAC, "52:54:00:12:34:56")
	web1.SetText(query.FieldOS, "Debian 12")
	web1.Set(query.FieldHas, "agent", true)
	web1.SetCustom("Owner", "Anna Müller")
	web1.SetCustom("cost", "120")
	web1.SetTimes(query.FieldSnapshot, at.Add(-40*24*time.Hour), at.Add(-time.Hour))
	web2 := vm("kvm2", "web2", "stopped", 2, gib)
	web2.SetText(query.FieldTitle, "Old web server")
	web2.SetText(query.FieldCluster, "prod")
	web2.SetText(query.FieldFolder, "/production")
	web2.SetTimes(query.FieldSnapshot)
	db := vm("db-host", "Café", "shutting down", 1, 4*gib, "192.168.1.7")
	db.Set(query.FieldIs, "stale", true)
	db.SetTimes(query.FieldSeen, at.Add(-2*time.Hour))
	evil := vm("kvm10", `<img src=x onerror="alert(1)">`, "running", 1, gib)
	net := query.NewRow(query.Network, "kvm1", "n1", "default")
	net.SetIPs("192.168.122.1/24")
	net.SetText(query.FieldState, "active")
	return []*query.Row{web1, web2, db, evil, net}
}

func found(q *query.Query) string {
	var out []string
	for _, r := range rows() {
		if q.Match(r, at) == query.Yes {
			out = append(out, strings.Fields(r.Name)[0])
		}
	}
	return strings.Join(out, " ")
}

func TestQueriesFind(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{"", "web1 web2 Café <img default"},
		{"WEB", "web1 web2"},
		{"web kvm2", "web2"},
		{"web and kvm2", "web2"},
		{"web1 or café", "web1 Café"},
		{"cafe", "Café"},
		{"(web1 or cafe) kvm1", "web1"},
		{"not (web1 or default)", "web2 Café <img"},
		{"-(web1 or default) -cafe", "web2 <img"},
		{"w?b*", "web1 web2"},
		{"eb*", ""},
		{"kvm*/web*", "web1 web2"},
		{`"old web"`, "web2"},
		{`-"old web" web`, "web1"},
		{"<img", "<img"},
		{`"w*"`, ""},
		{"state:running", "web1 <img"},
		{"state:running,paused", "web1 <img"},
		{"state:stopped,shutting_down", "web2 Café"},
		{"state!=running kind:vm", "web2 Café"},
		{"state:s*", "web2 Café"},
		{"host:kvm1", "web1 default"},
		{"host:kvm* kind:vm", "web1 web2 <img"},
		{"HOST:KVM1,db-host", "web1 Café default"},
		{`cluster:"" kind:vm`, "web1 Café <img"},
		{"cpu>1 cpu<=2", "web2"},
		{"cpu:4", "web1"},
		{"cpu:1,4", "web1 Café <img"},
		{"mem>4G", "web1"},
		{"mem>=4096MiB", "web1 Café"},
		{"-cpu>1", "Café <img"},
		{"ip:10.0.0.0/8", "web1"},
		{"ip:fd00::/8", "web1"},
		{"ip:192.168.0.0/16", "Café default"},
		{"ip:192.168.122.7", "default"},
		{"ip:10.1.*", "web1"},
		{"ip:10.1.", "web1"},
		{"-ip:* kind:vm", "web2 <img"},
		{"192.168.1.", "Café"},
		{"52:54:00:12:34:56", "web1"},
		{"fd00::1", "web1"},
		{"mac:12:34", "web1"},
		{"tag:web", "web1"},
		{"tag!=web", ""},
		{"folder:/prod", "web1"},
		{"folder:/prod/*", "web1"},
		{"os:debian", "web1"},
		{"-os:debian", ""},
		{"os:debian or cpu:2", "web1 web2"},
		{"has:agent", "web1"},
		{"is:stale", "Café"},
		{"-is:stale", "web1 web2 <img"},
		{"snapshot>30d", "web1"},
		{"snapshot<2h", "web1"},
		{"-snapshot>30d", "web2"},
		{"seen>1h", "Café"},
		{"seen<1m", "web1 web2 <img"},
		{"cf.owner:müller", "web1"},
		{"cf.owner:muller cf.cost>100", "web1"},
		{`cf."cost"<100`, ""},
		{"kind:network", "default"},
		{"kind:network,vm web", "web1 web2"},
		{"id:kvm1/uuid-web1,db-host/uuid-Café", "web1 Café"},
		{"id:a,b,c,kvm1/uuid-web1", "web1"},
	} {
		q, problems := query.Parse(c.query)
		if len(problems) > 0 {
			t.Errorf("%s: %v", c.query, problems)
		}
		if got := found(q); got != c.want {
			t.Errorf("%s found %q, want %q", c.query, got, c.want)
		}
	}
}

func TestWhatIsWrongIsPointedAtAndLeftOut(t *testing.T) {
	for _, c := range []struct{ query, at, says, found string }{
		{"web sate:running", "sate", "did you mean state?", "web1 web2"},
		{"-colour:red web", "colour", "fields are", "web1 web2"},
		{"state:runing web", "runing", "did you mean running?", "web1 web2"},
		{"cpu>two web", "two", "is no number", "web1 web2"},
		{"mem>4X web", "4X", "is no size", "web1 web2"},
		{"seen>tomorrow web", "tomorrow", "is no age", "web1 web2"},
		{"name>5 web", "name>5", "cannot be greater", "web1 web2"},
		{"ip:10.0.0.0/40 web", "10.0.0.0/40", "no network", "web1 web2"},
		{"ip:hello web", "hello", "no network", "web1 web2"},
		{"is:drifting web", "drifting", "did you mean drift?", "web1 web2"},
		{"web state:", "state:", "what should state be?", "web1 web2"},
		{`web "2`, `"2`, "quote is not closed", "web1 web2"},
		{"(web", "(", "not closed", "web1 web2"},
		{"web)", ")", "there is no (", "web1 web2"},
		{"web or", "or", "after or", "web1 web2"},
		{"web not", "not", "should not be", "web1 web2"},
		{"cpu>1,2 web", "2", "one value", "web1 web2"},
		{"cf.cost>much web", "much", "is no number", "web1 web2"},
		{"snapshot:30d web", "snapshot:30d", "is an age", "web1 web2"},
	} {
		q, problems := query.Parse(c.query)
		if len(problems) != 1 {
			t.Errorf("%s: %d problems: %v", c.query, len(problems), problems)
			continue
		}
		p := problems[0]
		if got := c.query[p.From:p.To]; got != c.at || !strings.Contains(p.Message+" "+p.Hint, c.says) {
			t.Errorf("%s: at %q: %s (%s); want %q at %q", c.query, got, p.Message, p.Hint, c.says, c.at)
		}
		if got := found(q); got != c.found {
			t.Errorf("%s found %q, want %q", c.query, got, c.found)
		}
	}
}

func TestCompletion(t *testing.T) {
	all := rows()
	for _, c := range []struct{ text, want string }{
		{"st", "state:"},
		{"web -st", "web -state:"},
		{"(st", "(state:"},
		{"cp", "cpu>"},
		{"state:r", "state:running(2)"},
		{"state:sh", `state:"shutting down"(1)`},
		{"host:kvm", "host:kvm1(2) host:kvm10(1) host:kvm2(1)"},
		{"host:kvm1,d", "host:kvm1,db-host(1)"},
		{"tag:", "tag:prod(1) tag:Web(1)"},
		{"has:", "has:agent(1)"},
		{"is:", "is:stale(1)"},
		{"cf.", "cf.Owner: cf.cost:"},
		{"cf.owner:", `cf.owner:"Anna Müller"(1)`},
		{`"st`, ""},
		{"nosuch:", ""},
		{"kind:", "kind:vm(4) kind:network(1)"},
		{"free", ""}, // nothing is known of it
		{"title:", `title:"Old web server"(1)`},
	} {
		var got []string
		for _, o := range query.Complete(c.text, len(c.text), all) {
			s := c.text[:o.From] + o.Text + c.text[o.To:]
			if o.Count > 0 {
				s += fmt.Sprintf("(%d)", o.Count)
			}
			got = append(got, s)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.text, diff)
		}
	}
	if got := query.Complete("st web", 2, all); len(got) != 1 || got[0].To != 2 {
		t.Errorf("in the middle: %v", got)
	}
	if got := len(query.Complete("", 0, all)); got < 10 {
		t.Errorf("an empty box offers %d fields", got)
	}
}

func TestQuotedValuesAreReadBack(t *testing.T) {
	for _, s := range []string{"a b", `a"b`, "a,b", `a\b`, "plain", "kvm1/6f1c", "a(b", "a)b", "日本 語"} {
		r := query.NewRow(query.Host, s, "1", "x")
		q, problems := query.Parse("(host:" + query.Quote(s) + ")")
		if len(problems) > 0 || q.Match(r, at) != query.Yes {
			t.Errorf("%q is not found by %s: %v", s, query.Quote(s), problems)
		}
	}
}

func TestMatchingDoesNotAllocate(t *testing.T) {
	q, _ := query.Parse("web* or (state:running host:kvm* -tag:old mem>=1G ip:10.0.0.0/8 seen<1h cf.owner:anna has:agent)")
	all := rows()
	if n := testing.AllocsPerRun(100, func() {
		for _, r := range all {
			q.Match(r, at)
		}
	}); n > 0 {
		t.Errorf("%g allocations", n)
	}
}

// FuzzParse: whatever is typed ends, points into the text, and what it negates
// is what it does not find.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"web state:running", `-(a or "b c") not cf."x y">=1`, "ip:fe80::/10,10.*", "((((", ")or and", "mem>4G,-", `a\"`, "é:ü"} {
		f.Add(s)
	}
	all := rows()
	f.Fuzz(func(t *testing.T, s string) {
		q, problems := query.Parse(s)
		for _, p := range problems {
			if p.From < 0 || p.To > len(s) || p.From > p.To || p.Message == "" {
				t.Fatalf("%q: %+v", s, p)
			}
		}
		turned, more := query.Parse("-(" + s + ")")
		sound := len(problems) == 0 && len(more) == 0 && !q.Empty()
		for _, r := range all {
			if a := q.Match(r, at); sound && turned.Match(r, at) != -a {
				t.Fatalf("%q and its opposite agree on %s", s, r.Name)
			}
		}
		for _, o := range query.Complete(s, len(s), all) {
			if o.From < 0 || o.From > o.To || o.To != len(s) {
				t.Fatalf("%q: %+v", s, o)
			}
		}
	})
}
