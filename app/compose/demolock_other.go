//go:build !unix

package compose

import "os"

// hold makes the file at path. Without locks a dead demo cannot be told from a
// live one: a file that is there counts as held.
func hold(path string, create bool) (release func() error, err error) {
	if !create {
		return nil, os.ErrExist
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return f.Close, nil
}
