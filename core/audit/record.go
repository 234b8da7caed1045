// Package audit writes down who had what done by this program, so that it can
// be told later, and that it was told can be relied upon.
//
// Records are a chain: each has the SHA-256 over the one before and itself.
// They are written in the transactions that journal what they tell of. A second
// file has a line for each, so that records which are missing at the end show.
// Whoever can write both files, and knows how, can forge both: against that
// helps only a head that was noted elsewhere.
package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/store"
)

// Migrations are this package's tables. What can be asked for is computed from
// the content: no column can say anything else than what was hashed.
var Migrations = []store.Migration{{Name: "audit/0001", SQL: `
CREATE TABLE audit (
	number  INTEGER PRIMARY KEY, -- 1, 2, 3 …
	content TEXT NOT NULL,       -- JSON
	hash    TEXT NOT NULL,       -- hexadecimal SHA-256 of the hash before, and content
	time    TEXT GENERATED ALWAYS AS (json_extract(content, '$.time')) VIRTUAL,
	act     TEXT GENERATED ALWAYS AS (json_extract(content, '$.act')) VIRTUAL,
	host    TEXT GENERATED ALWAYS AS (json_extract(content, '$.host')) VIRTUAL,
	object  TEXT GENERATED ALWAYS AS (json_extract(content, '$.object')) VIRTUAL,
	user    TEXT GENERATED ALWAYS AS (json_extract(content, '$.actor.user')) VIRTUAL
) STRICT;
CREATE INDEX audit_act ON audit (act);
CREATE INDEX audit_time ON audit (time);
`}}

// Record is one act, or what became of it.
type Record struct {
	Number int64 `json:"number"`
	Time   Time  `json:"time"`
	// Event is "begin", "resume", or how it ended: see AuditRecord.event of the API.
	Event string `json:"event"`
	// Act is the id of the task, or of the call where there is none.
	Act     string            `json:"act"`
	Kind    string            `json:"kind"`
	Title   string            `json:"title"`
	Host    string            `json:"host"`
	Object  string            `json:"object"`
	Actor   Actor             `json:"actor"`
	Request json.RawMessage   `json:"request,omitempty"` // without secrets
	Digest  string            `json:"plan_digest,omitempty"`
	Command string            `json:"command_line,omitempty"`
	Steps   []string          `json:"steps,omitempty"`
	Error   string            `json:"error,omitempty"`
	Result  map[string]string `json:"result,omitempty"`
	Before  string            `json:"before,omitempty"` // hash of the configuration
	After   string            `json:"after,omitempty"`
}

// Actor is who had it done.
type Actor struct {
	User string `json:"user"` // of this computer
	Door string `json:"door"` // "cli", "browser", "window", "resume"
	Key  string `json:"key"`  // fingerprint of the SSH key that opened the host
}

// Time is written so that its text sorts as it does.
type Time struct{ time.Time }

const timeFormat = "2006-01-02T15:04:05.000Z"

// MarshalJSON implements [json.Marshaler].
func (t Time) MarshalJSON() ([]byte, error) { return json.Marshal(textOf(t.Time)) }

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Time) UnmarshalJSON(b []byte) (err error) {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	t.Time, err = time.Parse(timeFormat, text)
	return err
}

func textOf(t time.Time) string { return t.UTC().Format(timeFormat) }

// Link is a record in its place in the chain.
type Link struct {
	Record
	Content string // the record as it is hashed
	Hash    string
}

// Head names the end of a chain.
type Head struct {
	Number int64
	Hash   string
}

// String is NUMBER:HASH.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Number, h.Hash) }

// ParseHead reads NUMBER:HASH. [core.Invalid].
func ParseHead(s string) (Head, error) {
	var h Head
	if n, err := fmt.Sscanf(s, "%d:%64s", &h.Number, &h.Hash); err != nil || n != 2 || h.Number < 1 || h.String() != s || !isHash(h.Hash) {
		return Head{}, core.Errorf(core.Invalid, "%s is no head of an audit", core.Printable(s, 80)).WithHint("it is a number and 64 hexadecimal digits, as audit verify prints it")
	}
	return h, nil
}

func isHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size
}

// next is the hash of what follows on a hash: "" for the first.
func next(before, content string) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s", before, content)
	return hex.EncodeToString(sum.Sum(nil))
}
