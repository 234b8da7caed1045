// Package store is the inventory's SQLite database: open, migrations,
// transactions, backup. It knows no table: each noun brings its own migrations
// and queries.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver

	"github.com/limiquantix/limiquantix/core"
)

// Migration is one numbered, append-only change of the schema. Nouns own theirs.
type Migration struct {
	Name string // unique, "host/0001"
	SQL  string
}

// DB is an open database. It may be used concurrently, and by several processes.
type DB struct {
	write, durable, read *sql.DB
}

// Tx is a transaction.
type Tx struct{ *sql.Tx }

// File is the database's name in the home directory.
const File = "inventory.db"

// Open opens, or makes, the database in dir and applies the migrations that it
// has not seen.
func Open(ctx context.Context, dir string, migrations ...Migration) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, core.Errorf(core.Denied, "make the inventory's folder: %w", err)
	}
	path := filepath.Join(dir, File)
	db := &DB{}
	var err error
	for _, c := range []struct {
		to    **sql.DB
		sync  string
		conns int
		extra string
	}{{&db.write, "NORMAL", 1, "&_txlock=immediate"}, {&db.durable, "FULL", 1, "&_txlock=immediate"}, {&db.read, "NORMAL", 4, "&_pragma=query_only(1)"}} {
		dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=synchronous(" + c.sync + ")" + c.extra
		if *c.to, err = sql.Open("sqlite", dsn); err != nil {
			return nil, fmt.Errorf("open inventory: %w", err)
		}
		(*c.to).SetMaxOpenConns(c.conns)
	}
	if err := db.migrate(ctx, migrations); err != nil {
		db.Close()
		return nil, err
	}
	return db, os.Chmod(path, 0o600)
}

func (db *DB) migrate(ctx context.Context, migrations []Migration) error {
	return db.WriteDurable(ctx, func(tx *Tx) error {
		if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY) STRICT`); err != nil {
			return fmt.Errorf("prepare migrations: %w", err)
		}
		for _, m := range migrations {
			res, err := tx.ExecContext(ctx, `INSERT INTO migration (name) VALUES (?) ON CONFLICT DO NOTHING`, m.Name)
			if err != nil {
				return fmt.Errorf("migration %s: %w", m.Name, err)
			}
			if n, _ := res.RowsAffected(); n == 0 {
				continue
			}
			if _, err := tx.ExecContext(ctx, m.SQL); err != nil {
				return fmt.Errorf("migration %s: %w", m.Name, err)
			}
		}
		return nil
	})
}

// Write runs f in a transaction of the one writer.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error { return run(ctx, db.write, f) }

// WriteDurable is [DB.Write], on disk when it returns (synchronous=FULL).
func (db *DB) WriteDurable(ctx context.Context, f func(*Tx) error) error {
	return run(ctx, db.durable, f)
}

// Read runs f in a read-only transaction.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error { return run(ctx, db.read, f) }

func run(ctx context.Context, db *sql.DB, f func(*Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(&Tx{tx}); err != nil {
		return err
	}
	return tx.Commit()
}

// Close closes the database.
func (db *DB) Close() error {
	for _, c := range []*sql.DB{db.read, db.write, db.durable} {
		if c != nil {
			c.Close()
		}
	}
	return nil
}
