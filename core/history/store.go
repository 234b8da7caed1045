package history

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/limiquantix/limiquantix/core/store"
)

// Migrations are this package's tables. A row of history holds what the object
// was afterwards, so that any time is answered by one row of each object.
var Migrations = []store.Migration{{Name: "history/0001", SQL: `
CREATE TABLE history_object (
	row    INTEGER PRIMARY KEY,
	kind   TEXT NOT NULL,
	host   TEXT NOT NULL, -- host id
	id     TEXT NOT NULL,
	within TEXT NOT NULL, -- name of the host, as last known
	name   TEXT NOT NULL, -- what follows: as last seen
	state  TEXT NOT NULL,
	hash   BLOB,          -- SHA-256 of the configuration; NULL: never read
	gone   INTEGER NOT NULL DEFAULT 0,
	base   INTEGER NOT NULL DEFAULT 0, -- the history row of its newest full copy
	config INTEGER NOT NULL DEFAULT 0, -- the history row of its newest configuration
	UNIQUE (kind, host, id)
) STRICT;
CREATE INDEX history_object_name ON history_object (name);
CREATE TABLE history (
	number INTEGER PRIMARY KEY AUTOINCREMENT, -- is never given twice
	object INTEGER NOT NULL REFERENCES history_object (row) ON DELETE CASCADE,
	time   INTEGER NOT NULL, -- Unix milliseconds
	change TEXT NOT NULL,    -- "" when only the configuration was read for the first time
	name   TEXT NOT NULL,
	state  TEXT NOT NULL,
	config INTEGER,          -- the row with the configuration of then, itself or an older one; NULL: not known
	base   INTEGER,          -- of a delta: the row with its full copy
	body   BLOB,             -- NULL: as before
	hash   BLOB,             -- of the body's text: SHA-256
	since  INTEGER,          -- Unix milliseconds; NULL: somebody watched
	task   TEXT,
	actor  TEXT
) STRICT;
CREATE INDEX history_object_time ON history (object, time);
CREATE INDEX history_time ON history (time);
CREATE TABLE history_retention (
	one   INTEGER PRIMARY KEY CHECK (one = 1),
	days  INTEGER NOT NULL,
	bytes INTEGER NOT NULL
) STRICT;
`}, {Name: "history/0002", SQL: `
ALTER TABLE history_object ADD COLUMN raw TEXT; -- Sight.Hash of its newest configuration
`}}

// writer writes sights in one transaction.
type writer struct {
	tx     *store.Tx
	author func(ctx context.Context, tx *store.Tx, s Sight) (Author, error)
}

// write keeps what is news of a sight. told: there is a row more.
func (w writer) write(ctx context.Context, s Sight) (told bool, err error) {
	was, had, err := w.known(ctx, s.Object)
	if err != nil {
		return false, err
	}
	var hash []byte
	if s.Config != "" && len(s.Config) <= int(longest) {
		sum := sha256.Sum256([]byte(s.Config))
		hash = sum[:]
	}
	word, config := news(was, had, s, hash)
	if word == "" && !config {
		return false, w.settle(ctx, was, s)
	}
	if !had {
		if was.row, err = w.add(ctx, s.Object); err != nil {
			return false, err
		}
	}
	if s.Name == "" {
		s.Name = was.name
	}
	if s.State == "" && !s.Gone {
		s.State = was.state
	}
	return true, w.put(ctx, was, s, word, hash, config)
}

// settle notes what a sight tells that is no change: a state that was not known,
// and the hash of a configuration that differs in its passwords alone.
func (w writer) settle(ctx context.Context, was known, s Sight) error {
	state := was.state == "" && s.State != ""
	if was.row == 0 || was.gone || !state && s.Hash == "" {
		return nil
	}
	_, err := w.tx.ExecContext(ctx, `UPDATE history_object SET state = CASE WHEN ? THEN ? ELSE state END, raw = ifnull(nullif(?, ''), raw) WHERE row = ?`,
		state, s.State, s.Hash, was.row)
	return err
}

func (w writer) known(ctx context.Context, o Object) (k known, had bool, err error) {
	err = w.tx.QueryRowContext(ctx, `SELECT row, name, state, hash, gone, base FROM history_object WHERE kind = ? AND host = ? AND id = ?`,
		o.Kind, o.HostID, o.ID).Scan(&k.row, &k.name, &k.state, &k.hash, &k.gone, &k.base)
	if errors.Is(err, sql.ErrNoRows) {
		return known{}, false, nil
	}
	return k, err == nil, err
}

func (w writer) add(ctx context.Context, o Object) (int64, error) {
	res, err := w.tx.ExecContext(ctx, `INSERT INTO history_object (kind, host, id, within, name, state) VALUES (?, ?, ?, ?, ?, '')`,
		o.Kind, o.HostID, o.ID, o.HostName, o.Name)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// put writes the row, and makes what it says the last that was seen.
func (w writer) put(ctx context.Context, was known, s Sight, word string, hash []byte, config bool) error {
	by, err := w.author(ctx, w.tx, s)
	if err != nil {
		return err
	}
	var base, since sql.NullInt64
	var body []byte
	if config {
		if body, base.Int64, err = w.body(ctx, was.base, s.Config); err != nil {
			return err
		}
		base.Valid = base.Int64 > 0
	}
	if !s.Since.IsZero() && word != found {
		since = sql.NullInt64{Int64: s.Since.UnixMilli(), Valid: true}
	}
	// Without a configuration of its own, the row has that of the object.
	res, err := w.tx.ExecContext(ctx, `INSERT INTO history (object, time, change, name, state, base, body, hash, since, task, actor, config)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), (SELECT nullif(config, 0) FROM history_object WHERE row = ?1))`,
		was.row, s.Time.UnixMilli(), word, s.Name, s.State, base, body, when(config, hash), since, by.Task, by.Actor)
	if err != nil {
		return err
	}
	number, err := res.LastInsertId()
	if err != nil {
		return err
	}
	if config {
		if _, err := w.tx.ExecContext(ctx, `UPDATE history SET config = number WHERE number = ?`, number); err != nil {
			return err
		}
	}
	_, err = w.tx.ExecContext(ctx, `UPDATE history_object SET within = ?2, name = ?3, state = ?4, hash = ifnull(?5, hash), gone = ?6,
		base = CASE WHEN ?7 AND ?8 IS NULL THEN ?9 ELSE base END, config = CASE WHEN ?7 THEN ?9 ELSE config END,
		raw = ifnull(nullif(?10, ''), raw) WHERE row = ?1`,
		was.row, s.HostName, s.Name, s.State, when(config, hash), s.Gone, config, base, number, s.Hash)
	return err
}

// when returns b if it is to be written.
func when(is bool, b []byte) []byte {
	if is {
		return b
	}
	return nil
}

// body packs a configuration: as a delta to the full copy base, or where that
// does not pay (0 is returned) as another full copy.
func (w writer) body(ctx context.Context, base int64, config string) ([]byte, int64, error) {
	full, err := pack(config, "")
	if err != nil || base == 0 {
		return full, 0, err
	}
	var packed []byte
	if err := w.tx.QueryRowContext(ctx, `SELECT body FROM history WHERE number = ?`, base).Scan(&packed); err != nil {
		return full, 0, nil // it was pruned
	}
	dictionary, err := unpack(packed, "")
	if err != nil {
		return full, 0, nil
	}
	delta, err := pack(config, dictionary)
	if err != nil || drifted(len(delta), len(full)) {
		return full, 0, err
	}
	return delta, base, nil
}

// read returns the configuration that a row holds. "" for row 0.
func read(ctx context.Context, tx *store.Tx, row int64) (string, error) {
	if row == 0 {
		return "", nil
	}
	var body, full []byte
	err := tx.QueryRowContext(ctx, `SELECT h.body, b.body FROM history AS h LEFT JOIN history AS b ON b.number = h.base WHERE h.number = ?`, row).Scan(&body, &full)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil // forgotten
	}
	if err != nil {
		return "", fmt.Errorf("read history: %w", err)
	}
	dictionary := ""
	if full != nil {
		if dictionary, err = unpack(full, ""); err != nil {
			return "", err
		}
	}
	return unpack(body, dictionary)
}
