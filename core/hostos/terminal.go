package hostos

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// mostTerminals is how many may be open at once, for all hosts: an SSH
// connection has room for ten sessions, and more connections are made for more.
const mostTerminals = 64

// place is what a ticket stands for.
type place struct {
	id, hostID, host string
	rows, columns    int
	actor            core.Actor
}

// visit is a terminal that is open.
type visit struct {
	Terminal
	place
	s     *Service
	begun time.Time
	once  sync.Once
}

// OpenTerminal implements the API.
func (s *Service) OpenTerminal(ctx context.Context, req *apiv1.OpenTerminalRequest) (*apiv1.OpenTerminalResponse, error) {
	if err := checkSize(req.Rows, req.Columns); err != nil {
		return nil, err
	}
	h, link, err := s.o.Hosts.Link(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	if _, ok := link.(TerminalOpener); !ok {
		return nil, core.Errorf(core.Unsupported, "host %s has no terminal", core.Escape(h.Name))
	}
	if err := s.room(); err != nil {
		return nil, err
	}
	p := place{core.NewUUID(), h.ID, h.Name, int(req.Rows), int(req.Columns), core.ActorOf(ctx)}
	return &apiv1.OpenTerminalResponse{Ticket: s.tickets.Issue(p), Terminal: p.id}, nil
}

// ResizeTerminal implements the API.
func (s *Service) ResizeTerminal(_ context.Context, req *apiv1.ResizeTerminalRequest) (*apiv1.ResizeTerminalResponse, error) {
	if err := checkSize(req.Rows, req.Columns); err != nil {
		return nil, err
	}
	s.mu.Lock()
	v := s.open[req.Terminal]
	s.mu.Unlock()
	if v == nil {
		return nil, core.Errorf(core.NotFound, "this terminal is closed")
	}
	return &apiv1.ResizeTerminalResponse{}, v.Resize(int(req.Rows), int(req.Columns))
}

// checkSize keeps a terminal's size to what programs expect of one.
func checkSize(rows, columns int32) error {
	if rows < 1 || rows > 1000 || columns < 1 || columns > 1000 {
		return core.Errorf(core.Invalid, "a terminal of %d rows and %d columns cannot be made", rows, columns).WithHint("each is from 1 to 1000")
	}
	return nil
}

func (s *Service) room() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= mostTerminals {
		return core.Errorf(core.Conflict, "%d terminals are open: there may not be more", mostTerminals).WithHint("close one of them")
	}
	return nil
}

// Holds tells whether a ticket is for a terminal.
func (s *Service) Holds(ticket string) bool { return s.tickets.Holds(ticket) }

// Terminal opens the terminal that a ticket stands for. [core.Denied] for a
// ticket that is unknown, used or too old.
func (s *Service) Terminal(ctx context.Context, ticket string) (io.ReadWriteCloser, error) {
	p, err := s.tickets.Redeem(ticket)
	if err != nil {
		return nil, err
	}
	_, link, err := s.o.Hosts.Link(ctx, p.hostID)
	if err != nil {
		return nil, err
	}
	opener, ok := link.(TerminalOpener)
	if !ok {
		return nil, core.Errorf(core.Unsupported, "host %s has no terminal", core.Escape(p.host))
	}
	if err := s.room(); err != nil {
		return nil, err
	}
	ctx = core.WithActor(ctx, p.actor)
	if err := s.o.Note(ctx, Visit{ID: p.id, Host: p.host}); err != nil {
		return nil, err
	}
	v := &visit{place: p, s: s, begun: time.Now()}
	if v.Terminal, err = opener.OpenTerminal(ctx, p.rows, p.columns); err != nil {
		v.noteEnd()
		return nil, err
	}
	s.mu.Lock()
	s.open[p.id] = v
	s.mu.Unlock()
	return v, nil
}

// Close hangs up. It may be called more than once.
func (v *visit) Close() (err error) {
	v.once.Do(func() {
		v.s.mu.Lock()
		delete(v.s.open, v.id)
		v.s.mu.Unlock()
		err = v.Terminal.Close()
		v.noteEnd()
	})
	return err
}

// noteEnd keeps that the terminal has ended, though whoever had it has left.
func (v *visit) noteEnd() {
	ctx := core.WithActor(context.Background(), v.actor)
	if err := v.s.o.Note(ctx, Visit{ID: v.id, Host: v.host, Closed: true, Length: time.Since(v.begun)}); err != nil {
		v.s.o.Log.Error("keep the end of a terminal", "host", v.host, "err", err)
	}
}
