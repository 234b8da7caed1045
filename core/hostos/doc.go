// Package hostos is the operating system of a host, as far as its administrator
// looks at it beside the VMs: services, the journal, a terminal. Nothing of it is
// kept: it is read on the host when somebody asks.
package hostos

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/console"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/task"
)

// readLimit bounds one reading: systemctl and journalctl answer in less than a
// second, unless the host is in trouble.
const readLimit = 30 * time.Second

// Streamer is a link whose commands may last.
type Streamer interface {
	// Stream starts a command and returns what it prints. Close ends it, and what
	// it has started. ctx bounds the start only.
	Stream(ctx context.Context, c host.Command) (io.ReadCloser, error)
}

// Terminal is a login shell on a host. Read gives [io.EOF] when it has ended;
// Close hangs up.
type Terminal interface {
	io.ReadWriteCloser
	Resize(rows, columns int) error
}

// TerminalOpener is a link that has terminals.
type TerminalOpener interface {
	// OpenTerminal opens the user's login shell. ctx bounds the opening only.
	// [core.Unsupported] where there are none.
	OpenTerminal(ctx context.Context, rows, columns int) (Terminal, error)
}

// Visit is a terminal that was opened, or has ended, as it is to be kept.
type Visit struct {
	ID, Host string
	Closed   bool
	Length   time.Duration // of one that has ended
}

// Options are what a [Service] works with.
type Options struct {
	Hosts *host.Manager
	Log   *slog.Logger
	// Note keeps that a terminal was opened, and that it has ended. One whose
	// opening cannot be kept is not opened.
	Note func(ctx context.Context, v Visit) error
}

// Service is the API of hosts' operating systems.
type Service struct {
	o       Options
	run     *task.Runner
	tickets *console.Tickets[place]

	mu   sync.Mutex
	open map[string]*visit // by id; those that are promised by a ticket are not in it
	used map[string]int    // followers of journals, by host id
}

// NewService returns the API. Its tasks run once [Service.Use] was called.
func NewService(o Options) *Service {
	return &Service{o: o, tickets: console.NewTickets[place](), open: map[string]*visit{}, used: map[string]int{}}
}

// Kinds returns the kinds of tasks that the service plans.
func (s *Service) Kinds() []task.Kind {
	return []task.Kind{task.Reversible(task.Define(kindUnit, s.planUnit, nil), inverseUnit)}
}

// Use gives the service the runner of its tasks.
func (s *Service) Use(r *task.Runner) { s.run = r }

// Using tells whether somebody has a terminal on a host, or follows its journal.
func (s *Service) Using(hostID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.open {
		if v.hostID == hostID {
			return true
		}
	}
	return s.used[hostID] > 0
}

// runnerOf returns what runs commands on a host.
func (s *Service) runnerOf(ctx context.Context, ref string) (host.Host, host.Runner, error) {
	h, link, err := s.o.Hosts.Link(ctx, ref)
	if err != nil {
		return h, nil, err
	}
	r, ok := link.(host.Runner)
	if !ok {
		return h, nil, core.Errorf(core.Unsupported, "commands cannot be run on this host")
	}
	return h, r, nil
}

// plain is a command whose messages are in English, which we read.
func plain(argv ...string) []string { return append([]string{"env", "LC_ALL=C"}, argv...) }
