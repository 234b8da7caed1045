//go:build !linux

package cli

import "os"

// openText opens a file that a flag names. A named pipe waits for its writer.
func openText(file string) (*os.File, error) { return os.Open(file) }

func awaitWriter(*os.File) error { return nil }
