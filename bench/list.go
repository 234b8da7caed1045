//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/transport/virt/rpccount"
)

// measureStartUp compares the programs that do nothing.
func (s *site) measureStartUp(ctx context.Context, t *table) error {
	n := 2*s.runs + 1
	ours, err := repeat(n, func() error { _, err := s.ours(ctx, s.tmp, "version"); return err })
	if err != nil {
		return err
	}
	theirs, err := repeat(n, func() error { _, err := output(ctx, s.tmp, "virsh", "--version"); return err })
	if err != nil {
		return err
	}
	t.add(row{"start of the program", "`limiquantix version` " + ms(ours.median()), "`virsh --version` " + ms(theirs.median()),
		times(ours.median(), theirs.median()), "", noGoal})
	return nil
}

// inventory makes a home directory whose inventory has the host, and whose cache its VMs.
func (s *site) inventory(ctx context.Context, name string) (home string, err error) {
	home = filepath.Join(s.tmp, name)
	if _, err := os.Stat(home); err == nil {
		return home, nil // another measurement made it
	}
	_, err = s.ours(ctx, home, "host", "add", s.host.Name, "root@"+s.host.Address, "--identity", s.host.Identity, "--host-key", s.host.HostKeys[0].Fingerprint)
	return home, err
}

// measureOffline compares the cache with virsh on the host itself.
func (s *site) measureOffline(ctx context.Context, t *table) error {
	home, err := s.inventory(ctx, "offline")
	if err != nil {
		return err
	}
	n := 2*s.runs + 1
	var ours, theirs sample
	for range n { // in turn, so that both see the same machine
		if err := ours.add(func() error { return s.complete(s.ours(ctx, home, "vm", "list", "--offline", "--no-headers")) }); err != nil {
			return err
		}
		if err := theirs.add(func() error {
			return s.complete(output(ctx, s.tmp, "virsh", "-q", "-c", s.localURI(), "list", "--all"))
		}); err != nil {
			return err
		}
	}
	share := quotient(ours.median(), theirs.median())
	t.add(row{fmt.Sprintf("%d VMs from the cache, whole process", s.vms), "`vm list --offline` " + ms(ours.median()),
		"`virsh list --all` on the host " + ms(theirs.median()), times(ours.median(), theirs.median()),
		"≤ 0.5 of virsh", met(share <= 0.5)})
	return nil
}

// complete fails unless every VM was listed.
func (s *site) complete(list string, err error) error {
	if n := strings.Count(strings.TrimSpace(list), "\n") + 1; err == nil && n < s.vms {
		err = fmt.Errorf("only %d of %d VMs were listed", n, s.vms)
	}
	return err
}

// measureWarm lists over connections that are open.
func (s *site) measureWarm(ctx context.Context, t *table) error {
	ourCount := s.tap.next()
	l, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	theirCount := s.tap.next()
	sh, err := s.openShell(ctx)
	if err != nil {
		return err
	}
	defer sh.close()
	var ours, theirs sample
	for range s.runs {
		ourCount.Reset()
		if err := ours.add(func() error { _, err := l.VMs(ctx); return err }); err != nil {
			return err
		}
		theirCount.Reset()
		if err := theirs.add(func() error { return s.complete(sh.do("list --all")) }); err != nil {
			return err
		}
	}
	a, b := ours.median(), theirs.median()
	t.add(row{fmt.Sprintf("state of %d VMs, warm", s.vms), fmt.Sprintf("%s, %d RPCs in %d flight", t.rtts(a), ourCount.Calls(), ourCount.Flights()),
		fmt.Sprintf("open virsh shell, `list --all` %s, %d RPCs", t.rtts(b), theirCount.Calls()), times(a, b),
		"≤ 1.3 RTT, ≥ 75×", met(quotient(a, s.rtt) <= 1.3 && quotient(b, a) >= 75)})
	return nil
}

// measureCold lists with nothing open: once within the process, once as a
// whole process.
func (s *site) measureCold(ctx context.Context, t *table) error {
	home, err := s.inventory(ctx, "cold")
	if err != nil {
		return err
	}
	var inside, ours, theirs sample
	var insideCount, ourCount, theirCount *rpccount.Counter
	for range s.runs {
		insideCount = s.tap.next()
		if err := s.dialAndList(ctx, &inside); err != nil {
			return err
		}
		ourCount = s.tap.next()
		if err := ours.add(func() error { return s.complete(s.ours(ctx, home, "vm", "list", "--no-headers")) }); err != nil {
			return err
		}
		theirCount = s.tap.next()
		if err := theirs.add(func() error { return s.complete(s.virsh(ctx, "list", "--all")) }); err != nil {
			return err
		}
	}
	limit := 11*s.rtt + 150*time.Millisecond
	anchor := fmt.Sprintf("`virsh -c qemu+ssh list --all` %s, %d RPCs", t.rtts(theirs.median()), theirCount.Calls())
	t.add(row{fmt.Sprintf("%d VMs cold: dial, log in, subscribe, list", s.vms),
		fmt.Sprintf("%s, %d RPCs in %d flights", t.rtts(inside.median()), insideCount.Calls(), insideCount.Flights()),
		anchor, times(inside.median(), theirs.median()), "≤ 11 RTT + 0.15 s", met(inside.median() <= limit)})
	t.add(row{fmt.Sprintf("%d VMs cold, whole process", s.vms), fmt.Sprintf("`vm list` %s, %d RPCs", t.rtts(ours.median()), ourCount.Calls()),
		anchor, times(ours.median(), theirs.median()), "≤ 11 RTT + 0.15 s", met(ours.median() <= limit)})
	t.note("Cold is 7 round trips for TCP and SSH (TCP, key exchange 2, service, auth none, the key asked for, signature), 1 for the channel to the socket, and one for each flight of RPCs. A flight is calls that travel together.")
	return nil
}

// dialAndList adds the time of a first list, without that of hanging up.
func (s *site) dialAndList(ctx context.Context, to *sample) error {
	began := time.Now()
	l, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	_, err = l.VMs(ctx)
	*to = append(*to, time.Since(began))
	return err
}
