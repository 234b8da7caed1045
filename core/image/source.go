package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/image/header"
)

// source is a disk image somewhere: a file of this computer, or a URL.
type source struct {
	name string // last part of its path
	size core.Bytes
	info header.Info
	// open starts reading it from the beginning.
	open func(ctx context.Context) (io.ReadCloser, error)
}

// probe looks at an image's size and header without reading it whole.
func probe(ctx context.Context, client *http.Client, where string) (source, error) {
	if u, err := url.Parse(where); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		return probeURL(ctx, client, u)
	}
	if strings.Contains(where, "://") {
		return source{}, core.Errorf(core.Invalid, "images can be read from files and from http and https addresses").WithHint("download it first")
	}
	return probeFile(where)
}

func probeFile(path string) (source, error) {
	st, err := os.Stat(path) // before it is opened: opening a pipe waits for its writer
	if err != nil {
		return source{}, fileError(path, err)
	}
	if !st.Mode().IsRegular() {
		return source{}, core.Errorf(core.BadImage, "%s is not a file", core.Printable(filepath.Base(path), 80)).WithHint("name the image file itself")
	}
	f, err := os.Open(path)
	if err != nil {
		return source{}, fileError(path, err)
	}
	defer f.Close()
	info, err := read(f, st.Size())
	return source{
		name: filepath.Base(path), size: core.Bytes(st.Size()), info: info,
		open: func(context.Context) (io.ReadCloser, error) { return os.Open(path) },
	}, err
}

func fileError(path string, err error) error {
	name := core.Printable(filepath.Base(path), 80)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return core.Errorf(core.NotFound, "there is no file %s", name).WithHint("the file is looked for on the computer where limiquantix runs")
	case errors.Is(err, os.ErrPermission):
		return core.Errorf(core.Denied, "the file %s may not be read", name).WithHint("allow your user to read it: chmod u+r")
	}
	return core.Errorf(core.BadImage, "the file %s cannot be read", name).WithHint("the disk that it is on may be damaged or gone")
}

// read reads a header and refuses images that may not be used.
func read(r io.ReaderAt, size int64) (header.Info, error) {
	info, err := header.Read(r, size)
	if err != nil {
		return info, err
	}
	return info, info.Check()
}

func probeURL(ctx context.Context, client *http.Client, u *url.URL) (source, error) {
	if u.User != nil {
		return source{}, core.Errorf(core.Invalid, "an image's address must not hold a password").WithHint("download the image, then add the file")
	}
	r := &remote{ctx: ctx, client: client, url: u.String()}
	size, err := r.length()
	if err != nil {
		return source{}, err
	}
	info, err := read(r, size)
	if r.err != nil {
		err = r.err // what the network said, rather than what the header reader made of it
	}
	name := filepath.Base(u.Path)
	if name == "/" || name == "." {
		name = "image"
	}
	return source{name: name, size: core.Bytes(size), info: info, open: r.open}, err
}

// headerLimit bounds the time for looking at a remote image's header.
const headerLimit = time.Minute

// remote reads parts of a URL by Range requests.
type remote struct {
	ctx    context.Context // of one probe; open has its own
	client *http.Client
	url    string
	err    error
}

func (r *remote) get(ctx context.Context, method, rng string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.url, nil)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "the address is not valid")
	}
	if rng != "" {
		req.Header.Set("Range", rng)
	}
	req.Header.Set("Accept-Encoding", "identity")
	res, err := r.client.Do(req)
	if err != nil {
		return nil, unanswered(req.URL.Host, err)
	}
	if res.StatusCode == http.StatusOK || res.StatusCode == http.StatusPartialContent {
		return res, nil
	}
	res.Body.Close()
	code, hint := core.Unreachable, "try again later, or get the image from another place"
	switch res.StatusCode {
	case http.StatusNotFound, http.StatusGone:
		code, hint = core.NotFound, "is the address right? images are often renamed when a new one is made"
	case http.StatusUnauthorized, http.StatusForbidden:
		code, hint = core.Denied, "download it with the rights that you have there, then add the file"
	}
	return nil, core.Errorf(code, "the server %s answers %s", req.URL.Host, res.Status).WithHint("%s", hint)
}

// unanswered is the error of a request without a response. What net/http says
// begins with the method and the whole address, which the user knows.
func unanswered(host string, err error) error {
	why := err
	if u := new(url.Error); errors.As(err, &u) {
		why = u.Err
	}
	e := core.Errorf(core.Unreachable, "the server %s does not answer: %s", host, why)
	e.Cause = err
	return e.WithHint("is the address right, and is the network up? A proxy is taken from HTTPS_PROXY")
}

func (r *remote) length() (int64, error) {
	ctx, cancel := context.WithTimeout(r.ctx, headerLimit)
	defer cancel()
	res, err := r.get(ctx, http.MethodHead, "")
	if err != nil {
		return 0, err
	}
	res.Body.Close()
	if res.ContentLength <= 0 {
		return 0, core.Errorf(core.Unsupported, "the server does not say how large the image is").WithHint("download it first, then add the file")
	}
	return res.ContentLength, nil
}

// ReadAt implements io.ReaderAt for the header reader. A server without Range
// support serves reads near the beginning only.
func (r *remote) ReadAt(b []byte, off int64) (int, error) {
	ctx, cancel := context.WithTimeout(r.ctx, headerLimit)
	defer cancel()
	res, err := r.get(ctx, http.MethodGet, fmt.Sprintf("bytes=%d-%d", off, off+int64(len(b))-1))
	if err != nil {
		r.err = err
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		const near = 1 << 20
		if off > near {
			r.err = core.Errorf(core.Unsupported, "the server cannot send parts of the image").WithHint("download it first, then add the file")
			return 0, r.err
		}
		if _, err := io.CopyN(io.Discard, res.Body, off); err != nil {
			return 0, err
		}
	}
	n, err := io.ReadFull(res.Body, b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

func (r *remote) open(ctx context.Context) (io.ReadCloser, error) {
	res, err := r.get(ctx, http.MethodGet, "")
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}
