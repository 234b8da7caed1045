//go:build linux

// Package self starts this program again for the lab's own processes, and
// tells such a process what it is for.
package self

import (
	"os"
	"strings"
	"syscall"
)

// Exe is the running program, even when its file was replaced since.
const Exe = "/proc/self/exe"

const (
	argPrefix  = "limiquantix-lab: "
	firstExtra = 3 // the number of exec.Cmd.ExtraFiles[0] in the child
)

// ArgZero is the first argument by which [Role] knows a process of the lab. It
// also names it in ps: "limiquantix-lab: supervisor default".
func ArgZero(role, name string) string { return argPrefix + role + " " + name }

// Role returns what this process was started for; role is "" when it is no
// process of a lab.
func Role() (role, name string) {
	line, ours := strings.CutPrefix(os.Args[0], argPrefix)
	if !ours {
		return "", ""
	}
	role, name, _ = strings.Cut(line, " ")
	return role, name
}

// Inherited returns the i-th file of the parent's ExtraFiles, to be closed on
// the next exec: a lock or a listener that leaked into a daemon of a host would
// outlive the lab.
func Inherited(i int, name string) *os.File {
	syscall.CloseOnExec(firstExtra + i)
	return os.NewFile(uintptr(firstExtra+i), name)
}

// Hold keeps the i-th file open for the life of this process and has it
// closed on the next exec. There is no [os.File] for it on purpose: the garbage
// collector closes those that nobody refers to.
func Hold(i int) { syscall.CloseOnExec(firstExtra + i) }

// PassOn leaves the first n files open for an exec of this program itself.
func PassOn(n int) error {
	for fd := firstExtra; fd < firstExtra+n; fd++ {
		if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_SETFD, 0); errno != 0 {
			return errno
		}
	}
	return nil
}
