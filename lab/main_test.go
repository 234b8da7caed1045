//go:build linux

package lab_test

import (
	"os"
	"testing"

	"github.com/limiquantix/limiquantix/lab"
)

func TestMain(m *testing.M) {
	lab.Reexec()
	if name := os.Getenv(ownerEnv); name != "" {
		runOwner(name)
		return
	}
	os.Exit(m.Run())
}
