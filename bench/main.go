//go:build linux

// Command bench measures the product beside virsh, in one run on one lab, and
// prints ratios: absolute times say more about the machine than about us. Both
// sides pass the same counting proxy in front of the host's libvirt socket.
//
// It needs root, the packages of build/packages.txt and the built program. The
// lab ends with it, however it ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

// options are the flags.
type options struct {
	exe    string
	out    string
	strict bool
	rtt    time.Duration
	runs   int
	vms    int
	only   string
}

func main() {
	lab.Reexec() // the lab's own processes are this program started again
	var o options
	flag.StringVar(&o.exe, "exe", "./limiquantix", "the built program")
	flag.StringVar(&o.out, "o", "", "also write the table to this Markdown file")
	flag.BoolVar(&o.strict, "strict", false, "exit with status 1 when a goal was missed")
	flag.DurationVar(&o.rtt, "rtt", 50*time.Millisecond, "round trip to the host")
	flag.IntVar(&o.runs, "runs", 7, "runs of each measurement; the median counts")
	flag.IntVar(&o.vms, "vms", 100, "VMs on the host")
	flag.StringVar(&o.only, "only", "", "only measurements on the host whose name has this in it; \"page\": the page alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	missed, err := run(ctx, o)
	stop()
	if err != nil {
		e := core.AsError(err)
		fmt.Fprintln(os.Stderr, "bench:", err)
		if e.Hint != "" {
			fmt.Fprintln(os.Stderr, "hint:", e.Hint)
		}
		os.Exit(1)
	}
	if missed > 0 && o.strict {
		os.Exit(1)
	}
}

// run measures everything and returns how many goals were missed. All that it
// made is gone when it returns.
func run(ctx context.Context, o options) (missed int, err error) {
	exe, err := filepath.Abs(o.exe)
	if err != nil {
		return 0, err
	}
	o.exe = exe
	tmp, err := os.MkdirTemp("", "limiquantix-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(tmp)
	began := time.Now()
	t := &table{rtt: o.rtt, vms: o.vms, runs: o.runs}
	// First what needs no lab, in a machine that is still quiet.
	if o.only == "" {
		if err := measureFleet(ctx, t, o, tmp); err != nil {
			return 0, fmt.Errorf("simulated fleet: %w", err)
		}
		if err := measureSearch(ctx, t, o, tmp); err != nil {
			return 0, fmt.Errorf("search: %w", err)
		}
	}
	if strings.Contains(pagePart, o.only) {
		if err := measurePage(ctx, t, o, tmp); err != nil {
			return 0, fmt.Errorf("the page: %w", err)
		}
	}
	if o.only != pagePart {
		if err := onSite(ctx, t, o, tmp); err != nil {
			return 0, err
		}
	}
	t.took = time.Since(began)
	t.print(os.Stdout)
	if o.out != "" {
		if err := t.save(o.out); err != nil {
			return 0, err
		}
	}
	return t.missed(), nil
}

// onSite makes all measurements that need a real host.
func onSite(ctx context.Context, t *table, o options, tmp string) (err error) {
	s, err := newSite(ctx, o, tmp)
	if err != nil {
		return fmt.Errorf("set up the lab: %w", err)
	}
	defer func() {
		if cerr := s.close(); err == nil {
			err = cerr
		}
	}()
	steps := []struct {
		what string
		do   func(context.Context, *table) error
	}{
		{"start of the program", s.measureStartUp},
		{"list from the cache", s.measureOffline},
		{"warm list", s.measureWarm},
		{"cold list", s.measureCold},
		{"vm start and events", s.measurePower},
		{"console relay", s.measureConsole},
		{"rest", s.measureIdle},
		{"cost of a refresh", s.measureRefreshCost},
	}
	for _, m := range steps {
		if !strings.Contains(m.what, s.only) {
			continue
		}
		say("measuring: %s", m.what)
		if err := m.do(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", m.what, err)
		}
	}
	return nil
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
