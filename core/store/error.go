package store

import (
	"context"
	"errors"
	"fmt"

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
		return core.Errorf(core.Internal, "the inventory's file is damaged: %w", &CorruptError{Path: db.path, Cause: err}).
			WithHint("restore a backup of it, or move it away: hosts can be added again")
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

func full(err error) error {
	return core.Errorf(core.NoSpace, "no space for the inventory on this computer: %w", err).
		WithHint("free some space; nothing of the inventory was lost")
}
