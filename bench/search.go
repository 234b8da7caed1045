//go:build linux

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/query"
	"github.com/limiquantix/limiquantix/core/search"
	"github.com/limiquantix/limiquantix/core/store"
)

// wanted is what is searched for among 10,000 VMs; half of them match.
const wanted = "web state:running host:kvm* mem>4G ip:10.0.0.0/8"

// measureSearch asks for VMs by a query, beside parsing it anew for each row and
// beside LIKE over the same VMs in SQLite.
func measureSearch(ctx context.Context, t *table, o options, tmp string) error {
	say("measuring: search over %d VMs", fleetHosts*fleetVMs)
	vms := searched()
	lists := search.Lists{
		Hosts: func(context.Context, *apiv1.ListHostsRequest) (*apiv1.ListHostsResponse, error) {
			return &apiv1.ListHostsResponse{}, nil
		},
		VMs: func(context.Context, *apiv1.ListVMsRequest) (*apiv1.ListVMsResponse, error) {
			return &apiv1.ListVMsResponse{Vms: vms}, nil
		},
	}
	x := search.NewIndex(lists)
	s := search.NewService(x, nil, nil)
	n := 0
	find := func() error {
		res, err := s.Search(ctx, &apiv1.SearchRequest{Query: wanted, Kinds: []string{"vm"}, Offline: true})
		n = len(res.GetFound())
		return err
	}
	began := time.Now()
	if err := find(); err != nil {
		return err
	}
	first := time.Since(began)
	ours, err := repeat(2*o.runs+1, find)
	if err != nil {
		return err
	}
	rows, err := x.Rows(ctx, []query.Kind{query.VM})
	if err != nil {
		return err
	}
	each, err := repeat(3, func() error {
		found := 0
		for _, r := range rows {
			q, err := query.ParseStrict(wanted)
			if err != nil {
				return err
			}
			if q.Match(r, time.Now()) == query.Yes {
				found++
			}
		}
		return same(found, n)
	})
	if err != nil {
		return err
	}
	like, err := likeSearch(ctx, vms, n, o.runs, filepath.Join(tmp, "search"))
	if err != nil {
		return err
	}
	t.add(row{fmt.Sprintf("search over %d VMs, %d found", len(vms), n), fmt.Sprintf("%s (%s the first time)", ms(ours.median()), ms(first)),
		fmt.Sprintf("the query parsed for each row %s; `LIKE` over SQLite %s", ms(each.median()), ms(like.median())),
		times(ours.median(), like.median()), "≤ 20 ms", met(ours.median() <= 20*time.Millisecond)})
	return nil
}

func same(got, want int) error {
	if got != want {
		return fmt.Errorf("found %d VMs, not %d", got, want)
	}
	return nil
}

// searched is 10,000 VMs on 100 hosts.
func searched() []*apiv1.VM {
	var vms []*apiv1.VM
	for h := range fleetHosts {
		for i := range fleetVMs {
			state := apiv1.VM_STATE_RUNNING
			if i%3 == 0 {
				state = apiv1.VM_STATE_STOPPED
			}
			vms = append(vms, &apiv1.VM{Host: fmt.Sprintf("kvm%d", h), Uuid: fmt.Sprintf("%08d-0000-4000-8000-%012d", h, i), Name: fmt.Sprintf("web%d", i),
				State: state, Vcpus: 2, MemoryBytes: int64(1+i%16) << 30, Persistent: true,
				Addresses: []*apiv1.Address{{Ip: fmt.Sprintf("10.%d.0.%d", h, i)}}})
		}
	}
	return vms
}

// likeSearch asks SQLite for the same VMs, and reads what it finds.
func likeSearch(ctx context.Context, vms []*apiv1.VM, want, runs int, dir string) (sample, error) {
	db, err := store.Open(ctx, dir, store.Migration{Name: "bench/0001", SQL: `CREATE TABLE machine (host TEXT, uuid TEXT, name TEXT, title TEXT, state TEXT, memory INTEGER, ip TEXT) STRICT`})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.Write(ctx, func(tx *store.Tx) error {
		for _, v := range vms {
			if _, err := tx.ExecContext(ctx, `INSERT INTO machine VALUES (?, ?, ?, '', ?, ?, ?)`, v.Host, v.Uuid, v.Name, v.State.String(), v.MemoryBytes, v.Addresses[0].Ip); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return repeat(runs, func() error {
		return db.Read(ctx, func(tx *store.Tx) error {
			rows, err := tx.QueryContext(ctx, `SELECT host, uuid, name FROM machine WHERE (name LIKE '%web%' OR title LIKE '%web%' OR host LIKE '%web%' OR ip LIKE '%web%')
				AND state = 'STATE_RUNNING' AND host LIKE 'kvm%' AND memory > ? AND ip LIKE '10.%'`, int64(4)<<30)
			if err != nil {
				return err
			}
			defer rows.Close()
			n := 0
			for rows.Next() {
				var host, uuid, name string
				if err := rows.Scan(&host, &uuid, &name); err != nil {
					return err
				}
				n++
			}
			if err := rows.Err(); err != nil {
				return err
			}
			return same(n, want)
		})
	})
}
