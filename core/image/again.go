package image

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/image/header"
)

// front is how much of the beginning of an image holds all that its header says.
const front = 1 << 20

// checkAgain looks at the header of what is really sent: a file may have changed
// since it was planned, and a hostile server may show one header to who looks
// at it and send another, with a backing file of the host's. It returns the
// whole stream.
func checkAgain(r io.Reader, size core.Bytes, planned header.Format) (io.Reader, error) {
	start := make([]byte, min(size, front))
	n, err := io.ReadFull(r, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the image: %w", err)
	}
	start = start[:n]
	if core.Bytes(n) == min(size, front) { // what is cut off is told by who counts
		info, err := header.Read(beginning(start), int64(size))
		if err == nil {
			err = info.Check()
		}
		if err == nil && info.Format != planned {
			err = core.Errorf(core.BadImage, "the image has changed since it was looked at: it was %s and is %s", planned, info.Format).WithHint("try again, and mistrust its source")
		}
		if err != nil {
			return nil, err
		}
	}
	return io.MultiReader(bytes.NewReader(start), r), nil
}

// beginning is an image of which only the beginning is known; the rest is zeros.
type beginning []byte

// ReadAt implements [io.ReaderAt].
func (b beginning) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(b)) {
		copy(p, b[off:])
	}
	return len(p), nil
}
