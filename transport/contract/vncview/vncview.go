// Package vncview looks at a VNC server for tests, as a person would: it asks for
// the screen, keeps a picture of it, and presses keys. It knows raw pixels and
// changes of the size only.
package vncview

import (
	"bufio"
	"crypto/des"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math/bits"
	"net"
	"time"
)

// View is a look at one screen. It is used by one goroutine.
type View struct {
	conn net.Conn
	in   *bufio.Reader
	// Name is what the server calls itself.
	Name string
	// Screen is the picture as of the last [View.Update].
	Screen *image.RGBA
	// Resized counts the changes of the screen's size.
	Resized int
}

// pixelFormat asks for 32 bits, red first.
var pixelFormat = []byte{0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0}

// Open shakes hands; password may be "" where the server asks for none. Source:
// RFC 6143.
func Open(conn net.Conn, password string) (*View, error) {
	v := &View{conn: conn, in: bufio.NewReader(conn)}
	version := make([]byte, 12)
	if _, err := io.ReadFull(v.in, version); err != nil {
		return nil, fmt.Errorf("read the version: %w", err)
	}
	if _, err := conn.Write(version); err != nil {
		return nil, err
	}
	if err := v.authenticate(password); err != nil {
		return nil, err
	}
	if _, err := conn.Write([]byte{1}); err != nil { // others may look too
		return nil, err
	}
	var head struct {
		Width, Height uint16
		Format        [16]byte
		Name          uint32
	}
	if err := binary.Read(v.in, binary.BigEndian, &head); err != nil {
		return nil, fmt.Errorf("read the screen's size: %w", err)
	}
	name := make([]byte, min(head.Name, 4096))
	if _, err := io.ReadFull(v.in, name); err != nil {
		return nil, err
	}
	v.Name = string(name)
	v.resize(int(head.Width), int(head.Height))
	encodings := []byte{2, 0, 0, 2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x21} // raw, DesktopSize
	_, err := conn.Write(append(pixelFormat, encodings...))
	return v, err
}

// authenticate answers without security, or with VNC's password.
func (v *View) authenticate(password string) error {
	n, err := v.in.ReadByte()
	if err != nil {
		return err
	}
	kinds := make([]byte, n)
	if _, err := io.ReadFull(v.in, kinds); err != nil || n == 0 {
		return fmt.Errorf("the server refuses us: %w", err)
	}
	if _, err := v.conn.Write(kinds[:1]); err != nil {
		return err
	}
	switch kinds[0] {
	case 1:
	case 2:
		challenge := make([]byte, 16)
		if _, err := io.ReadFull(v.in, challenge); err != nil {
			return err
		}
		if _, err := v.conn.Write(answer(challenge, password)); err != nil {
			return err
		}
	default:
		return fmt.Errorf("the server wants security of kind %d", kinds[0])
	}
	var result uint32
	if err := binary.Read(v.in, binary.BigEndian, &result); err != nil || result != 0 {
		return fmt.Errorf("the server did not let us in (%d): %w", result, err)
	}
	return nil
}

// answer encrypts a challenge: DES with the password's bits turned round.
func answer(challenge []byte, password string) []byte {
	key := make([]byte, 8)
	copy(key, password)
	for i := range key {
		key[i] = bits.Reverse8(key[i])
	}
	block, err := des.NewCipher(key)
	if err != nil {
		panic(err) // a key of 8 bytes is always right
	}
	out := make([]byte, 16)
	block.Encrypt(out, challenge)
	block.Encrypt(out[8:], challenge[8:])
	return out
}

func (v *View) resize(w, h int) { v.Screen = image.NewRGBA(image.Rect(0, 0, w, h)) }

// Update asks for the screen, or with incremental for what changed, waits for
// the answer until deadline, and draws it.
func (v *View) Update(incremental bool, deadline time.Time) error {
	if err := v.conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	b := v.Screen.Bounds()
	ask := []byte{3, 0, 0, 0, 0, 0}
	if incremental {
		ask[1] = 1
	}
	ask = binary.BigEndian.AppendUint16(ask, uint16(b.Dx()))
	ask = binary.BigEndian.AppendUint16(ask, uint16(b.Dy()))
	if _, err := v.conn.Write(ask); err != nil {
		return err
	}
	for {
		kind, err := v.in.ReadByte()
		switch {
		case err != nil:
			return err
		case kind == 0:
			return v.draw()
		case kind == 2: // the bell
		default:
			return fmt.Errorf("a message of kind %d", kind)
		}
	}
}

func (v *View) draw() error {
	var head struct {
		_     uint8
		Rects uint16
	}
	if err := binary.Read(v.in, binary.BigEndian, &head); err != nil {
		return err
	}
	for range head.Rects {
		var r struct {
			X, Y, W, H uint16
			Encoding   int32
		}
		if err := binary.Read(v.in, binary.BigEndian, &r); err != nil {
			return err
		}
		switch r.Encoding {
		case 0:
			for y := range int(r.H) {
				at := v.Screen.PixOffset(int(r.X), int(r.Y)+y)
				if at < 0 || at+4*int(r.W) > len(v.Screen.Pix) {
					return fmt.Errorf("a rectangle beyond the screen: %+v", r)
				}
				if _, err := io.ReadFull(v.in, v.Screen.Pix[at:at+4*int(r.W)]); err != nil {
					return err
				}
			}
		case -223:
			v.resize(int(r.W), int(r.H))
			v.Resized++
		default:
			return fmt.Errorf("the encoding %d", r.Encoding)
		}
	}
	return nil
}

// Press presses a key and lets it go: an X keysym.
func (v *View) Press(keysym uint32) error {
	if err := v.Hold(keysym, true); err != nil {
		return err
	}
	return v.Hold(keysym, false)
}

// Hold presses a key, or lets it go.
func (v *View) Hold(keysym uint32, down bool) error {
	message := []byte{4, 0, 0, 0}
	if down {
		message[1] = 1
	}
	_, err := v.conn.Write(binary.BigEndian.AppendUint32(message, keysym))
	return err
}

// Lit returns how many pixels are not black.
func (v *View) Lit() int {
	n := 0
	for i := 0; i < len(v.Screen.Pix); i += 4 {
		if v.Screen.Pix[i]|v.Screen.Pix[i+1]|v.Screen.Pix[i+2] != 0 {
			n++
		}
	}
	return n
}
