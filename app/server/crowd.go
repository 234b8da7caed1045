package server

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// crowd is a listener of which strangers take a bounded part: whoever can
// connect could else hold all places without ever showing the token. When it is
// full the stranger who has been there longest is shown out for the next one.
// Who has shown the token is no stranger, and stays.
type crowd struct {
	net.Listener
	limit int

	mu        sync.Mutex
	strangers *list.List // of *member, the oldest first
}

func newCrowd(ln net.Listener, limit int) *crowd {
	return &crowd{Listener: ln, limit: limit, strangers: list.New()}
}

// Accept implements [net.Listener].
func (c *crowd) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	m := &member{Conn: conn, crowd: c}
	var oldest *member
	c.mu.Lock()
	m.place = c.strangers.PushBack(m)
	if c.strangers.Len() > c.limit {
		oldest = c.strangers.Front().Value.(*member)
	}
	c.mu.Unlock()
	if oldest != nil {
		oldest.Close()
	}
	return m, nil
}

// member is a connection of a crowd.
type member struct {
	net.Conn
	crowd *crowd
	place *list.Element // among the strangers; nil: it is none
}

// known says that it has shown the token.
func (m *member) known() {
	m.crowd.mu.Lock()
	defer m.crowd.mu.Unlock()
	if m.place != nil {
		m.crowd.strangers.Remove(m.place)
		m.place = nil
	}
}

// Close implements [net.Conn].
func (m *member) Close() error {
	m.known() // it takes no place any more
	return m.Conn.Close()
}

// memberKey is the context key of a request's *member.
type memberKey struct{}

// withMember is an [http.Server]'s ConnContext.
func withMember(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		c = t.NetConn()
	}
	return context.WithValue(ctx, memberKey{}, c)
}

// knows notes that a request came with the token.
func knows(r *http.Request) {
	if m, ok := r.Context().Value(memberKey{}).(*member); ok {
		m.known()
	}
}
