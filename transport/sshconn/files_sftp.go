package sshconn

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"

	"github.com/limiquantix/limiquantix/core"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// sudoSFTP finds the SFTP server where the distributions put it: Debian, Fedora, SUSE and Arch, old Fedora.
const sudoSFTP = `for p in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/lib/ssh/sftp-server /usr/libexec/sftp-server; do [ -x $p ] && exec $p; done; echo no sftp-server >&2; exit 127`

// Files opens an SFTP session, as root if the user may sudo. The session, which
// counts against the server's MaxSessions, lasts until Close; ctx bounds the
// opening only.
//
// Errors: [core.Unsupported] when the host has no SFTP server.
func (c *Client) Files(ctx context.Context) (*Files, error) {
	sudo := false
	if c.target.User != "root" {
		rights, err := c.Rights(ctx)
		if err != nil {
			return nil, err
		}
		sudo = rights.Sudo
	}
	s, err := c.newSession(ctx, true)
	if err != nil {
		return nil, err
	}
	kind, payload := "subsystem", ssh.Marshal(struct{ Name string }{"sftp"})
	if sudo {
		line, err := Command{Argv: []string{"sh", "-c", sudoSFTP}, Sudo: true}.line(false)
		if err != nil {
			return nil, err
		}
		kind, payload = "exec", ssh.Marshal(struct{ Command string }{line})
	}
	if err := s.request(kind, payload, "SFTP"); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	s.client.spawn(func() { s.watch(); close(ended) })
	s.client.spawn(func() { io.Copy(io.Discard, s.ch.Stderr()) })
	stop := context.AfterFunc(ctx, func() { s.ch.Close() })
	client, err := sftp.NewClientPipe(s.ch, channelWriter{s.ch}, sftp.UseConcurrentWrites(true))
	if !stop() && err == nil {
		client.Close()
		err = ctx.Err()
	}
	if err != nil {
		s.ch.Close()
		if reason := s.client.Err(); reason != nil {
			return nil, reason
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		e := core.Errorf(core.Unsupported, "%s has no SFTP server", c.target.Addr()).
			WithHint("its sshd_config needs a line Subsystem sftp")
		e.Cause = err
		return nil, e
	}
	remote := &sftpTree{client}
	return &Files{tree: remote, links: remote, lost: s.client.Err, end: func() error {
		err := client.Close()
		s.ch.Close()
		<-ended
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}}, nil
}

// sftpTree is a tree behind SFTP.
type sftpTree struct{ client *sftp.Client }

func (t *sftpTree) openFile(name string, flag int, perm fs.FileMode) (handle, error) {
	f, err := t.client.OpenFile(name, flag)
	if err != nil {
		return nil, err
	}
	if flag&os.O_CREATE != 0 {
		if info, err := f.Stat(); err != nil || info.Size() == 0 && info.Mode().Perm() != perm {
			if err = errors.Join(err, f.Chmod(perm)); err != nil {
				f.Close()
				return nil, err
			}
		}
	}
	return f, nil
}

func (t *sftpTree) readDir(name string) ([]fs.FileInfo, error) { return t.client.ReadDir(name) }

func (t *sftpTree) rename(from, to string) error { return t.client.PosixRename(from, to) }

func (t *sftpTree) remove(name string) error { return t.client.Remove(name) }

func (t *sftpTree) mkdir(name string, perm fs.FileMode) error {
	if err := t.client.Mkdir(name); err != nil {
		if _, statErr := t.client.Lstat(name); statErr == nil {
			return fs.ErrExist
		}
		return err
	}
	return t.client.Chmod(name, perm)
}

func (t *sftpTree) stat(name string, follow bool) (fs.FileInfo, error) {
	if follow {
		return t.client.Stat(name)
	}
	return t.client.Lstat(name)
}

func (t *sftpTree) readLink(name string) (string, error) { return t.client.ReadLink(name) }

func (t *sftpTree) chmod(name string, perm fs.FileMode) error { return t.client.Chmod(name, perm) }

func (t *sftpTree) chown(name string, uid, gid int) error { return t.client.Chown(name, uid, gid) }

func (t *sftpTree) space(name string) (Space, error) {
	s, err := t.client.StatVFS(name)
	if err != nil {
		return Space{}, err
	}
	return Space{core.Bytes(s.Frsize * s.Blocks), core.Bytes(s.Frsize * s.Bavail)}, nil
}

// explain gives an error of a file operation its code; io.EOF stays what it is.
// It has the code Internal when nothing is known but that it failed.
func (f *Files) explain(name string, err error) error {
	var known *core.Error
	if err == nil || err == io.EOF || errors.As(err, &known) {
		return err
	}
	if reason := f.lost(); reason != nil {
		return reason
	}
	base := core.Escape(path.Base(name))
	wrap := func(code core.Code, format string) error {
		e := core.Errorf(code, format, base)
		e.Cause = err
		return e
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wrap(core.NotFound, "there is no file %s")
	case errors.Is(err, fs.ErrExist):
		return wrap(core.Exists, "%s exists already")
	case errors.Is(err, fs.ErrPermission):
		return wrap(core.Denied, "this user has no rights to %s")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		s, _ := f.links.space(path.Dir(name))
		return noSpace(name, s, err)
	case errors.Is(err, sftp.ErrSSHFxOpUnsupported):
		return wrap(core.Unsupported, "the host's SFTP server cannot do this with %s")
	case errors.Is(err, sftp.ErrSSHFxConnectionLost), errors.Is(err, io.ErrClosedPipe), errors.Is(err, os.ErrClosed), errors.Is(err, io.EOF):
		return wrap(core.Unreachable, "the connection was lost while using %s")
	}
	return wrap(core.Internal, "an operation on %s failed on the host")
}
