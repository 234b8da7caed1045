//go:build linux

package main

import (
	"context"
	"fmt"
	"time"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/transport/virt/rpccount"
)

// way is one way to start a VM.
type way struct {
	name     string
	start    func(ctx context.Context, uuid, name string) error
	count    *rpccount.Counter // of the open connection; nil when each start makes one
	overhead sample
	calls    int
}

// starts are the ways that are compared.
type starts struct {
	api, cli, cold *way // ours
	call           *way // libvirt's call on a link of ours
	virsh, local   *way // virsh from here and on the host itself
}

// measurePower starts a VM in each way in turn, and has somebody else on the
// host destroy it in between, which an open link watches.
//
// The overhead of a start is its time less what libvirt itself needed for that
// very start, from the call's arrival at the socket to its answer. That is the
// start on the host, without the difference between two starts of QEMU.
func (s *site) measurePower(ctx context.Context, t *table) error {
	watched := s.tap.next()
	watcher, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer watcher.close()
	home, err := s.inventory(ctx, "warm")
	if err != nil {
		return err
	}
	cold, err := s.inventory(ctx, "cold")
	if err != nil {
		return err
	}
	served := s.tap.next()
	app, err := serve(ctx, home, s.exe, "serve")
	if err != nil {
		return err
	}
	defer app.stop()
	if _, err := s.ours(ctx, home, "vm", "list"); err != nil { // returns when it is connected
		return err
	}
	w := starts{
		api: &way{name: "API, warm", count: s.asked, start: func(ctx context.Context, uuid, _ string) error { return s.startByAPI(ctx, uuid) }},
		cli: &way{name: "`vm start` by a running `serve`", count: served, start: func(ctx context.Context, _, name string) error {
			_, err := s.ours(ctx, home, "vm", "start", name)
			return err
		}},
		cold: &way{name: "`vm start`, cold", start: func(ctx context.Context, _, name string) error {
			_, err := s.ours(ctx, cold, "vm", "start", name)
			return err
		}},
		call: &way{name: "libvirt's call alone, on an open link", count: watched, start: func(ctx context.Context, uuid, _ string) error {
			return watcher.StartVM(ctx, uuid)
		}},
		virsh: &way{name: "`virsh -c qemu+ssh start`", start: func(ctx context.Context, _, name string) error {
			_, err := s.virsh(ctx, "start", name)
			return err
		}},
		local: &way{name: "`virsh start` on the host", start: func(ctx context.Context, _, name string) error {
			_, err := output(ctx, s.tmp, "virsh", "-q", "-c", s.localURI(), "start", name)
			return err
		}},
	}
	ways := []*way{w.api, w.virsh, w.cli, w.local, w.call, w.cold}
	var seen, local sample
	for i := range s.runs {
		for j, way := range ways {
			n := (i*len(ways) + j) % s.vms
			took, err := s.startOnce(ctx, way, s.uuids[n], s.names[n])
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			local = append(local, took)
			late, err := s.destroy(ctx, watcher, s.uuids[n])
			if err != nil {
				return err
			}
			seen = append(seen, late)
		}
	}
	s.reportPower(t, w, local, seen)
	return nil
}

func (s *site) reportPower(t *table, w starts, local, seen sample) {
	text := func(way *way, less time.Duration) string {
		return fmt.Sprintf("%s %s, %d RPCs", way.name, t.rtts(way.overhead.median()-less), way.calls)
	}
	judge := func(what string, own *way, less time.Duration) {
		a, b := own.overhead.median()-less, w.virsh.overhead.median()-less
		t.add(row{what, text(own, less), text(w.virsh, less), times(a, b), "≤ 1.2 RTT, ≥ 15×", met(quotient(a, s.rtt) <= 1.2 && quotient(b, a) >= 15)})
	}
	judge("start of a VM, over libvirt's own time for it", w.api, 0)
	judge("start of a VM by a process, over one on the host", w.cli, w.local.overhead.median())
	for _, own := range []*way{w.cli, w.cold, w.call, w.local} {
		t.add(row{"start of a VM, over libvirt's own time for it", text(own, 0), text(w.virsh, 0), times(own.overhead.median(), w.virsh.overhead.median()), "", noGoal})
	}
	limit := s.rtt/2 + 25*time.Millisecond
	t.add(row{"another's destroy on the host is seen", fmt.Sprintf("p50 %s, p95 %s after it returned there", ms(seen.median()), ms(seen.quantile(0.95))),
		"polling, as other tools do: 3 to 15 s", "", "p95 ≤ ½ RTT + 25 ms", met(seen.quantile(0.95) <= limit)})
	t.note("Starts are told less what libvirt needed for that same start, from the call's arrival at its socket to the answer (median %s, QEMU under TCG), so that two starts of QEMU need not be alike. \"Over one on the host\" also takes away what `virsh start` on the host itself adds to that: its process and its other RPCs. What is left of the API's is a round trip and a wait for the journal's disk before and, shorter, after it. Where a process that asks a running `serve` shows more than that, it is the answer that came late, not a call more: libvirt tells of the start and answers in two small packets, and sshd, which delays small packets of a forwarded socket until the last one is acknowledged (Nagle), holds the second for as long as the acknowledgement is delayed (40 ms on Linux). When both come in one packet it is one round trip.", ms(local.median()))
}

// startOnce starts a VM, notes the overhead and returns what libvirt needed.
func (s *site) startOnce(ctx context.Context, w *way, uuid, name string) (time.Duration, error) {
	time.Sleep(300 * time.Millisecond) // the last destroy's events have passed
	count := w.count
	if count == nil {
		count = s.tap.next()
	}
	count.Reset()
	began := time.Now()
	if err := w.start(ctx, uuid, name); err != nil {
		return 0, err
	}
	took := time.Since(began)
	w.calls = count.Calls()
	spent := count.Spent()
	inside := spent[procCreate] + spent[procCreateWithFlags]
	if inside == 0 {
		return 0, fmt.Errorf("no start was seen at the socket")
	}
	w.overhead = append(w.overhead, took-inside)
	return inside, nil
}

// startByAPI starts a VM as the window does, and watches the task to its end.
func (s *site) startByAPI(ctx context.Context, uuid string) error {
	op, err := apiv1connect.NewVMServiceClient(s.api, s.url).PowerVM(ctx, &apiv1.PowerVMRequest{Vm: uuid, Action: apiv1.PowerVMRequest_ACTION_START})
	if err != nil {
		return err
	}
	stream, err := apiv1connect.NewTaskServiceClient(s.api, s.url).WatchTask(ctx, &apiv1.WatchTaskRequest{Id: op.Task.Id})
	if err != nil {
		return err
	}
	defer stream.Close()
	state := apiv1.Task_STATE_UNSPECIFIED
	for stream.Receive() {
		state = stream.Msg().Task.State
	}
	if err := stream.Err(); err != nil || state != apiv1.Task_STATE_DONE {
		return fmt.Errorf("the task ended as %s: %w", state, err)
	}
	return nil
}

// destroy powers a VM off on the host itself and returns how long after that
// the watcher heard of it.
func (s *site) destroy(ctx context.Context, watcher *link, uuid string) (time.Duration, error) {
	heard := make(chan time.Time, 1)
	go func() { // ends with the event, or with the watcher
		for e := range watcher.Events() {
			if e.Object == host.ObjectVM && e.UUID == uuid && e.Change == "stopped" {
				heard <- time.Now()
				return
			}
		}
	}()
	if err := s.admin.StopVM(ctx, uuid); err != nil {
		return 0, err
	}
	done := time.Now()
	select {
	case at := <-heard:
		return max(at.Sub(done), 0), nil
	case <-time.After(10 * time.Second):
		return 0, fmt.Errorf("the end of a VM was not heard of")
	}
}
