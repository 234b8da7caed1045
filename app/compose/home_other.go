//go:build !linux

package compose

import (
	"os"
	"path/filepath"
)

// platformHome is in ~/Library/Application Support or %AppData%.
func platformHome() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "limiquantix"), nil
}
