package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/limiquantix/limiquantix/core"
)

// Migration is one change of the schema. Nouns own theirs, number them, and
// never alter one that was released: they add another.
type Migration struct {
	Name string // unique: "host/0001"
	SQL  string // any number of statements
}

func (m Migration) checksum() string {
	sum := sha256.Sum256([]byte(m.SQL))
	return hex.EncodeToString(sum[:])
}

const migrationTable = `CREATE TABLE IF NOT EXISTS migration (
	name     TEXT PRIMARY KEY,
	checksum TEXT NOT NULL, -- SHA-256 of the SQL
	applied  INTEGER NOT NULL -- Unix milliseconds
) STRICT`

// migrate applies what is new. All of it is one transaction: a database is
// never found half migrated.
func (db *DB) migrate(ctx context.Context, migrations []Migration) error {
	var missing []Migration
	err := db.Read(ctx, func(tx *Tx) (err error) {
		missing, err = pending(ctx, tx, migrations)
		return err
	})
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := db.enterWAL(ctx); err != nil {
		return err
	}
	return db.WriteDurable(ctx, func(tx *Tx) error {
		if _, err := tx.ExecContext(ctx, migrationTable); err != nil {
			return fmt.Errorf("prepare migrations: %w", err)
		}
		missing, err := pending(ctx, tx, migrations) // another process may have been quicker
		if err != nil {
			return err
		}
		for _, m := range missing {
			if err := m.apply(ctx, tx); err != nil {
				return fmt.Errorf("migration %s: %w", m.Name, err)
			}
		}
		return nil
	})
}

func (m Migration) apply(ctx context.Context, tx *Tx) error {
	if _, err := tx.ExecContext(ctx, m.SQL); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO migration (name, checksum, applied) VALUES (?, ?, ?)`,
		m.Name, m.checksum(), time.Now().UnixMilli())
	return err
}

// pending returns the migrations that the database has not seen.
func pending(ctx context.Context, tx *Tx, migrations []Migration) ([]Migration, error) {
	applied, err := applied(ctx, tx)
	if err != nil {
		return nil, err
	}
	var missing []Migration
	names := make(map[string]bool, len(migrations))
	for _, m := range migrations {
		if names[m.Name] {
			return nil, core.Errorf(core.Internal, "two migrations are named %s", m.Name)
		}
		names[m.Name] = true
		switch sum, done := applied[m.Name]; {
		case !done:
			missing = append(missing, m)
		case sum != m.checksum():
			return nil, core.Errorf(core.Internal, "migration %s was altered after it had been applied", m.Name)
		}
	}
	for name := range applied {
		if !names[name] {
			return nil, core.Errorf(core.Unsupported, "the inventory was written by a newer version of limiquantix (it has %s)", core.Printable(name, 60)).
				WithHint("use that version, or another inventory")
		}
	}
	return missing, nil
}

// applied returns the checksums of the migrations that the database has, by
// name; none for a new database.
func applied(ctx context.Context, tx *Tx) (map[string]string, error) {
	var is int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'`).Scan(&is)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read inventory: %w", err)
	}
	rows, err := tx.QueryContext(ctx, `SELECT name, checksum FROM migration`)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	defer rows.Close()
	sums := map[string]string{}
	for rows.Next() {
		var name, sum string
		if err := rows.Scan(&name, &sum); err != nil {
			return nil, fmt.Errorf("read migrations: %w", err)
		}
		sums[name] = sum
	}
	return sums, rows.Err()
}

// enterWAL makes the database one with a write-ahead log, which it then is for
// good. SQLite does not wait for other processes here as it does elsewhere.
func (db *DB) enterWAL(ctx context.Context) error {
	for {
		_, err := db.write.ExecContext(ctx, `PRAGMA journal_mode = WAL`)
		var e *sqlite.Error
		if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_BUSY {
			return db.mapped(ctx, err)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
