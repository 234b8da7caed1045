package compose

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
	"github.com/limiquantix/limiquantix/core/store"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// TestEveryTableIsKeptOrNamed: a new table must say whether it outlives damage.
func TestEveryTableIsKeptOrNamed(t *testing.T) {
	known := slices.Concat(kept.Config, kept.Past, []string{"migration", "sqlite_sequence"})
	a := &App{log: Discard()}
	db, _, err := a.openInventory(t.Context(), Config{Home: t.TempDir(), Log: Discard()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	err = db.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			if !slices.Contains(known, name) {
				t.Errorf("table %s is in none of the lists of what outlives damage", name)
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestADamagedInventory is moved aside, told, and made anew: no host is lost,
// nor what was done, nor the VMs that are known.
func TestADamagedInventory(t *testing.T) {
	for name, harm := range map[string]func(content []byte) []byte{
		"no database":   func([]byte) []byte { return []byte("no database") },
		"an empty file": func([]byte) []byte { return nil },
		"the table of hosts": func(b []byte) []byte { // its pages hold its rows: no root is hit
			for at := bytes.Index(b, []byte("sim:host2")); at >= 0; at = bytes.Index(b, []byte("sim:host2")) {
				copy(b[at/4096*4096:], bytes.Repeat([]byte{0xff}, 4096))
			}
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			fleet := sim.NewFleet(sim.Model{Hosts: 3, VMsPerHost: 3})
			t.Cleanup(fleet.Close)
			home := t.TempDir()
			r := newRig(t, home, fleet, false)
			for _, host := range []string{"host1", "host2", "host3"} {
				r.add(t, host)
			}
			before := r.list(t, false)
			r.app.Close()

			path := filepath.Join(home, store.File)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for file, content := range map[string][]byte{store.File: harm(content), store.File + ".damaged": nil} {
				if err := os.WriteFile(filepath.Join(home, file), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r = newRig(t, home, fleet, false)
			if told := untilTold(t, r, "The inventory's file was damaged"); !strings.Contains(told, "it is kept as inventory.db.damaged-") {
				t.Errorf("told: %s", told)
			}
			hosts, err := r.hosts.ListHosts(t.Context(), &apiv1.ListHostsRequest{})
			if err != nil || len(hosts.Hosts) != 3 {
				t.Fatalf("hosts %v, %v", hosts.GetHosts(), err)
			}
			if after := r.list(t, false); len(after) != len(before) {
				t.Errorf("%d VMs, there were %d", len(after), len(before))
			}
			if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) != 1 {
				t.Errorf("aside: %q", aside)
			}
		})
	}
}

// untilTold waits for an event whose sentence begins so, and returns it.
func untilTold(t *testing.T, r *rig, begin string) string {
	t.Helper()
	events := apiv1connect.NewEventServiceClient(r.http, r.url)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		list, err := events.ListEvents(ctx, &apiv1.ListEventsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list.Events {
			if strings.HasPrefix(e.Text, begin) {
				return e.Text
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nothing tells that %q", begin)
	return ""
}
