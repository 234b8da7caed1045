package sim

import (
	"image"
	"image/color"

	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// A cell of a text screen is so many pixels wide and high.
const cellWidth, cellHeight = 8, 16

// cell is one character on the screen.
type cell struct {
	r     rune
	style style
}

// style is how a character looks.
type style byte

const (
	plain style = iota
	bright
	good   // green
	banner // dark on light
)

// frame is a screen full of text at one moment.
type frame struct {
	cols, rows int
	cells      []cell
}

func newFrame(cols, rows int) *frame {
	return &frame{cols: cols, rows: rows, cells: make([]cell, cols*rows)}
}

// width and height are in pixels.
func (f *frame) width() int  { return f.cols * cellWidth }
func (f *frame) height() int { return f.rows * cellHeight }

// write puts text at a place; what does not fit is cut.
func (f *frame) write(col, row int, text string, s style) {
	if row < 0 || row >= f.rows {
		return
	}
	for _, r := range text {
		if col >= f.cols {
			return
		}
		f.cells[row*f.cols+col] = cell{r, s}
		col++
	}
}

// line returns the cells of one row.
func (f *frame) line(row int) []cell { return f.cells[row*f.cols : (row+1)*f.cols] }

// colours returns what a style is drawn in.
func (s style) colours() (ink, paper color.RGBA) {
	black, grey := color.RGBA{0, 0, 0, 255}, color.RGBA{170, 170, 170, 255}
	switch s {
	case bright:
		return color.RGBA{255, 255, 255, 255}, black
	case good:
		return color.RGBA{85, 255, 85, 255}, black
	case banner:
		return black, grey
	}
	return grey, black
}

// paint draws rows from…to of the frame, one below the other.
func (f *frame) paint(from, to int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, f.width(), (to-from)*cellHeight))
	for row := from; row < to; row++ {
		for col, c := range f.line(row) {
			drawCell(img, col*cellWidth, (row-from)*cellHeight, c)
		}
	}
	return img
}

// drawCell draws one character with its background.
func drawCell(img *image.RGBA, x0, y0 int, c cell) {
	ink, paper := c.style.colours()
	for y := y0; y < y0+cellHeight; y++ {
		for x := x0; x < x0+cellWidth; x++ {
			img.SetRGBA(x, y, paper)
		}
	}
	if c.r <= ' ' {
		return
	}
	baseline := fixed.P(x0, y0+basicfont.Face7x13.Ascent+1)
	box, mask, at, _, ok := basicfont.Face7x13.Glyph(baseline, c.r)
	if !ok {
		return
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if _, _, _, a := mask.At(at.X+x-box.Min.X, at.Y+y-box.Min.Y).RGBA(); a > 0x7fff {
				img.SetRGBA(x, y, ink)
			}
		}
	}
}
