package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/limiquantix/limiquantix/core"
)

// CorruptError says that the database file is damaged, or none. It comes as the
// cause of a [core.Error]; look for it with errors.As.
type CorruptError struct {
	Path  string
	Cause error
}

// Error returns the reason with the path: for the log.
func (e *CorruptError) Error() string { return fmt.Sprintf("%s is damaged: %v", e.Path, e.Cause) }

// Unwrap returns SQLite's error.
func (e *CorruptError) Unwrap() error { return e.Cause }

// mapped gives what SQLite reports a code of core's by its result code; other
// errors, and those that core made, stay as they are.
//
// Source: sqlite.org/rescode.html.
func (db *DB) mapped(ctx context.Context, err error) error {
	var e *sqlite.Error
	var known *core.Error
	if err == nil || errors.As(err, &known) || !errors.As(err, &e) {
		return err
	}
	if e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
		return full(err) // no room for the WAL's index
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return full(err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return core.Errorf(core.Conflict, "another limiquantix keeps the inventory busy: %w", err).
			WithHint("try again, or end the other one")
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		db.note()
		return damaged(db.path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return core.Errorf(core.Denied, "the inventory cannot be opened for writing: %w", err).
			WithHint("look at the owner and mode of the inventory's folder")
	case sqlite3.SQLITE_INTERRUPT:
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return err
}

// note marks the file as damaged, for the next [OpenOrRebuild].
func (db *DB) note() {
	if f, err := os.OpenFile(filepath.Join(filepath.Dir(db.path), mark), os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		f.Close()
	}
}

// isFull tells whether there is no room to write.
func isFull(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_FULL
}

// unshared tells whether SQLite could not make, or open for writing, the files
// that its connections share.
func unshared(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMMAP, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_READONLY_CANTINIT, sqlite3.SQLITE_READONLY_DIRECTORY, sqlite3.SQLITE_READONLY_RECOVERY:
		return true
	}
	return false
}

// isBusy tells whether another process holds what is needed.
func isBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

func full(err error) error {
	return core.Errorf(core.NoSpace, "no space for the inventory on this computer: %w", err).
		WithHint("free some space; nothing of the inventory was lost")
}
