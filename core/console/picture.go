package console

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"

	"golang.org/x/image/draw"

	"github.com/limiquantix/limiquantix/core"
)

// Limits of a screen's picture. A screen of 7680 × 4320 pixels is the largest
// that there is to buy.
const (
	maxSide   = 8192
	maxPixels = 7680 * 4320
	maxPNG    = 64 << 20 // bytes
)

// Decode reads the picture of a screen as QEMU gives it: PPM (P6 with 8 bits) or
// PNG, at most 8192 pixels in either direction. What follows the picture is not
// read.
//
// Errors: [core.Unsupported] for another format, a picture over the limits or
// one that is cut; what r gives as it is.
func Decode(r io.Reader) (image.Image, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	magic, err := in.Peek(8)
	switch {
	case bytes.Equal(magic, []byte("\x89PNG\r\n\x1a\n")):
		return decodePNG(in)
	case len(magic) > 2 && magic[0] == 'P' && magic[1] == '6':
		return decodePPM(in)
	case err != nil && err != io.EOF:
		return nil, err
	}
	return nil, badPicture("is neither PPM nor PNG")
}

func badPicture(why string) *core.Error {
	return core.Errorf(core.Unsupported, "the host's picture of the screen %s", why)
}

// checkSize refuses a size before memory is taken for it.
func checkSize(w, h int) error {
	if w < 1 || h < 1 || w > maxSide || h > maxSide || w*h > maxPixels {
		return badPicture(fmt.Sprintf("claims a size of %d × %d", w, h))
	}
	return nil
}

func decodePNG(r io.Reader) (image.Image, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPNG+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxPNG {
		return nil, badPicture("is over " + core.Bytes(maxPNG).String())
	}
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err == nil {
		if err := checkSize(c.Width, c.Height); err != nil {
			return nil, err
		}
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		e := badPicture("is a broken PNG")
		e.Cause = err
		return nil, e
	}
	return img, nil
}

// decodePPM reads rows as they come, so that only the picture itself is held.
//
// Source: netpbm, ppm(5).
func decodePPM(r *bufio.Reader) (image.Image, error) {
	if _, err := r.Discard(len("P6")); err != nil {
		return nil, err
	}
	var head [3]int // width, height, largest value
	for i := range head {
		n, err := number(r)
		if err != nil {
			return nil, err
		}
		head[i] = n
	}
	if err := checkSize(head[0], head[1]); err != nil {
		return nil, err
	}
	if head[2] != 255 {
		return nil, badPicture("has other than 8 bits for a colour")
	}
	img := &image.RGBA{Rect: image.Rect(0, 0, head[0], head[1]), Stride: 4 * head[0]}
	row := make([]byte, 3*head[0])
	for range head[1] { // memory is taken as data comes, not as the header claims
		if _, err := io.ReadFull(r, row); err != nil {
			return nil, cut(err)
		}
		for x := 0; x < len(row); x += 3 {
			img.Pix = append(img.Pix, row[x], row[x+1], row[x+2], 0xff)
		}
	}
	return img, nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return badPicture("is cut")
	}
	return err
}

// number reads white space and comments, a decimal number, and the one byte of
// white space after it.
func number(r *bufio.Reader) (int, error) {
	n, digits := 0, 0
	for skipped := 0; skipped < 1024; skipped++ {
		b, err := r.ReadByte()
		switch {
		case err != nil:
			return 0, cut(err)
		case b >= '0' && b <= '9' && digits < 6:
			n, digits = 10*n+int(b-'0'), digits+1
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			if digits > 0 {
				return n, nil
			}
		case b == '#' && digits == 0:
			for b != '\n' && skipped < 1024 {
				if b, err = r.ReadByte(); err != nil {
					return 0, cut(err)
				}
				skipped++
			}
		default:
			return 0, badPicture("is a broken PPM")
		}
	}
	return 0, badPicture("is a broken PPM")
}

// Shrink returns img scaled down to maxWidth pixels of width, its proportions
// kept; img itself when it is not wider or maxWidth is 0.
func Shrink(img image.Image, maxWidth int) image.Image {
	b := img.Bounds()
	if maxWidth <= 0 || b.Dx() <= maxWidth {
		return img
	}
	out := image.NewRGBA(image.Rect(0, 0, maxWidth, max(1, b.Dy()*maxWidth/b.Dx())))
	// When it shrinks, the kernel spans all pixels that go into one.
	draw.BiLinear.Scale(out, out.Bounds(), img, b, draw.Src, nil)
	return out
}

// EncodePNG returns img as PNG, quickly rather than small: it mostly goes to a
// window on the same computer.
func EncodePNG(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&out, img); err != nil {
		return nil, core.Errorf(core.Internal, "encode the picture: %w", err)
	}
	return out.Bytes(), nil
}
