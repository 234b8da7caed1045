//go:build linux

package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// pagePart is the name of this part for the flag -only.
const pagePart = "page"

// page is what frontend/bench/many-vms.bench.ts found, in milliseconds each.
type page struct {
	Cold, Warm, Plain, Busy []float64
	Nodes, NodesLarge       int
}

// measurePage measures the list of VMs in a browser: 10,000 of them on
// simulated hosts that are calm.
func measurePage(ctx context.Context, t *table, o options, tmp string) error {
	say("measuring: the page, with %d VMs", fleetHosts*fleetVMs)
	home := filepath.Join(tmp, "page")
	demo, err := serve(ctx, home, o.exe, "demo", "--calm", "--hosts", strconv.Itoa(fleetHosts), "--vms", strconv.Itoa(fleetVMs))
	if err != nil {
		return err
	}
	defer demo.stop()
	go io.Copy(io.Discard, demo.errs) // ends with the demo
	p, err := browse(ctx, o, demo.url, filepath.Join(tmp, "page.json"))
	if err != nil {
		return err
	}
	entry, err := entrySize(ctx, demo.url)
	if err != nil {
		return err
	}
	p.report(t, entry)
	return nil
}

// browse runs the measurement in Debian's Chromium.
func browse(ctx context.Context, o options, url, result string) (*page, error) {
	c := exec.CommandContext(ctx, "node", "node_modules/@playwright/test/cli.js", "test", "--config", "bench/playwright.config.ts")
	c.Dir = "frontend"
	c.Env = append(os.Environ(), "LIMIQUANTIX_URL="+url, "LIMIQUANTIX_RESULT="+result, "LIMIQUANTIX_RUNS="+strconv.Itoa(o.runs),
		"LIMIQUANTIX_RESULTS="+result+".failed", "CI=1", "NO_COLOR=1")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL} // the browser with it
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 10 * time.Second
	if out, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("playwright: %w\n%s", err, out)
	}
	b, err := os.ReadFile(result)
	if err != nil {
		return nil, err
	}
	p := &page{}
	return p, json.Unmarshal(b, p)
}

func (p *page) report(t *table, entry int) {
	cold, warm, plain := millis(p.Cold).median(), millis(p.Warm).median(), millis(p.Plain).median()
	anchor := fmt.Sprintf("a plain table of copies of the same row %s", ms(plain))
	t.add(row{"page: first paint of 10,000 VMs after their data", "page just loaded " + ms(cold), anchor, times(cold, plain), "≤ 150 ms, ≥ 150×",
		met(cold <= 150*time.Millisecond && quotient(plain, cold) >= 150)})
	t.add(row{"page: first paint of 10,000 VMs after their data", "from the page's cache " + ms(warm), anchor, times(warm, plain), "", noGoal})
	busy := millis(p.Busy)
	t.add(row{"page: main thread's CPU, an update of the figures of 10,000 VMs", fmt.Sprintf("p50 %s, p95 %s of %d", ms(busy.median()), ms(busy.quantile(0.95)), len(busy)),
		"", "", "p95 ≤ 50 ms", met(busy.quantile(0.95) <= 50*time.Millisecond)})
	t.add(row{"page: DOM nodes with 10,000 VMs", fmt.Sprintf("%d at 1280 × 800, %d at 1920 × 1080", p.Nodes, p.NodesLarge), "", "", "≤ 1,500", met(max(p.Nodes, p.NodesLarge) <= 1500)})
	t.add(row{"page: files before the first page, gzip", fmt.Sprintf("%.0f kB", float64(entry)/1000), "", "", "≤ 250 kB", met(entry <= 250_000)})
	t.note("The page is measured in Debian's Chromium without a GPU. The plain table gets 10,000 copies of a row that is there already: neither React, nor data, nor sorting is in its time, all of which is in ours. An update is all that the page's main thread did in a second in which the figures of all VMs came once, from 100 hosts one after another; a user's page asks for them each 5 s.")
}

// millis makes a sample of milliseconds.
func millis(of []float64) sample {
	var s sample
	for _, v := range of {
		s = append(s, time.Duration(v*float64(time.Millisecond)))
	}
	return s
}

// entryFile finds what index.html loads: script, styles and what they import at once.
var entryFile = regexp.MustCompile(`(?:src|href)="\./(assets/[^"]+\.(?:js|css))"`)

// entrySize is how many bytes of script and styles a browser gets, in gzip, before
// anything of a page is loaded.
func entrySize(ctx context.Context, url string) (int, error) {
	base, _, _ := strings.Cut(url, "#")
	index, err := get(ctx, base)
	if err != nil {
		return 0, err
	}
	total := 0
	found := entryFile.FindAllSubmatch(index, -1)
	for _, m := range found {
		file, err := get(ctx, base+string(m[1]))
		if err != nil {
			return 0, err
		}
		n := counter(0)
		z := gzip.NewWriter(&n)
		z.Write(file) // a counter takes anything
		z.Close()
		total += int(n)
	}
	if len(found) == 0 {
		return 0, core.Errorf(core.Internal, "the page names no script: is it built?").WithHint("type make ui")
	}
	return total, nil
}

// get reads one of the files that the page is made of; they need no token.
func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, core.Errorf(core.Internal, "GET %s: %s", url, res.Status)
	}
	return io.ReadAll(res.Body)
}

// counter counts what is written.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
