package event

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core/store"
)

// Migrations are this package's tables.
var Migrations = []store.Migration{{Name: "event/0001", SQL: `
CREATE TABLE event (
	seq    INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is never given twice
	time   INTEGER NOT NULL, -- Unix milliseconds
	object TEXT NOT NULL,
	host   TEXT NOT NULL, -- name
	id     TEXT NOT NULL,
	name   TEXT NOT NULL,
	change TEXT NOT NULL,
	text   TEXT NOT NULL,
	level  INTEGER NOT NULL
) STRICT;
`}}

const (
	// kept is how many events are remembered: the newest.
	kept = 20_000
	// lull is how long an event waits for others to be written with it.
	lull = 200 * time.Millisecond
)

// Event is a change that was kept.
type Event struct {
	Change // without Seq and Resync
	Time   time.Time
	Number int64 // rises
}

// Log keeps the changes that have a text. It may be used concurrently.
type Log struct {
	db   *store.DB
	log  *slog.Logger
	wake chan struct{}
	done chan struct{}
	wg   sync.WaitGroup // the writer

	writing sync.Mutex // batches are written one after another

	mu      sync.Mutex
	waiting []Event // for the writer, oldest first
}

// NewLog returns a log that keeps what is published on b from now on. Close it
// before the database.
func NewLog(db *store.DB, b *Bus, log *slog.Logger) *Log {
	l := &Log{db: db, log: log, wake: make(chan struct{}, 1), done: make(chan struct{})}
	b.keep(l.add)
	l.wg.Go(l.write)
	return l
}

// Close writes what waits and ends.
func (l *Log) Close() error {
	close(l.done)
	l.wg.Wait()
	return l.flush(context.Background())
}

// add takes an event for the writer. More than are ever kept need not wait.
func (l *Log) add(c Change) {
	c.Name, c.Text = clip(c.Name), clip(c.Text)
	e := Event{Change: c, Time: time.Now()}
	l.mu.Lock()
	if len(l.waiting) >= 2*kept {
		l.waiting = slices.Clone(l.waiting[kept:])
	}
	l.waiting = append(l.waiting, e)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// longest is how much of a name or a text is kept: hosts choose names.
const longest = 1000

// clip makes a text one that can be stored 20,000 times and sent.
func clip(s string) string {
	if len(s) > longest {
		s = s[:longest] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// write writes what was added, together with what follows shortly, until Close.
func (l *Log) write() {
	for {
		select {
		case <-l.wake:
		case <-l.done:
			return
		}
		select {
		case <-time.After(lull):
		case <-l.done:
			return
		}
		if err := l.flush(context.Background()); err != nil {
			l.log.Error("keep events", "err", err)
		}
	}
}

// flush writes what waits. What cannot be written is lost: the world went on.
func (l *Log) flush(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	batch := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	if len(batch) > kept {
		batch = batch[len(batch)-kept:]
	}
	return l.db.Write(ctx, func(tx *store.Tx) error {
		put, err := tx.PrepareContext(ctx, `INSERT INTO event (time, object, host, id, name, change, text, level) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
		if err != nil {
			return err
		}
		defer put.Close()
		for _, e := range batch {
			if _, err := put.ExecContext(ctx, e.Time.UnixMilli(), e.Object, e.Host, e.ID, e.Name, e.Kind, e.Text, e.Level); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM event WHERE seq <= (SELECT max(seq) FROM event) - ?`, kept)
		return err
	})
}

// Query chooses events.
type Query struct {
	Host   string // name; "": of all
	ID     string // UUID, name or id of the object; "": of all
	Before int64  // only with lower numbers; 0: all
	Limit  int
}

// List returns events, newest first, with all that was published before. It goes
// through the table from its end: that is short, and an index would cost more.
func (l *Log) List(ctx context.Context, q Query) ([]Event, error) {
	if err := l.flush(ctx); err != nil {
		return nil, err
	}
	var out []Event
	err := l.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT seq, time, object, host, id, name, change, text, level FROM event
			WHERE (?1 = '' OR host = ?1) AND (?2 = '' OR id = ?2 OR name = ?2) AND (?3 = 0 OR seq < ?3) ORDER BY seq DESC LIMIT ?4`,
			q.Host, q.ID, q.Before, q.Limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e Event
			var at int64
			if err := rows.Scan(&e.Number, &at, &e.Object, &e.Host, &e.ID, &e.Name, &e.Kind, &e.Text, &e.Level); err != nil {
				return err
			}
			e.Time = time.UnixMilli(at)
			out = append(out, e)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return out, nil
}
