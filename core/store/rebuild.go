package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// Kept names the tables that outlive a damaged file, each behind those that it
// refers to. What is in none of the lists is a cache, and read anew from the hosts.
type Kept struct {
	// Config is in the copy, too ([DB.CopyConfig]): what nobody but the user knows.
	Config []string
	// Past is taken over as far as the damaged file can be read.
	Past []string
}

// Rebuilt tells what became of a damaged file.
type Rebuilt struct {
	Aside string   // where it is now
	Cause error    // how the damage was seen
	Cut   []string // tables of which not all could be read
	// Copied: what could not be read of Config is from the copy of that time;
	// zero where none was needed, or there was none.
	Copied time.Time
}

// OpenOrRebuild is [Open], but where the file is damaged it is moved aside and
// a new one is made of what can be read of it, and of the copy. The first open
// decides: damage that shows later ends in [*CorruptError], and is seen by the
// next open, for it leaves a mark.
//
// Several processes may do so at once: one of them does it. Killed at any
// moment, it leaves the damaged file in place, or the new one.
func OpenOrRebuild(ctx context.Context, dir string, kept Kept, migrations ...Migration) (*DB, *Rebuilt, error) {
	path := filepath.Join(dir, File)
	before, _ := os.Lstat(path)
	db, err := openChecked(ctx, dir, migrations)
	var damage *CorruptError
	if !errors.As(err, &damage) {
		return db, nil, err
	}
	unlock, err := lock(ctx, dir)
	if err != nil {
		return nil, nil, fmt.Errorf("rebuild the inventory: %w", err)
	}
	defer unlock()
	if now, err := os.Lstat(path); err == nil && before != nil && !os.SameFile(before, now) {
		db, err := Open(ctx, dir, migrations...) // another process was faster
		return db, nil, err
	}
	told, err := rebuild(ctx, dir, kept, migrations)
	if err != nil {
		return nil, nil, fmt.Errorf("rebuild the inventory: %w", err)
	}
	told.Cause = damage.Cause
	db, err = Open(ctx, dir, migrations...)
	return db, told, err
}

// lock keeps other processes from rebuilding. SQLite's own lock is on every
// system, and ends with its process.
func lock(ctx context.Context, dir string) (unlock func(), err error) {
	pool, err := connect(filepath.Join(dir, File+".lock"), url.Values{"_txlock": {"exclusive"}})
	if err != nil {
		return nil, err
	}
	for {
		tx, err := pool.BeginTx(ctx, nil)
		if err == nil {
			return func() { tx.Rollback(); pool.Close() }, nil
		}
		if !isBusy(err) || ctx.Err() != nil {
			pool.Close()
			return nil, err
		}
	}
}

// mark is the name of the file that asks the next open for a thorough look.
const mark = File + ".damaged"

// openChecked opens the database and looks through it where something asks for it:
// a mark, or a file without content beside a copy, which was no new one.
func openChecked(ctx context.Context, dir string, migrations []Migration) (*DB, error) {
	path := filepath.Join(dir, File)
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		if _, err := os.Stat(filepath.Join(dir, Copy)); err == nil {
			return nil, damaged(path, errors.New("the file is empty"))
		}
	}
	db, err := Open(ctx, dir, migrations...)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, mark)); err != nil {
		return db, nil
	}
	if err := db.check(ctx); err != nil {
		db.Close()
		return nil, err
	}
	_ = os.Remove(filepath.Join(dir, mark)) // it was the disk, or the memory, for a moment
	return db, nil
}

// check looks through the whole file.
func (db *DB) check(ctx context.Context) error {
	var verdict string
	err := db.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict)
	if err == nil && verdict != "ok" {
		err = errors.New(verdict)
		return damaged(db.path, err)
	}
	return db.mapped(ctx, err)
}

func damaged(path string, why error) error {
	return core.Errorf(core.Internal, "the inventory's file is damaged: %w", &CorruptError{Path: path, Cause: why}).
		WithHint("start limiquantix again: it moves the file aside and makes a new one of what can be read")
}

// rebuild makes the new file beside the damaged one and then puts it in its
// place.
func rebuild(ctx context.Context, dir string, kept Kept, migrations []Migration) (*Rebuilt, error) {
	tmp, err := os.MkdirTemp(dir, "rebuild-*.part")
	if err != nil {
		return nil, core.Errorf(core.Denied, "make the new file: %w", err)
	}
	defer os.RemoveAll(tmp)
	db, err := Open(ctx, tmp, migrations...)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, File)
	told, err := db.salvage(ctx, path, filepath.Join(dir, Copy), kept)
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	told.Aside = path + ".damaged-" + time.Now().UTC().Format("20060102-150405.000")
	return told, replace(filepath.Join(tmp, File), path, told.Aside)
}

// replace puts fresh where path is, which is at aside then. The log of writes
// goes first: SQLite would apply it to the fresh file.
func replace(fresh, path, aside string) error {
	for _, with := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+with, aside+with); err != nil && !errors.Is(err, os.ErrNotExist) {
			return core.Errorf(core.Denied, "move the damaged inventory aside: %w", err)
		}
	}
	if err := os.Link(path, aside); err != nil {
		return core.Errorf(core.Denied, "move the damaged inventory aside: %w", err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return core.Errorf(core.Denied, "put the new inventory in place: %w", err)
	}
	_ = os.Remove(filepath.Join(filepath.Dir(path), mark))
	syncDir(filepath.Dir(path))
	return nil
}

// salvage fills a new database out of a damaged one and the copy.
func (db *DB) salvage(ctx context.Context, old, copied string, kept Kept) (*Rebuilt, error) {
	from := make([]*sql.DB, 0, 2)
	for _, path := range []string{old, copied} {
		pool, err := connect(path, url.Values{"mode": {"rw"}, "_pragma": {"query_only(1)"}})
		if err != nil {
			return nil, err
		}
		defer pool.Close()
		from = append(from, pool)
	}
	told := &Rebuilt{}
	err := db.WriteDurable(ctx, func(tx *Tx) error {
		for _, table := range kept.Config {
			whole, err := take(ctx, tx, from[0], table)
			if err != nil {
				return err
			}
			if whole {
				continue
			}
			told.Cut = append(told.Cut, table)
			if info, err := os.Stat(copied); err == nil {
				told.Copied = info.ModTime()
				if _, err := take(ctx, tx, from[1], table); err != nil {
					return err
				}
			}
		}
		for _, table := range kept.Past {
			whole, err := take(ctx, tx, from[0], table)
			if err != nil {
				return err
			}
			if !whole {
				told.Cut = append(told.Cut, table)
			}
		}
		return nil
	})
	return told, err
}

// take reads a table of another database from its front and, where that ends
// in damage, from its end, and adds the rows that are not there yet. Rows that
// break a rule of the schema are left out. whole: nothing was.
func take(ctx context.Context, tx *Tx, from *sql.DB, table string) (whole bool, err error) {
	columns, order, err := layout(ctx, tx.Tx, "main", table)
	if err != nil {
		return false, err
	}
	list := strings.Join(columns, ", ")
	insert := fmt.Sprintf(`INSERT OR IGNORE INTO "%s" (%s) VALUES (?%s)`, table, list, strings.Repeat(", ?", len(columns)-1))
	for _, way := range []string{"", " DESC"} {
		by := strings.Join(order, way+", ") + way
		rows, err := from.QueryContext(ctx, fmt.Sprintf(`SELECT %s FROM "%s" ORDER BY %s`, list, table, by))
		if err != nil {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			continue
		}
		left, damage, err := pour(ctx, tx, insert, rows, len(columns))
		if err != nil {
			return false, err
		}
		if damage == nil {
			return left == 0 && way == "", nil
		}
	}
	return false, nil
}

// pour inserts rows until they end or cannot be read any more. left is how many
// the schema refused. Errors: what keeps the new database from being written.
func pour(ctx context.Context, tx *Tx, insert string, rows *sql.Rows, width int) (left int, damage, err error) {
	damage = each(rows, width, func(row []any) error {
		_, e := tx.ExecContext(ctx, insert, row...)
		if e != nil && !isFull(e) {
			left++
			return nil
		}
		err = e
		return e
	})
	return left, damage, cmp.Or(err, ctx.Err())
}

// layout returns a table's columns, without those that are computed, and those
// that its rows are in the order of.
func layout(ctx context.Context, tx *sql.Tx, schema, table string) (columns, order []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT x.name, x.pk, l.wr FROM pragma_table_xinfo(?1, ?2) x, pragma_table_list l WHERE l.schema = ?2 AND l.name = ?1 AND x.hidden = 0 ORDER BY x.pk, x.cid`, table, schema)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var key, withoutRowID int
		if err := rows.Scan(&name, &key, &withoutRowID); err != nil {
			return nil, nil, err
		}
		name = `"` + name + `"`
		columns = append(columns, name)
		if withoutRowID != 0 && key > 0 {
			order = append(order, name)
		}
	}
	if len(columns) == 0 {
		return nil, nil, core.Errorf(core.Internal, "there is no table %s", table)
	}
	if len(order) == 0 {
		order = []string{"rowid"}
	}
	return columns, order, rows.Err()
}
