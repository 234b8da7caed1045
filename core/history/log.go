package history

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core/host"
	"github.com/limiquantix/limiquantix/core/store"
)

const (
	// lull is how long a sight waits for others to be written with it.
	lull = 200 * time.Millisecond
	// mostWaiting is how many sights wait at most; more come faster than a disk
	// can take them, and the oldest are lost.
	mostWaiting = 200_000
	// batch is how many are written in one transaction: others want to write, too.
	batch = 2000
	// pruneEvery is how often what is too old or too much is forgotten.
	pruneEvery = time.Hour
	// longestName is how much of a name is kept: hosts choose names.
	longestName = 300
)

// FindAuthor says who of us made an object what it is, by the tasks that were
// at work on it. It is called within the transaction that keeps the change.
type FindAuthor func(ctx context.Context, tx *store.Tx, s Sight) (Author, error)

// Log keeps history. It may be used concurrently.
type Log struct {
	db     *store.DB
	log    *slog.Logger
	author FindAuthor
	told   func() // that there are more changes; nil: nobody wants to know

	wake chan struct{}
	stop context.CancelFunc
	wg   sync.WaitGroup // the writer and the pruner

	writing sync.Mutex // batches are written one after another

	mu      sync.Mutex
	waiting []Sight // oldest first
	lost    int     // of them, since the last batch
}

// NewLog returns a log whose rows are written by a goroutine of its own; keep:
// another forgets what is too old. told, which may be nil, is told when there are
// more changes; it must not block. Close the log before the database.
func NewLog(db *store.DB, author FindAuthor, told func(), keep bool, log *slog.Logger) *Log {
	l := &Log{db: db, log: log, author: author, told: told, wake: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.wg.Go(func() { l.write(ctx) })
	if keep {
		l.wg.Go(func() { l.prune(ctx) })
	}
	return l
}

// Close writes what waits and ends.
func (l *Log) Close() error {
	l.stop()
	l.wg.Wait()
	return l.Flush(context.Background())
}

// Observe takes what was seen; what is no news is not kept. It does not block.
func (l *Log) Observe(s ...Sight) {
	if len(s) == 0 {
		return
	}
	now := time.Now()
	for i := range s {
		if s[i].Time.IsZero() {
			s[i].Time = now
		}
		s[i].Name, s[i].State, s[i].Config = clip(s[i].Name), clip(s[i].State), strings.ToValidUTF8(s[i].Config, "\uFFFD")
	}
	l.mu.Lock()
	l.waiting = append(l.waiting, s...)
	if over := len(l.waiting) - mostWaiting; over > 0 {
		l.waiting = slices.Clone(l.waiting[over:])
		l.lost += over
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func clip(s string) string {
	if len(s) > longestName {
		s = s[:longestName] + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// write writes what is observed, together with what follows shortly, until ctx ends.
func (l *Log) write(ctx context.Context) {
	for {
		select {
		case <-l.wake:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(lull):
		case <-ctx.Done():
			return
		}
		if err := l.Flush(ctx); err != nil && ctx.Err() == nil {
			l.log.Error("keep history", "err", err)
		}
	}
}

// Flush writes what was observed until now. What cannot be written waits on.
func (l *Log) Flush(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	all, lost := l.waiting, l.lost
	l.waiting, l.lost = nil, 0
	l.mu.Unlock()
	if lost > 0 {
		l.log.Warn("history is not complete: more changed than could be written", "lost", lost)
	}
	for len(all) > 0 {
		part := all[:min(batch, len(all))]
		rows := 0
		err := l.db.Write(ctx, func(tx *store.Tx) error {
			w := writer{tx: tx, author: l.author}
			for _, s := range part {
				more, err := w.write(ctx, s)
				if err != nil {
					return err
				}
				if more {
					rows++
				}
			}
			return nil
		})
		if err != nil {
			l.mu.Lock()
			l.waiting = append(all, l.waiting...)
			l.mu.Unlock()
			return fmt.Errorf("keep history: %w", err)
		}
		if rows > 0 && l.told != nil {
			l.told()
		}
		all = all[len(part):]
	}
	return nil
}

// ObserveAll takes all objects of a kind that a host has: others are gone.
func (l *Log) ObserveAll(ctx context.Context, k Kind, h host.Host, sights []Sight) error {
	there := make(map[string]bool, len(sights))
	for _, s := range sights {
		there[s.ID] = true
	}
	if err := l.Flush(ctx); err != nil {
		return err
	}
	first := true
	err := l.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id, gone FROM history_object WHERE kind = ? AND host = ?`, k, h.ID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			s := Sight{Object: Object{Kind: k, HostID: h.ID, HostName: h.Name}, Gone: true}
			var gone bool
			if err := rows.Scan(&s.ID, &gone); err != nil {
				return err
			}
			first = false
			if !there[s.ID] && !gone {
				sights = append(sights, s)
			}
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	for i := range sights {
		sights[i].Found = first
	}
	l.Observe(sights...)
	return nil
}

// ForgetHost tells that a host is not managed any more: what was on it is gone
// from our sight. Its history stays until it is too old.
func (l *Log) ForgetHost(ctx context.Context, hostID string) error {
	if err := l.Flush(ctx); err != nil {
		return err
	}
	return l.db.Write(ctx, func(tx *store.Tx) error {
		now := time.Now().UnixMilli()
		if _, err := tx.ExecContext(ctx, `INSERT INTO history (object, time, change, name, state, config)
			SELECT row, ?, ?, name, '', nullif(config, 0) FROM history_object WHERE host = ? AND gone = 0`, now, forgotten, hostID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE history_object SET gone = 1, state = '' WHERE host = ? AND gone = 0`, hostID)
		return err
	})
}
