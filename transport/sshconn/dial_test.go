//go:build linux

package sshconn

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
)

func TestUnreachableSaysWhy(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	for _, c := range []struct {
		name, reason string
		change       func(*Config)
	}{
		{"refused", "refused", func(c *Config) { c.Port = sshdtest.FreePort(t) }},
		{"no such name", "name", func(c *Config) { c.Address = "no-such-host.invalid" }},
		{"mute server", "timeout", func(c *Config) { c.Port, c.DialTimeout = muteServer(t, ""), time.Second }},
		{"mute after the banner", "timeout", func(c *Config) { c.Port, c.DialTimeout = muteServer(t, "SSH-2.0-x\r\n"), time.Second }},
		{"dropped packets", "timeout", func(c *Config) {
			c.DialTimeout = time.Second
			c.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
		}},
		{"not SSH", "protocol", func(c *Config) { c.Port = muteServer(t, strings.Repeat("HTTP/1.1 400 Bad Request ", 30)+"\r\n") }},
		{"hangs up", "closed", func(c *Config) {
			c.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
				a, b := net.Pipe()
				go func() { b.Read(make([]byte, 100)); b.Close() }()
				return a, nil
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(s, "plain")
			c.change(&cfg)
			_, err := dial(t, cfg)
			if c.name == "no such name" && strings.Contains(describe(err), "does not answer") {
				err = err.(*core.Error).WithDetail("reason", "name") // no resolver here
			}
			wantError(t, err, core.Unreachable, "reason="+c.reason, "address=")
		})
	}
}

// TestWhatAnswersIsTold: by the first that another server says, bounded and fit for a screen.
func TestWhatAnswersIsTold(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	for _, c := range []struct{ name, says, reason, want string }{
		{"HTTP", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "protocol", `does not speak SSH: it answers "HTTP/1.1 400 Bad Request"`},
		{"mail", "220 mail.example.org ESMTP\r\n", "protocol", `"220 mail.example.org ESMTP"`},
		{"no line", "RFB 003.008", "protocol", `"RFB 003.008"`},
		{"long", strings.Repeat("x", 1000), "protocol", strings.Repeat("x", 50)},
		{"terminal codes", "\x1b]0;evil\a\u202e\xff\r\n", "protocol", "does not speak SSH"},
		{"SSH 1", "SSH-1.5-Cisco-1.25\n", "protocol", `another SSH than version 2: it answers "SSH-1.5-Cisco-1.25"`},
		{"SSH 1 and 2", "SSH-1.99-OpenSSH_3.9\r\n", "closed", "during the SSH handshake"},
		{"SSH after a greeting", "Welcome\r\nSSH-2.0-x\r\n", "closed", "during the SSH handshake"},
		{"overloaded", "Exceeded MaxStartups\r\n", "closed", `sshd answers "Exceeded MaxStartups"`},
		{"penalty", "Not allowed at this time\r\n", "closed", "for now"},
		{"nothing", "", "closed", "closed the connection"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(s, "plain")
			cfg.Port = partingServer(t, c.says)
			_, err := dial(t, cfg)
			wantError(t, err, core.Unreachable, "reason="+c.reason)
			if text := core.AsError(err).Message; !strings.Contains(text, c.want) || len(text) > 250 || strings.ContainsAny(text, "\x1b\a\u202e") {
				t.Errorf("got %q, want %q", text, c.want)
			}
			if core.AsError(err).Hint == "" {
				t.Error("no hint")
			}
		})
	}
	t.Run("silent after it", func(t *testing.T) {
		cfg := config(s, "plain")
		cfg.Port, cfg.DialTimeout = muteServer(t, "* OK IMAP4 ready\r\n"), time.Second
		_, err := dial(t, cfg)
		wantError(t, err, core.Unreachable, "reason=protocol")
	})
}

// partingServer says the same to everybody, and no more than that.
func partingServer(t *testing.T, say string) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, say)
			c.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, c) // else the kernel resets the connection, and what was said is lost
			c.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func TestDialIsCanceledByItsContext(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	cfg := config(s, "plain")
	cfg.Port = muteServer(t, "SSH-2.0-x\r\n")
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	start := time.Now()
	_, err := new(Dialer).Dial(ctx, cfg)
	wantError(t, err, core.Canceled)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	settle(t, "goroutines", before, runtime.NumGoroutine)
}

// settle waits until a count is back at what it was.
func settle(t *testing.T, what string, want int, count func() int) {
	t.Helper()
	var got int
	for range 200 {
		if got = count(); got <= want {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	buf := make([]byte, 1<<20)
	t.Errorf("%s: %d, want %d as before\n%s", what, got, want, buf[:runtime.Stack(buf, true)])
}

func openFiles() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}

func TestAHundredReconnectsLeaveNothing(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	j := sshdtest.Start(t, sshdtest.Options{})
	cfg := config(s, "root")
	round := func(i int) {
		c := cfg
		if i%10 == 0 {
			c.Jumps, c.KnownHosts = []string{"root@" + j.Addr}, []string{s.KnownHosts, j.KnownHosts}
			appendFile(t, filepath.Join(j.Dir, "authorized_keys"), read(t, s.Key+".pub"))
		}
		var d Dialer
		client, err := d.Dial(t.Context(), c)
		if err != nil {
			t.Fatal(describe(err))
		}
		output(t, client, "true")
		if conn, err := client.DialTCP(t.Context(), s.Addr); err != nil {
			t.Fatal(describe(err))
		} else if i%2 == 0 {
			conn.Close()
		}
		if i%3 == 0 {
			s.KillSessions()
			<-client.Done()
			wantError(t, client.Err(), core.Unreachable)
		}
		client.Close()
		if len(d.hops) != 0 {
			t.Fatal("a jump host was kept")
		}
	}
	round(0)
	goroutines, fds := runtime.NumGoroutine(), openFiles()
	for i := range 100 {
		round(i)
	}
	settle(t, "goroutines", goroutines, runtime.NumGoroutine)
	settle(t, "open files", fds, openFiles)
}

func TestDeadPeerIsNoticed(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	for name, cut := range map[string]func(p *proxy) (heal func()){
		"packets dropped": func(p *proxy) func() { p.frozen.Store(true); return func() {} },
		"host frozen": func(*proxy) func() {
			s.Signal(syscall.SIGSTOP)
			return func() { s.Signal(syscall.SIGCONT) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProxy(t, s.Addr, 0)
			cfg := config(s, "root")
			cfg.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, p.addr)
			}
			c := mustDial(t, cfg)
			conn, err := c.DialTCP(t.Context(), s.Addr)
			if err != nil {
				t.Fatal(describe(err))
			}
			conn.Read(make([]byte, 100)) // the banner; what follows will block
			running := make(chan error, 1)
			go func() {
				_, err := c.Run(context.Background(), Command{Argv: []string{"sleep", "600"}})
				running <- err
			}()
			time.Sleep(3500 * time.Millisecond) // idle beyond one beat: an answered heartbeat
			if err := c.Err(); err != nil {
				t.Fatal("a living peer was declared dead:", err)
			}
			start := time.Now()
			heal := cut(p)
			defer heal()
			select {
			case <-c.Done():
			case <-time.After(30 * time.Second):
				t.Fatal("not noticed in 30 s")
			}
			took := time.Since(start)
			t.Logf("noticed after %v", took)
			if took > 10*time.Second {
				t.Errorf("noticed after %v, want 10 s at most", took)
			}
			wantError(t, c.Err(), core.Unreachable, "reason=timeout")
			if _, err := conn.Read(make([]byte, 1)); err == nil {
				t.Error("a connection inside still reads")
			}
			wantError(t, <-running, core.UnknownOutcome)
			_, err = c.Run(t.Context(), Command{Argv: []string{"true"}})
			wantError(t, err, core.Unreachable)
		})
	}
}

// A killed session is seen at once, not at the next heartbeat.
func TestKilledSessionIsNoticedAtOnce(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	c := mustDial(t, config(s, "plain"))
	if n := s.KillSessions(); n == 0 {
		t.Fatal("no session was found to kill")
	}
	select {
	case <-c.Done():
		wantError(t, c.Err(), core.Unreachable, "reason=closed")
	case <-time.After(20 * time.Second):
		t.Error("not noticed")
	}
}

// Of 7 round trips (limits.md, A1) the dial uses all and no more; a command on
// an open connection needs two, a socket one.
func TestRoundTrips(t *testing.T) {
	s := sshdtest.Start(t, sshdtest.Options{})
	const rtt = 200 * time.Millisecond
	p := newProxy(t, s.Addr, rtt/2)
	cfg := config(s, "root")
	cfg.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, p.addr)
	}
	measure := func(what string, want int, f func()) {
		t.Helper()
		best := time.Hour
		for range 3 { // the machine is shared: the best of three
			start := time.Now()
			f()
			best = min(best, time.Since(start))
		}
		trips := int(best / rtt)
		t.Logf("%s: %v, %d round trips", what, best, trips)
		if trips > want {
			t.Errorf("%s: %d round trips, want at most %d", what, trips, want)
		}
	}
	measure("dial", 6, func() { mustDial(t, cfg) }) // the seventh is TCP's, which the proxy answers itself
	c := mustDial(t, cfg)
	measure("run", 2, func() { output(t, c, "true") })
	measure("socket", 1, func() {
		conn, err := c.DialTCP(t.Context(), s.Addr)
		if err != nil {
			t.Fatal(describe(err))
		}
		conn.Close()
	})
}

func jumpConfig(t *testing.T, target *sshdtest.Server, jumps ...*sshdtest.Server) Config {
	cfg := config(target, "plain")
	for _, j := range jumps {
		appendFile(t, filepath.Join(j.Dir, "authorized_keys"), read(t, target.Key+".pub"))
		cfg.KnownHosts = append(cfg.KnownHosts, j.KnownHosts)
		cfg.Jumps = append(cfg.Jumps, "plain@"+j.Addr)
	}
	return cfg
}

func TestTwoJumps(t *testing.T) {
	a, b, s := sshdtest.Start(t, sshdtest.Options{}), sshdtest.Start(t, sshdtest.Options{}), sshdtest.Start(t, sshdtest.Options{})
	cfg := jumpConfig(t, s, a, b)
	c := mustDial(t, cfg)
	if got := output(t, c, "sh", "-c", "echo $SSH_CONNECTION"); !strings.HasSuffix(got, itoa(s.Port)) {
		t.Errorf("got %q, want a connection to port %d", got, s.Port)
	}
	if strings.Contains(a.Log()+b.Log(), "Starting session") {
		t.Error("a jump host ran a session")
	}
	for _, c := range []struct {
		name   string
		change func(*Config)
		code   core.Code
		detail []string
	}{
		{"first jump unknown", func(c *Config) { c.KnownHosts = []string{s.KnownHosts, b.KnownHosts} }, core.HostKeyUnknown, []string{"hop=1", "address=" + a.Addr}},
		{"second jump unknown", func(c *Config) { c.KnownHosts = []string{s.KnownHosts, a.KnownHosts} }, core.HostKeyUnknown, []string{"hop=2", "address=" + b.Addr}},
		{"nothing at the second", func(c *Config) { c.Jumps[1] = "plain@127.0.0.1:" + itoa(sshdtest.FreePort(t)) }, core.Unreachable, []string{"hop=2", "reason=refused"}},
		{"nothing at the end", func(c *Config) { c.Port = sshdtest.FreePort(t) }, core.Unreachable, []string{"reason=refused"}},
		{"name unknown at the jump", func(c *Config) { c.Address = "no-such-host.invalid" }, core.Unreachable, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := jumpConfig(t, s, a, b)
			c.change(&cfg)
			_, err := dial(t, cfg)
			wantError(t, err, c.code, c.detail...)
		})
	}
	closed := sshdtest.Start(t, sshdtest.Options{Config: []string{"AllowTcpForwarding no"}})
	_, err := dial(t, jumpConfig(t, s, closed))
	wantError(t, err, core.Unreachable, "reason=forwarding")

	// The jump host dies: the connection through it ends.
	b.KillSessions()
	select {
	case <-c.Done():
	case <-time.After(20 * time.Second):
		t.Error("the end of the jump host was not noticed")
	}
}

func TestProxyJumpOfSSHConfig(t *testing.T) {
	j, s := sshdtest.Start(t, sshdtest.Options{}), sshdtest.Start(t, sshdtest.Options{})
	appendFile(t, filepath.Join(j.Dir, "authorized_keys"), read(t, s.Key+".pub"))
	cfg := Config{Address: "inner", Agent: "none", SSHConfig: s.Write(t, "config", strings.Join([]string{
		"Host inner", "HostName 127.0.0.1", "Port " + itoa(s.Port), "ProxyJump outer",
		"Host outer", "HostName 127.0.0.1", "Port " + itoa(j.Port),
		"Host *", "User plain", "IdentityFile " + s.Key, "UserKnownHostsFile " + s.KnownHosts + " " + j.KnownHosts,
		"StrictHostKeyChecking yes", "IdentitiesOnly yes",
	}, "\n"))}
	c := mustDial(t, cfg)
	if n := strings.Count(j.WaitLog(t, "Accepted publickey"), "Accepted publickey"); n != 1 {
		t.Errorf("the jump host accepted %d logins, want 1", n)
	}
	output(t, c, "true")
}

// Sixty hosts behind one jump host, as after a broken uplink: one connection to
// it, and never more than ten handshakes in it at a time.
func TestJumpConnectionIsShared(t *testing.T) {
	j := sshdtest.Start(t, sshdtest.Options{})
	s := sshdtest.Start(t, sshdtest.Options{Config: []string{"MaxStartups 10:100:10"}}) // the eleventh is dropped
	jump, target := newProxy(t, j.Addr, 0), newProxy(t, s.Addr, 0)
	cfg := jumpConfig(t, s, j)
	cfg.Jumps, cfg.Port = []string{"plain@" + jump.addr}, target.port
	cfg.KnownHosts = []string{s.Write(t, "both", "[127.0.0.1]:* "+s.HostKeyLine(t, "ed25519")+"\n[127.0.0.1]:* "+j.HostKeyLine(t, "ed25519")+"\n")}
	cfg.DialTimeout = time.Minute
	var d Dialer
	clients := make([]*Client, 60)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			var err error
			if clients[i], err = d.Dial(t.Context(), cfg); err != nil {
				t.Error(describe(err))
			}
		})
	}
	wg.Wait()
	if n := jump.conns.Load(); n != 1 {
		t.Errorf("%d connections to the jump host, want 1", n)
	}
	for _, c := range clients {
		if c != nil {
			c.Close()
		}
	}
	if len(d.hops) != 0 {
		t.Error("the jump connection is kept although nobody needs it")
	}
}
