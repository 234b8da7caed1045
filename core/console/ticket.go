package console

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// ticketLife is how long a ticket may be redeemed.
const ticketLife = 10 * time.Second

// Tickets are permissions to open a place once, within ten seconds. They may be
// used concurrently.
type Tickets[P any] struct {
	mu   sync.Mutex
	open map[string]ticket[P]
}

type ticket[P any] struct {
	place P
	until time.Time
}

// NewTickets returns tickets, none of them issued.
func NewTickets[P any]() *Tickets[P] { return &Tickets[P]{open: map[string]ticket[P]{}} }

// Issue returns a new ticket for a place: 256 random bits.
func (t *Tickets[P]) Issue(place P) string {
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
	t.open[id] = ticket[P]{place, time.Now().Add(ticketLife)}
	return id
}

// Holds tells whether a ticket was issued here and not redeemed.
func (t *Tickets[P]) Holds(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.open[id]
	return ok
}

// Redeem spends a ticket. [core.Denied] for one that is unknown, used or too old.
func (t *Tickets[P]) Redeem(id string) (P, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, ok := t.open[id]
	delete(t.open, id)
	if !ok || time.Now().After(k.until) {
		var none P
		return none, core.Errorf(core.Denied, "the console ticket is not valid any more")
	}
	return k.place, nil
}
