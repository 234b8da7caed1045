//go:build linux

package lab_test

import (
	"os"
	"testing"

	"github.com/limiquantix/limiquantix/lab"
)

func TestMain(m *testing.M) {
	lab.Reexec()
	os.Exit(m.Run())
}
