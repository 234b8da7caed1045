package vm

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// ticketLife is how long a console ticket may be redeemed.
const ticketLife = 10 * time.Second

// place is a console of one VM.
type place struct {
	hostID, uuid string
	graphical    bool // its screen; else its serial line
}

// tickets are permissions to open one console once.
type tickets struct {
	mu   sync.Mutex
	open map[string]ticket
}

type ticket struct {
	place
	until time.Time
}

func newTickets() *tickets { return &tickets{open: map[string]ticket{}} }

func (t *tickets) issue(p place) string {
	var b [32]byte
	rand.Read(b[:])
	id := base64.RawURLEncoding.EncodeToString(b[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	for old, k := range t.open {
		if time.Now().After(k.until) {
			delete(t.open, old)
		}
	}
	t.open[id] = ticket{p, time.Now().Add(ticketLife)}
	return id
}

func (t *tickets) redeem(id string) (place, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, ok := t.open[id]
	delete(t.open, id)
	if !ok || time.Now().After(k.until) {
		return place{}, core.Errorf(core.Denied, "the console ticket is not valid any more")
	}
	return k.place, nil
}
