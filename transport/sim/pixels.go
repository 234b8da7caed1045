package sim

import (
	"encoding/binary"
	"image"
)

// pixelFormat is how a VNC viewer wants its pixels: true colour only.
//
// Source: RFC 6143, 7.4.
type pixelFormat struct {
	bits      int // of a pixel: 8, 16 or 32
	depth     byte
	bigEndian bool
	max       [3]uint16 // of red, green and blue
	shift     [3]byte
}

// defaultFormat is QEMU's: 32 bits, blue first.
func defaultFormat() pixelFormat {
	return pixelFormat{bits: 32, depth: 24, max: [3]uint16{255, 255, 255}, shift: [3]byte{16, 8, 0}}
}

// bytes is the format as it travels.
func (p pixelFormat) bytes() []byte {
	out := []byte{byte(p.bits), p.depth, 0, 1}
	if p.bigEndian {
		out[2] = 1
	}
	for _, m := range p.max {
		out = binary.BigEndian.AppendUint16(out, m)
	}
	out = append(out, p.shift[:]...)
	return append(out, 0, 0, 0)
}

// readFormat reads what a viewer asks for; false for what cannot be drawn.
func readFormat(b []byte) (pixelFormat, bool) {
	p := pixelFormat{bits: int(b[0]), depth: b[1], bigEndian: b[2] != 0}
	for i := range 3 {
		p.max[i] = binary.BigEndian.Uint16(b[4+2*i:])
		p.shift[i] = b[10+i]
	}
	fits := p.shift[0] < 32 && p.shift[1] < 32 && p.shift[2] < 32
	return p, fits && b[3] != 0 && (p.bits == 8 || p.bits == 16 || p.bits == 32)
}

// encode turns a picture into raw pixels.
func (p pixelFormat) encode(img *image.RGBA) []byte {
	size := p.bits / 8
	out := make([]byte, 0, len(img.Pix)/4*size)
	var order binary.AppendByteOrder = binary.LittleEndian
	if p.bigEndian {
		order = binary.BigEndian
	}
	for i := 0; i < len(img.Pix); i += 4 {
		var n uint32
		for c := range 3 {
			n |= uint32(img.Pix[i+c]) * uint32(p.max[c]) / 255 << p.shift[c]
		}
		switch size {
		case 1:
			out = append(out, byte(n))
		case 2:
			out = order.AppendUint16(out, uint16(n))
		default:
			out = order.AppendUint32(out, n)
		}
	}
	return out
}
