package console

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

// ppm makes a picture whose pixels tell where they are.
func ppm(w, h int) []byte {
	out := fmt.Appendf(nil, "P6\n%d %d\n255\n", w, h)
	for y := range h {
		for x := range w {
			out = append(out, byte(x), byte(y), byte(x+y))
		}
	}
	return out
}

func TestDecode(t *testing.T) {
	var asPNG bytes.Buffer
	gradient := image.NewRGBA(image.Rect(0, 0, 70, 20))
	gradient.Set(69, 19, color.RGBA{69, 19, 88, 255})
	if err := png.Encode(&asPNG, gradient); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"PPM": ppm(70, 20), "PPM with comments": append([]byte("P6 # QEMU\n#\n70\t20 255\n"), ppm(70, 20)[13:]...),
		"PPM with more behind it": append(ppm(70, 20), 0), "PNG": asPNG.Bytes(),
	} {
		t.Run(name, func(t *testing.T) {
			img, err := Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if b := img.Bounds(); b.Dx() != 70 || b.Dy() != 20 {
				t.Errorf("it has %v", b)
			}
			if r, g, b, _ := img.At(69, 19).RGBA(); r>>8 != 69 || g>>8 != 19 || b>>8 != 88 {
				t.Errorf("the last pixel is %v", img.At(69, 19))
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	huge := new(bytes.Buffer)
	if err := png.Encode(huge, image.NewGray(image.Rect(0, 0, maxSide+1, 1))); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ data, want string }{
		"nothing":                  {"", "neither"},
		"a JPEG":                   {"\xff\xd8\xff\xe0\x00\x10JFIF", "neither"},
		"ASCII PPM":                {"P3\n1 1\n255\n0 0 0\n", "neither"},
		"a width over the limit":   {"P6\n8193 1\n255\n", "8193 × 1"},
		"too many pixels":          {"P6\n8192 8192\n255\n", "8192 × 8192"},
		"a size to overflow":       {"P6\n99999999999999999999 1\n255\n", "broken"},
		"no pixels":                {"P6\n0 5\n255\n", "0 × 5"},
		"negative":                 {"P6\n-5 5\n255\n", "broken"},
		"16 bits":                  {"P6\n1 1\n65535\n000000", "8 bits"},
		"cut in the header":        {"P6\n10", "cut"},
		"cut in the pixels":        {string(ppm(70, 20)[:1000]), "cut"},
		"white space without end":  {"P6" + strings.Repeat(" ", 5000), "broken"},
		"a comment without end":    {"P6#" + strings.Repeat("x", 5000), "broken"},
		"a PNG over the limit":     {huge.String(), "8193 × 1"},
		"a PNG without a picture":  {"\x89PNG\r\n\x1a\n", "broken PNG"},
		"a large claim, no pixels": {"P6\n7680 4320\n255\n", "cut"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(strings.NewReader(c.data))
			if core.CodeOf(err) != core.Unsupported || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a refusal with %q", err, c.want)
			}
		})
	}
}

func TestDecodeGivesTheReadersError(t *testing.T) {
	gone := errors.New("gone")
	for _, n := range []int{0, 5, 500} {
		r := io.MultiReader(bytes.NewReader(ppm(70, 20)[:n]), &failing{gone})
		if _, err := Decode(r); !errors.Is(err, gone) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func TestShrinkKeepsProportions(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 1280, 800))
	for _, c := range []struct{ max, w, h int }{{0, 1280, 800}, {2000, 1280, 800}, {320, 320, 200}, {1, 1, 1}} {
		if b := Shrink(img, c.max).Bounds(); b.Dx() != c.w || b.Dy() != c.h {
			t.Errorf("to %d: %v", c.max, b)
		}
	}
}

func BenchmarkThumbnail(b *testing.B) {
	data := ppm(1280, 800)
	for b.Loop() {
		img, err := Decode(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := EncodePNG(Shrink(img, 320)); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(ppm(3, 2))
	f.Add([]byte("P6 #\n8 8 255 "))
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 3, 3))); err != nil {
		f.Fatal(err)
	}
	f.Add(small.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := Decode(bytes.NewReader(data))
		if err != nil {
			if core.CodeOf(err) != core.Unsupported {
				t.Errorf("an error of code %s: %v", core.CodeOf(err), err)
			}
			return
		}
		out, err := EncodePNG(Shrink(img, 2))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Decode(bytes.NewReader(out)); err != nil || again.Bounds().Dx() > 2 {
			t.Errorf("our own PNG: %v", err)
		}
	})
}
