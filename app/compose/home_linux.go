package compose

import (
	"os"
	"path/filepath"
)

// platformHome is ~/.local/share/limiquantix.
// Source: XDG Base Directory Specification.
func platformHome() (string, error) {
	dir, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, ".local", "share", "limiquantix"), nil
}
