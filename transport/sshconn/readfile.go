package sshconn

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/limiquantix/limiquantix/core"
)

// Limits of files of the user's that are read whole. Each is far beyond any sound
// one: they stop who names a disk image, or a device, in the place of a key.
const (
	maxKeyFile   = core.MiB
	maxKnownFile = 64 * core.MiB
)

// readFile returns what is in a regular file of at most limit bytes. The null
// device, which OpenSSH's users name for "none", is empty.
//
// Errors: a [*fs.PathError], as of [os.ReadFile].
func readFile(path string, limit core.Bytes) ([]byte, error) {
	refused := func(why string) ([]byte, error) {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New(why)}
	}
	// Asked before it is opened: opening a named pipe waits for a writer.
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if null, nerr := os.Stat(os.DevNull); nerr == nil && os.SameFile(st, null) {
		return nil, nil
	}
	if !st.Mode().IsRegular() {
		return refused("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, int64(limit)+1)) // it may grow, and those of /proc tell no size
	if err != nil {
		return nil, err
	}
	if core.Bytes(len(text)) > limit {
		return refused("it is larger than " + limit.String())
	}
	return text, nil
}
