package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// Verdict is what a look at the whole chain came to.
type Verdict struct {
	Records int64 // that follow on one another from the first
	Head    Head  // of these
	Heads   int   // lines of the second file
	Broken  int64 // the first record that is wrong; 0 when all are right
	Reason  string
}

// Verify checks that no record was changed, removed or put in, as far as that
// can be told: expect, which may be zero, is a head that was noted elsewhere.
func (t *Trail) Verify(ctx context.Context, expect Head) (Verdict, error) {
	heads, err := t.readHeads()
	missing := core.CodeOf(err) == core.NotFound
	if err != nil && !missing {
		return Verdict{}, err
	}
	v := Verdict{Heads: len(heads)}
	// The second file was read first: what is written meanwhile is more in the
	// chain than in the file.
	err = t.o.DB.Read(ctx, func(tx *store.Tx) error { return v.chain(ctx, tx, heads) })
	if err != nil {
		return Verdict{}, fmt.Errorf("read audit: %w", err)
	}
	if v.Broken > 0 {
		return v, nil
	}
	if missing && v.Records > 0 {
		v.Broken, v.Reason = v.Records+1, fmt.Sprintf("the chain is whole, but %s is missing: whether records were removed at its end cannot be told", HeadsFile)
	}
	last := v.Head.Number
	for number := range heads {
		last = max(last, number)
	}
	if last > v.Head.Number {
		v.Broken = v.Head.Number + 1
		v.Reason = fmt.Sprintf("records %d to %d were removed: %s knows of them", v.Broken, last, HeadsFile)
	}
	if v.Broken == 0 && expect.Number > v.Head.Number {
		v.Broken, v.Reason = v.Head.Number+1, fmt.Sprintf("records %d to %d were removed: the given head knows of them", v.Head.Number+1, expect.Number)
	}
	if v.Broken > 0 || expect.Number == 0 {
		return v, nil
	}
	return v, t.expect(ctx, &v, expect)
}

// chain follows the chain from its beginning to its end, or to what is wrong.
func (v *Verdict) chain(ctx context.Context, tx *store.Tx, heads map[int64]string) error {
	rows, err := tx.QueryContext(ctx, `SELECT number, content, hash FROM audit ORDER BY number`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var content, hash string
		if err := rows.Scan(&number, &content, &hash); err != nil {
			return err
		}
		if v.Reason = v.Head.wrong(number, content, hash, heads); v.Reason != "" {
			v.Broken = v.Records + 1
			return nil
		}
		v.Records, v.Head = number, Head{number, hash}
	}
	return rows.Err()
}

// wrong says what is wrong with a record that should follow on h; "" for nothing.
func (h Head) wrong(number int64, content, hash string, heads map[int64]string) string {
	var r Record
	noted, known := heads[number]
	switch {
	case number != h.Number+1:
		return fmt.Sprintf("record %d is missing: it was removed", h.Number+1)
	case hash != next(h.Hash, content):
		return fmt.Sprintf("record %d is not what was written: it, or the one before it, was changed", number)
	case json.Unmarshal([]byte(content), &r) != nil || r.Number != number:
		return fmt.Sprintf("record %d was written as another", number)
	case known && noted != hash:
		return fmt.Sprintf("record %d is not the one that %s knows: it, or one before it, was written anew", number, HeadsFile)
	}
	return ""
}

// expect compares a head with the record that it should be of.
func (t *Trail) expect(ctx context.Context, v *Verdict, h Head) error {
	return t.o.DB.Read(ctx, func(tx *store.Tx) error {
		var hash string
		if err := tx.QueryRowContext(ctx, `SELECT hash FROM audit WHERE number = ?`, h.Number).Scan(&hash); err != nil {
			return fmt.Errorf("read audit: %w", err)
		}
		if hash != h.Hash {
			v.Broken, v.Reason = h.Number, fmt.Sprintf("record %d is not the one that the given head is of: it, or one before it, was written anew", h.Number)
		}
		return nil
	})
}
