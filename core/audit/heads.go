package audit

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/limiquantix/limiquantix/core"
)

// note adds a line to the second file; nil makes the file. Lines are short and
// of one length, and appended: what several processes write does not mix.
func (t *Trail) note(h *Head) (err error) {
	if info, err := os.Lstat(t.heads); err == nil && !info.Mode().IsRegular() {
		return core.Errorf(core.Denied, "%s is not a file", HeadsFile) // a link could lead to somebody else's
	}
	f, err := os.OpenFile(t.heads, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open %s: %w", HeadsFile, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if h == nil {
		return nil
	}
	_, err = fmt.Fprintf(f, "%020d:%s\n", h.Number, h.Hash)
	return err
}

// readHeads returns the hashes in the second file by number. A number that has
// two different ones has "" here. Lines that a crash cut off are left out.
// [core.NotFound] when there is no file.
func (t *Trail) readHeads() (map[int64]string, error) {
	f, err := os.Open(t.heads)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, core.Errorf(core.NotFound, "%s is missing", HeadsFile)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", HeadsFile, err)
	}
	defer f.Close()
	heads := map[int64]string{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var number int64
		var hash string
		if n, err := fmt.Sscanf(lines.Text(), "%020d:%64s", &number, &hash); err != nil || n != 2 || !isHash(hash) {
			continue
		}
		if was, twice := heads[number]; twice && was != hash {
			hash = ""
		}
		heads[number] = hash
	}
	return heads, lines.Err()
}
