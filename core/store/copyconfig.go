package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// Copy is the name of the copy of the configuration in the home directory.
const Copy = "inventory.copy.db"

// CopyConfig writes the tables of kept.Config, as they are at one moment, to
// the file [Copy] beside the database: small, whole and on the disk when it
// returns, and replaced never before. [OpenOrRebuild] reads it. Where nothing of
// them has changed, it writes nothing; where this process wrote nothing at all
// since the last time, it does not even look.
//
// Errors: [core.Denied], [core.NoSpace], [*CorruptError].
func (db *DB) CopyConfig(ctx context.Context, kept Kept) (err error) {
	path := filepath.Join(filepath.Dir(db.path), Copy)
	last, have := stamp(path)
	if have && !db.wrote.Swap(false) {
		return nil
	}
	sum, err := db.sum(ctx, kept.Config)
	if err != nil || have && sum == last {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(path), Copy+".*.part")
	if err != nil {
		return core.Errorf(core.Denied, "make the copy of the configuration: %w", err)
	}
	defer func() {
		part.Close()
		if err != nil {
			os.Remove(part.Name())
		}
	}()
	if err := db.copyTo(ctx, part.Name(), kept.Config, sum); err != nil {
		return fmt.Errorf("copy the configuration: %w", db.mapped(ctx, err))
	}
	if err := part.Sync(); err != nil {
		return fmt.Errorf("copy the configuration: %w", err)
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return fmt.Errorf("copy the configuration: %w", err)
	}
	syncDir(filepath.Dir(path))
	return nil
}

func (db *DB) copyTo(ctx context.Context, path string, tables []string, sum int32) error {
	pool, err := connect(path, url.Values{"_pragma": {"journal_mode(OFF)"}})
	if err != nil {
		return err
	}
	defer pool.Close()
	conn, err := pool.Conn(ctx) // what is attached is of one connection
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `ATTACH ? AS live`, db.path); err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, table := range tables {
		columns, _, err := layout(ctx, tx, "live", table)
		if err != nil {
			return err
		}
		list := strings.Join(columns, ", ") // no rules: the schema that it is read back into has them
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(`CREATE TABLE main."%s" AS SELECT %s FROM live."%s"`, table, list, table)); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA main.user_version = %d`, sum)); err != nil {
		return err
	}
	return tx.Commit()
}

// sum is a checksum of the rows of some tables.
func (db *DB) sum(ctx context.Context, tables []string) (int32, error) {
	sum := crc32.NewIEEE()
	err := db.Read(ctx, func(tx *Tx) error {
		for _, table := range tables {
			columns, order, err := layout(ctx, tx.Tx, "main", table)
			if err != nil {
				return err
			}
			rows, err := tx.QueryContext(ctx, fmt.Sprintf(`SELECT %s FROM "%s" ORDER BY %s`, strings.Join(columns, ", "), table, strings.Join(order, ", ")))
			if err != nil {
				return err
			}
			if err := each(rows, len(columns), func(row []any) error {
				_, err := fmt.Fprintf(sum, "%s %q\n", table, row)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return int32(sum.Sum32()), err
}

// each calls do with the values of each row, and closes rows.
func each(rows *sql.Rows, width int, do func(row []any) error) error {
	defer rows.Close()
	values, to := make([]any, width), make([]any, width)
	for i := range values {
		to[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		if err := do(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// stamp reads the checksum in a copy's header: SQLite's user_version.
//
// Source: sqlite.org/fileformat.html, 1.3.
func stamp(path string) (sum int32, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	var b [4]byte
	if _, err := f.ReadAt(b[:], 60); err != nil {
		return 0, false
	}
	return int32(binary.BigEndian.Uint32(b[:])), true
}

// syncDir makes a rename in a directory last. Where directories cannot be synced, nothing is lost by not doing so.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
