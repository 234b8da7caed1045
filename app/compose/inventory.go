package compose

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core/audit"
	"github.com/limiquantix/limiquantix/core/event"
	"github.com/limiquantix/limiquantix/core/history"
	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/ready"
	"github.com/limiquantix/limiquantix/core/search"
	"github.com/limiquantix/limiquantix/core/store"
	"github.com/limiquantix/limiquantix/core/task"
	"github.com/limiquantix/limiquantix/core/vm"
)

// copyEvery is how old the copy of the configuration may be beside a database
// that is written to.
const copyEvery = time.Minute

// kept is what outlives a damaged file of the inventory, each table behind those
// that it refers to. All other tables are made anew.
var kept = store.Kept{
	Config: []string{"host_group", "host", "view", "history_retention", "footprint"},
	Past:   []string{"task", "task_step", "task_log", "audit", "event", "history_object", "history", "vm_host", "vm"},
}

// openInventory opens the database, or a new one where it was damaged, and
// keeps a copy of the configuration beside it.
func (a *App) openInventory(ctx context.Context, c Config) (*store.DB, *store.Rebuilt, error) {
	db, told, err := store.OpenOrRebuild(ctx, c.Home, kept, slices.Concat(host.Migrations, vm.Migrations, task.Migrations, event.Migrations, search.Migrations, history.Migrations, audit.Migrations, ready.Migrations)...)
	if err != nil {
		return nil, nil, err
	}
	if told != nil {
		c.Log.Warn(rebuiltText(told), "damage", told.Cause)
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		a.copyConfig(db, c.Keep, stop)
	}()
	a.onClose(func() error {
		close(stop)
		<-ended
		return db.Close()
	})
	return db, told, nil
}

// copyConfig keeps the copy young until stop, and writes it a last time then.
func (a *App) copyConfig(db *store.DB, young bool, stop <-chan struct{}) {
	tick := time.NewTicker(copyEvery)
	defer tick.Stop()
	for stopped := false; !stopped; {
		select {
		case <-tick.C:
			if !young {
				continue
			}
		case <-stop:
			stopped = true
		}
		if err := db.CopyConfig(context.Background(), kept); err != nil && !errors.As(err, new(*store.CorruptError)) {
			a.log.Info("the inventory's configuration is not copied", "err", err)
		}
	}
}

// tellRebuilt makes an event of it, where there is anything to tell.
func tellRebuilt(bus *event.Bus, r *store.Rebuilt) {
	if r != nil {
		bus.Publish(event.Change{Object: "inventory", Kind: "rebuilt", Text: rebuiltText(r), Level: event.Error})
	}
}

// rebuiltText tells the user what became of a damaged inventory.
func rebuiltText(r *store.Rebuilt) string {
	var s strings.Builder
	fmt.Fprintf(&s, "The inventory's file was damaged: it is kept as %s, and a new one was made of what could be read", filepath.Base(r.Aside))
	if len(r.Cut) == 0 {
		s.WriteString("; nothing is missing")
		return s.String()
	}
	if !r.Copied.IsZero() {
		fmt.Fprintf(&s, "; what was unreadable of hosts and settings is as it was copied on %s", r.Copied.Format("2006-01-02 15:04"))
	}
	fmt.Fprintf(&s, "; not all could be read of: %s", strings.Join(r.Cut, ", "))
	return s.String()
}
