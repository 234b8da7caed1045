package store

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/limiquantix/limiquantix/core"
)

// Backup writes a copy of the database, as it is at one moment, to path with
// mode 0600. A file of that name is replaced when the copy is whole and on the
// disk, never before. Others read and write meanwhile.
//
// Errors: [core.Denied] when the folder may not be written to, [core.NoSpace],
// [*CorruptError].
func (db *DB) Backup(ctx context.Context, path string) (err error) {
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return core.Errorf(core.Denied, "make the backup's file: %w", err)
	}
	defer func() {
		part.Close()
		if err != nil {
			os.Remove(part.Name())
		}
	}()
	pool, err := connect(db.path, url.Values{})
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, `VACUUM INTO ?`, part.Name()); err != nil {
		return fmt.Errorf("back up inventory: %w", db.mapped(ctx, err))
	}
	if err := part.Sync(); err != nil {
		return fmt.Errorf("back up inventory: %w", err)
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return fmt.Errorf("back up inventory: %w", err)
	}
	return nil
}
