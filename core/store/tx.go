package store

import (
	"context"
	"database/sql"
)

// Tx is a transaction, for the time of the function that it is given to.
type Tx struct {
	*sql.Tx
	after []func()
}

// After has f called once the transaction is committed, and not at all when it
// is not. No other transaction of this process writes before f has returned.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// Write runs f in a transaction that writes: committed when f returns nil, else
// rolled back. It waits for its turn until ctx is done. f must not call the
// database but by its tx.
//
// What is committed survives the death of the program; that of the machine may
// take the last transactions, but leaves the database whole.
//
// Errors: f's own; [core.Conflict] when another process wrote for ten seconds;
// [core.NoSpace]; [*CorruptError].
func (db *DB) Write(ctx context.Context, f func(tx *Tx) error) error {
	return db.writeTo(ctx, db.write, f)
}

// WriteDurable is [DB.Write] for what must not be lost at any price: it is on
// the disk when WriteDurable returns, and so is all that was written before.
func (db *DB) WriteDurable(ctx context.Context, f func(tx *Tx) error) error {
	return db.writeTo(ctx, db.durable, f)
}

// Forget gets rid of what was replaced or deleted before: the write-ahead log
// still holds it. As long as somebody reads an older state it stays.
func (db *DB) Forget(ctx context.Context) error {
	select {
	case db.writing <- struct{}{}:
		defer func() { <-db.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	_, err := db.write.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return db.mapped(ctx, err)
}

func (db *DB) writeTo(ctx context.Context, pool *sql.DB, f func(*Tx) error) error {
	select {
	case db.writing <- struct{}{}:
		defer func() { <-db.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	db.wrote.Store(true)
	return db.run(ctx, pool, f)
}

// Read runs f in a transaction that sees one state of the database, whatever is
// written meanwhile, and cannot write.
//
// On a disk that is full, or read only, it reads on; f may then be called twice,
// the first time with a transaction whose first statement fails.
//
// Errors: f's own; [*CorruptError].
func (db *DB) Read(ctx context.Context, f func(tx *Tx) error) error {
	err := db.run(ctx, db.read, f)
	if !unshared(err) {
		return err
	}
	db.letGo(true)
	return db.run(ctx, db.alone, f)
}

// letGo has idle connections closed, and kept again: each holds a lock that
// keeps [DB.alone] from reading.
func (db *DB) letGo(on bool) {
	if db.lean.Swap(on) == on {
		return
	}
	for pool, idle := range map[*sql.DB]int{db.read: readers, db.write: 1, db.durable: 1} {
		if on {
			idle = -1
		}
		pool.SetMaxIdleConns(idle)
	}
}

func (db *DB) run(ctx context.Context, pool *sql.DB, f func(*Tx) error) error {
	begun, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return db.mapped(ctx, err)
	}
	defer begun.Rollback() // does nothing after Commit; what it could say, f or Commit said
	tx := &Tx{Tx: begun}
	if err := f(tx); err != nil {
		return db.mapped(ctx, err)
	}
	if err := begun.Commit(); err != nil {
		return db.mapped(ctx, err)
	}
	if pool != db.alone {
		db.letGo(false)
	}
	for _, done := range tx.after {
		done()
	}
	return nil
}
