// Package store is the inventory's SQLite database: open, migrations,
// transactions, backup. It knows no table but that of migrations: each noun
// brings its own and its queries.
//
// The database is in WAL mode: one writer at a time, in whichever process,
// while any number read. [DB.Write] is safe against the death of the program,
// [DB.WriteDurable] against that of the machine too.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	_ "modernc.org/sqlite" // the driver

	"github.com/limiquantix/limiquantix/core"
)

// File is the database's name in the home directory.
const File = "inventory.db"

// readers is how many transactions may read at a time in one process.
const readers = 4

// busyTimeout is how long a transaction waits for another process's.
const busyTimeout = "10000" // milliseconds

// scrub has SQLite write zeros over what is deleted or replaced.
const scrub = "secure_delete(1)"

// DB is an open database. It may be used concurrently, and by several
// processes at once.
type DB struct {
	path                 string
	write, durable, read *sql.DB
	// alone reads where SQLite cannot make the files that connections share: on a
	// full disk, and on one that is read only. Each transaction is a connection of
	// its own, so that others are kept waiting no longer than that.
	alone *sql.DB
	lean  atomic.Bool // no connection is kept, for alone's sake
	// wrote: something was written since the last CopyConfig.
	wrote atomic.Bool
	// writing is held by who writes: waiting in Go costs nothing and ends with
	// the context, while SQLite's own waiting does neither.
	writing chan struct{}
}

// Open opens, or makes, the database in dir and applies the migrations that it
// has not seen, in their order. Where all were, it only reads. The directory is
// made with mode 0700, the file with 0600.
//
// Errors: [core.Denied] when the files may not be opened, [core.NoSpace],
// [core.Unsupported] when a newer version of the program migrated the database,
// [*CorruptError].
func Open(ctx context.Context, dir string, migrations ...Migration) (*DB, error) {
	path := filepath.Join(dir, File)
	readOnly, err := touch(dir, path)
	if err != nil {
		return nil, core.Errorf(core.Denied, "make the inventory's file: %w", err)
	}
	db := &DB{path: path, writing: make(chan struct{}, 1)}
	alone := url.Values{"_pragma": {"locking_mode(EXCLUSIVE)", "query_only(1)"}} // its index of the log is in memory
	if readOnly {
		alone = url.Values{"mode": {"ro"}, "immutable": {"1"}}
	}
	for _, c := range []struct {
		to          **sql.DB
		conns, idle int
		options     url.Values
	}{
		{&db.write, 1, 1, url.Values{"_txlock": {"immediate"}, "_pragma": {"foreign_keys(1)", scrub, "synchronous(NORMAL)"}}},
		{&db.durable, 1, 1, url.Values{"_txlock": {"immediate"}, "_pragma": {"foreign_keys(1)", scrub, "synchronous(FULL)"}}},
		{&db.read, readers, readers, url.Values{"_pragma": {"query_only(1)"}}},
		{&db.alone, 1, 0, alone},
	} {
		pool, err := connect(path, c.options) // nothing is opened before its first use
		if err != nil {
			return nil, err
		}
		pool.SetMaxOpenConns(c.conns)
		pool.SetMaxIdleConns(c.idle)
		*c.to = pool
	}
	if err := db.migrate(ctx, migrations); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// touch makes the file, so that SQLite, which gives its other files the same
// mode, never makes one that others can read. readOnly: it is there, on a disk
// that is not written to.
func touch(dir, path string) (readOnly bool, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return false, fmt.Errorf("%s is not a file", File) // a link could lead to somebody else's
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, syscall.EROFS) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Mode().Perm()&0o077 == 0 {
		return false, err
	}
	return false, f.Chmod(0o600)
}

func connect(path string, options url.Values) (*sql.DB, error) {
	options["_pragma"] = append([]string{"busy_timeout(" + busyTimeout + ")"}, options["_pragma"]...)
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: options.Encode()}
	pool, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("open inventory: %w", err)
	}
	return pool, nil
}

// Close closes the database. Transactions must have ended.
func (db *DB) Close() error {
	var first error
	for _, pool := range []*sql.DB{db.alone, db.read, db.durable, db.write} {
		if pool == nil {
			continue
		}
		if err := pool.Close(); err != nil && first == nil {
			first = fmt.Errorf("close inventory: %w", err)
		}
	}
	return first
}
