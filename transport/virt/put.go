package virt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/storage"
)

// copyBlock is how much of an upload is read at once and reported.
const copyBlock = 1 << 20

// partName is what an upload is called until it is whole.
func partName(token string) string { return ".lqx-" + token + ".part" }

func isPart(name string) bool {
	return strings.HasPrefix(name, ".lqx-") && strings.HasSuffix(name, ".part")
}

// checkUpload refuses names that could leave the pool's directory.
func checkUpload(u storage.Upload) error {
	if err := core.CheckFile("volume name", u.Name); err != nil {
		return err
	}
	if !regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`).MatchString(u.Token) {
		return core.Errorf(core.Invalid, "the upload's token %s is not made of letters and digits", core.Printable(u.Token, 60))
	}
	if u.Size < 0 {
		return core.Errorf(core.Invalid, "the upload's size is negative")
	}
	return nil
}

// PutVolume streams a new volume into a pool: see [storage.VolumeWriter].
func (c *Conn) PutVolume(ctx context.Context, u storage.Upload, r io.Reader) error {
	if err := checkUpload(u); err != nil {
		return err
	}
	what := "upload " + core.Printable(u.Name, 60)
	if u.Progress == nil {
		u.Progress = func(core.Bytes) {}
	}
	pool, err := c.poolForUpload(ctx, u)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	switch _, err := c.Volume(ctx, u.Pool, u.Name); core.CodeOf(err) {
	case "":
		return core.Errorf(core.Exists, "%s: pool %s has a volume of that name", what, core.Printable(u.Pool, 60))
	case core.NotFound:
	default:
		return err
	}
	if c.o.Files == nil || pool.Path == "" || pool.Type != "dir" && pool.Type != "netfs" && pool.Type != "fs" {
		return c.putByLibvirt(ctx, what, u, r)
	}
	files, err := c.o.Files(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if files == nil {
		return c.putByLibvirt(ctx, what, u, r)
	}
	bound, free := c.bind(ctx)
	defer free()
	if err := putFile(bound, files, pool.Path, what, u, r); err != nil {
		if ended := c.Err(); ended != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w", what, ended)
		}
		return err
	}
	return c.RefreshPool(ctx, u.Pool)
}

// bind returns a context that ends with the connection too, so that an upload
// does not go on for hours which nobody will refresh the pool for.
func (c *Conn) bind(ctx context.Context) (bound context.Context, free func()) {
	bound, cancel := context.WithCancel(ctx)
	remove := c.streams.add(cancel)
	return bound, func() {
		remove()
		cancel()
	}
}

// poolForUpload reads the pool and refuses one that is too full.
func (c *Conn) poolForUpload(ctx context.Context, u storage.Upload) (x poolXML, err error) {
	lib, err := c.findPool(ctx, u.Pool)
	if err != nil {
		return x, err
	}
	x, err = c.poolXML(ctx, lib)
	if err == nil && x.Available.Value < u.Size {
		err = noSpace(u.Pool, u.Size, x.Available.Value)
	}
	return x, err
}

func noSpace(pool string, needed, free core.Bytes) error {
	return core.Errorf(core.NoSpace, "pool %s has %s free, %s are needed", core.Printable(pool, 60), max(free, 0), needed).
		WithDetail("needed", needed.Exact()).WithDetail("free", max(free, 0).Exact())
}

// fileMode: QEMU opens images as its own user. libvirt gives it the disks of a
// VM, but base images are shared and stay readable for all; what is neither
// (a seed ISO holds password hashes) is for root and libvirt only.
func fileMode(u storage.Upload) fs.FileMode {
	if u.Format == "iso" && strings.HasSuffix(u.Name, "-seed.iso") {
		return 0o600
	}
	return 0o644
}

// putFile writes the part file, checks it, and gives it its name.
func putFile(ctx context.Context, files Files, dir, what string, u storage.Upload, r io.Reader) (err error) {
	part := path.Join(dir, partName(u.Token))
	if free, err := files.Free(dir); err == nil && free < u.Size {
		return fmt.Errorf("%s: %w", what, noSpace(u.Pool, u.Size, free))
	}
	f, err := files.Create(part, fileMode(u))
	if err != nil {
		return fileError(what, err)
	}
	defer func() {
		if err != nil {
			_ = files.Remove(part)
		}
	}()
	err = copyUpload(ctx, f, u, r)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		return fullOr(files, dir, what, u, err)
	}
	if info, err := files.Lstat(part); err != nil || !info.Mode().IsRegular() || core.Bytes(info.Size()) != u.Size {
		return core.Errorf(core.Conflict, "%s: the file on the host is not what was written", what)
	}
	if err := files.Rename(part, path.Join(dir, u.Name)); err != nil {
		return fileError(what, err)
	}
	return nil
}

// fullOr names a full disk, which SFTP calls just "failure".
func fullOr(files Files, dir, what string, u storage.Upload, err error) error {
	var source *sourceError
	if errors.As(err, &source) || core.CodeOf(err) == core.Canceled {
		return fmt.Errorf("%s: %w", what, err)
	}
	if free, statErr := files.Free(dir); statErr == nil && free < copyBlock {
		return fmt.Errorf("%s: %w", what, noSpace(u.Pool, u.Size, free))
	}
	return fileError(what, err)
}

// fileError makes core's error of a file system's.
func fileError(what string, err error) error {
	code := core.Internal
	switch {
	case core.CodeOf(err) != core.Internal:
		return fmt.Errorf("%s: %w", what, err)
	case errors.Is(err, fs.ErrExist):
		code = core.Exists
	case errors.Is(err, fs.ErrPermission):
		code = core.Denied
	case errors.Is(err, fs.ErrNotExist):
		code = core.NotFound
	}
	return core.Errorf(code, "%s: the host's file system: %w", what, err)
}

// sourceError is a fault of what is uploaded, not of the host.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// copyUpload copies exactly u.Size bytes and reports how far it is.
func copyUpload(ctx context.Context, w io.Writer, u storage.Upload, r io.Reader) error {
	buf := make([]byte, min(copyBlock, max(u.Size, 1)))
	for done := core.Bytes(0); done < u.Size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.ReadFull(r, buf[:min(core.Bytes(len(buf)), u.Size-done)])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return &sourceError{core.Errorf(core.BadImage, "the source ended after %s of %s: it was cut", done+core.Bytes(n), u.Size).WithHint("try again")}
		}
		if err != nil {
			return &sourceError{err}
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		done += core.Bytes(n)
		u.Progress(done)
	}
	return nil
}

// DiscardUpload removes what an interrupted PutVolume left.
func (c *Conn) DiscardUpload(ctx context.Context, u storage.Upload) error {
	if err := checkUpload(u); err != nil {
		return err
	}
	what := "discard the upload of " + core.Printable(u.Name, 60)
	if c.o.Files == nil {
		return c.discardByLibvirt(ctx, u)
	}
	lib, err := c.findPool(ctx, u.Pool)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	pool, err := c.poolXML(ctx, lib)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	files, err := c.o.Files(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if files == nil {
		return c.discardByLibvirt(ctx, u)
	}
	err = files.Remove(path.Join(pool.Path, partName(u.Token)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileError(what, err)
	}
	return nil
}
