package sshconn

import (
	"os/exec"

	"github.com/limiquantix/limiquantix/core"
)

// Windows runs no libvirt, so this machine is never a host there.
func statSpace(string) (Space, error) {
	return Space{}, core.Errorf(core.Unsupported, "this machine cannot be a host")
}

func ownGroup(*exec.Cmd) {}

func killGroup(c *exec.Cmd) { c.Process.Kill() }
