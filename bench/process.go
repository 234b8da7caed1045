//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// environment is what programs under measurement see.
func environment(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LIMIQUANTIX_HOME=" + home, "LANG=C.UTF-8", "TERM=dumb"}
}

// output runs a program to its end and returns what it printed.
func output(ctx context.Context, home string, argv ...string) (string, error) {
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Env = environment(home)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, bytes.TrimSpace(errs.Bytes()))
	}
	return out.String(), nil
}

// ours runs the built program.
func (s *site) ours(ctx context.Context, home string, args ...string) (string, error) {
	return output(ctx, home, append([]string{s.exe}, args...)...)
}

// virsh runs virsh over SSH.
func (s *site) virsh(ctx context.Context, args ...string) (string, error) {
	return output(ctx, s.tmp, append([]string{"virsh", "-q", "-c", s.uri}, args...)...)
}

// service is a program that runs until it is stopped.
type service struct {
	cmd  *exec.Cmd
	errs *bufio.Reader
	url  string // the address for a browser, with its token
}

// serve starts the built program and returns when it has printed its URL.
func serve(ctx context.Context, home string, argv ...string) (*service, error) {
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Env = environment(home)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 20 * time.Second
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	errs, err := c.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	s := &service{cmd: c, errs: bufio.NewReader(errs)}
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		said, _ := io.ReadAll(io.LimitReader(s.errs, 4096))
		return nil, errors.Join(fmt.Errorf("%s did not start: %s", strings.Join(argv, " "), said), s.stop())
	}
	s.url = strings.TrimSpace(url)
	return s, nil
}

// stop interrupts the program and waits for its end.
func (s *service) stop() error {
	s.cmd.Process.Signal(syscall.SIGTERM)
	var status *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &status) {
		return err
	}
	return nil
}

// shell is an interactive virsh.
type shell struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

const prompt = "virsh # "

// openShell starts virsh and returns when it is connected and asks for a command.
func (s *site) openShell(ctx context.Context) (*shell, error) {
	c := exec.CommandContext(ctx, "virsh", "-c", s.uri)
	c.Env = environment(s.tmp)
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	sh := &shell{c, in, bufio.NewReader(out)}
	if _, err := sh.answer(); err != nil {
		return nil, errors.Join(err, sh.close())
	}
	return sh, nil
}

// do gives a command and returns what was printed up to the next prompt.
func (s *shell) do(command string) (string, error) {
	if _, err := io.WriteString(s.in, command+"\n"); err != nil {
		return "", err
	}
	return s.answer()
}

func (s *shell) answer() (string, error) {
	var b strings.Builder
	for {
		c, err := s.out.ReadByte()
		if err != nil {
			return b.String(), fmt.Errorf("virsh ended: %w", err)
		}
		b.WriteByte(c)
		if c == ' ' && strings.HasSuffix(b.String(), prompt) {
			return b.String(), nil
		}
	}
}

func (s *shell) close() error {
	s.in.Close()
	var status *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &status) {
		return err
	}
	return nil
}
