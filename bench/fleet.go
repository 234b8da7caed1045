//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core/vm"
	"github.com/limiquantix/limiquantix/transport/sim"
)

// fleetHosts and fleetVMs are the size of the simulated fleet.
const fleetHosts, fleetVMs = 100, 100

// measureFleet refreshes 10,000 VMs in bulk and one by one, and weighs the
// application that holds them.
func measureFleet(ctx context.Context, t *table, o options, tmp string) error {
	say("measuring: %d simulated hosts with %d VMs each", fleetHosts, fleetVMs)
	fleet := sim.NewFleet(sim.Model{Hosts: fleetHosts, VMsPerHost: fleetVMs, RTT: o.rtt})
	defer fleet.Close()
	links := make([]*sim.Link, fleetHosts)
	err := each(fleetHosts, func(i int) (err error) {
		links[i], err = fleet.Dial(ctx, fleet.Hosts()[i])
		return err
	})
	if err != nil {
		return err
	}
	uuids := make([][]string, fleetHosts)
	before := cpu()
	bulk, err := repeat(o.runs, func() error {
		return each(fleetHosts, func(i int) error {
			vms, err := links[i].VMs(ctx)
			uuids[i] = idsOf(vms)
			return err
		})
	})
	if err != nil {
		return err
	}
	cost := (cpu() - before) / time.Duration(o.runs)
	calls := fleet.Calls("", "VMXML")
	single, err := repeat(1, func() error {
		return each(fleetHosts, func(i int) error {
			for _, uuid := range uuids[i] {
				if _, err := links[i].VMXML(ctx, uuid, false); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	calls = fleet.Calls("", "VMXML") - calls
	a, b := bulk.median(), single.median()
	t.add(row{"refresh of 100 × 100 VMs, simulated", fmt.Sprintf("%s, %d calls, %s CPU with the simulation's own", t.rtts(a), fleetHosts, ms(cost)),
		fmt.Sprintf("one call per VM, hosts in parallel %s, %d calls", t.rtts(b), calls), times(a, b), "≥ 35×", met(quotient(b, a) >= 35)})
	return measureMemory(ctx, t, o, tmp)
}

// each calls do for 0 … n-1 at the same time.
func each(n int, do func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = do(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func idsOf(vms []vm.Summary) []string {
	ids := make([]string, len(vms))
	for i, v := range vms {
		ids[i] = v.UUID
	}
	return ids
}

// measureMemory weighs a process that holds the fleet, and is asked for all of it.
func measureMemory(ctx context.Context, t *table, o options, tmp string) error {
	demo, err := serve(ctx, tmp, o.exe, "demo", "--hosts", strconv.Itoa(fleetHosts), "--vms", strconv.Itoa(fleetVMs))
	if err != nil {
		return err
	}
	defer demo.stop()
	home, err := demo.home()
	if err != nil {
		return err
	}
	list, err := repeat(3, func() error {
		out, err := output(ctx, tmp, o.exe, "--home", home, "vm", "list", "--no-headers")
		if n := strings.Count(out, "\n"); err == nil && n != fleetHosts*fleetVMs {
			err = fmt.Errorf("%d VMs were listed", n)
		}
		return err
	})
	if err != nil {
		return err
	}
	time.Sleep(5 * time.Second) // the events that connecting brought have passed
	rss, peak, err := memory(demo.cmd.Process.Pid)
	if err != nil {
		return err
	}
	t.add(row{"memory of a process with 100 hosts, 10,000 VMs", fmt.Sprintf("RSS %d MiB (peak %d), the simulated hosts in it", rss, peak), "", "", "≤ 120 MiB", met(rss <= 120)})
	t.add(row{"`vm list` of 10,000 VMs by that process", ms(list.median()), "", "", "", noGoal})
	return nil
}

// home reads the demo's home directory from what it says.
func (s *service) home() (string, error) {
	for {
		line, err := s.errs.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("the demo does not say where its home is: %w", err)
		}
		if _, rest, ok := strings.Cut(line, "--home "); ok {
			home, _, _ := strings.Cut(rest, " ")
			return home, nil
		}
	}
}

// memory returns a process's resident set and its peak, in MiB.
func memory(pid int) (rss, peak int, err error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.Atoi(fields[1])
		switch fields[0] {
		case "VmRSS:":
			rss = kib >> 10
		case "VmHWM:":
			peak = kib >> 10
		}
	}
	return rss, peak, nil
}
