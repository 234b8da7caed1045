package console

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

func TestTicketsAreSpentOnceAndSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type place struct{ host, vm string }
		ts, p := NewTickets[place](), place{"h", "u"}
		id := ts.Issue(p)
		if !ts.Holds(id) || ts.Holds("other") {
			t.Error("it does not know which tickets are its own")
		}
		if got, err := ts.Redeem(id); err != nil || got != p {
			t.Errorf("got %+v, %v", got, err)
		}
		if _, err := ts.Redeem(id); core.CodeOf(err) != core.Denied || ts.Holds(id) {
			t.Errorf("a second time: %v", err)
		}
		id = ts.Issue(p)
		time.Sleep(ticketLife + time.Millisecond)
		if _, err := ts.Redeem(id); core.CodeOf(err) != core.Denied {
			t.Errorf("too late: %v", err)
		}
	})
}
