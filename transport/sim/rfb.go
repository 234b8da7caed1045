package sim

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Messages and encodings of RFB 3.8, as QEMU speaks it.
//
// Source: RFC 6143.
const (
	rfbVersion = "RFB 003.008\n"

	rfbSetPixelFormat, rfbSetEncodings, rfbUpdateRequest, rfbKeyEvent, rfbPointerEvent, rfbCutText = 0, 2, 3, 4, 5, 6

	encodingRaw         = 0
	encodingDesktopSize = -223

	hugeSide   = 65535
	maxCutText = 1 << 20
	// redraw is how often a viewer that waits for a change is looked after.
	redraw = 50 * time.Millisecond
)

var errRFB = errors.New("the viewer does not speak RFB")

// viewer is one VNC connection: the server's side of it.
type viewer struct {
	conn  net.Conn
	in    *bufio.Reader
	title string
	shows func() (*frame, error) // what the screen shows now; an error when the VM is off
	press func(keysym uint32)
	leave func() // called in the end
	huge  bool   // claims an absurd size

	format  pixelFormat
	resizes bool   // the viewer follows changes of the size
	seen    *frame // what the viewer has
	once    sync.Once
	over    chan struct{}
}

// request is what a viewer asks of the loop that draws.
type request struct {
	update, incremental bool
	format              *pixelFormat
	encodings           []int32
}

func newViewer(conn net.Conn) *viewer {
	return &viewer{conn: conn, in: bufio.NewReader(conn), format: defaultFormat(), over: make(chan struct{})}
}

// hangup ends the connection.
func (v *viewer) hangup(error) {
	v.once.Do(func() {
		close(v.over)
		v.conn.Close()
	})
}

// ended reports whether the connection is over.
func (v *viewer) ended() bool {
	select {
	case <-v.over:
		return true
	default:
		return false
	}
}

// serve speaks to the viewer until either side ends.
func (v *viewer) serve() {
	defer v.leave()
	defer v.hangup(nil)
	if err := v.handshake(); err != nil {
		return
	}
	requests := make(chan request)
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(requests)
		for {
			r, err := v.next()
			if err != nil {
				return
			}
			select {
			case requests <- r:
			case <-v.over:
				return
			}
		}
	})
	v.draw(requests)
	v.hangup(nil)
	reader.Wait()
}

// handshake is RFC 6143, 7.1 to 7.3, without any security.
func (v *viewer) handshake() error {
	if _, err := io.WriteString(v.conn, rfbVersion); err != nil {
		return err
	}
	version := make([]byte, len(rfbVersion))
	if _, err := io.ReadFull(v.in, version); err != nil {
		return err
	}
	if string(version[:7]) != rfbVersion[:7] {
		return errRFB
	}
	if _, err := v.conn.Write([]byte{1, 1}); err != nil { // one kind: none
		return err
	}
	if kind, err := v.in.ReadByte(); err != nil || kind != 1 {
		return errRFB
	}
	if _, err := v.conn.Write([]byte{0, 0, 0, 0}); err != nil { // it is fine
		return err
	}
	if _, err := v.in.ReadByte(); err != nil { // may others look too: always
		return err
	}
	f, err := v.shows()
	if err != nil {
		return err
	}
	w, h := f.width(), f.height()
	if v.huge {
		w, h = hugeSide, hugeSide
	}
	out := binary.BigEndian.AppendUint16(nil, uint16(w))
	out = binary.BigEndian.AppendUint16(out, uint16(h))
	out = append(out, v.format.bytes()...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(v.title)))
	_, err = v.conn.Write(append(out, v.title...))
	v.seen = newFrame(f.cols, f.rows)
	return err
}

// next reads one message of the viewer. Keys are pressed at once.
func (v *viewer) next() (request, error) {
	kind, err := v.in.ReadByte()
	if err != nil {
		return request{}, err
	}
	sizes := map[byte]int{rfbSetPixelFormat: 19, rfbSetEncodings: 3, rfbUpdateRequest: 9, rfbKeyEvent: 7, rfbPointerEvent: 5, rfbCutText: 7}
	body := make([]byte, sizes[kind])
	if _, err := io.ReadFull(v.in, body); err != nil {
		return request{}, err
	}
	switch kind {
	case rfbSetPixelFormat:
		f, ok := readFormat(body[3:])
		if !ok {
			return request{}, errRFB
		}
		return request{format: &f}, nil
	case rfbSetEncodings:
		list := make([]int32, binary.BigEndian.Uint16(body[1:]))
		return request{encodings: list}, binary.Read(v.in, binary.BigEndian, list)
	case rfbUpdateRequest:
		return request{update: true, incremental: body[0] != 0}, nil
	case rfbKeyEvent:
		v.key(body[0] != 0, binary.BigEndian.Uint32(body[3:]))
		return request{}, nil
	case rfbPointerEvent:
		return request{}, nil
	case rfbCutText:
		n := binary.BigEndian.Uint32(body[3:])
		if n > maxCutText {
			return request{}, errRFB
		}
		_, err := v.in.Discard(int(n))
		return request{}, err
	}
	return request{}, errRFB
}

// key passes on a key that goes down.
func (v *viewer) key(down bool, keysym uint32) {
	if !down {
		keysym |= released
	}
	v.press(keysym)
}

// draw answers requests for updates: a full one at once, an incremental one
// when something has changed.
func (v *viewer) draw(requests <-chan request) {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	var wanted *request
	for {
		select {
		case r, ok := <-requests:
			if !ok {
				return
			}
			v.set(r)
			if r.update {
				if wanted != nil && !wanted.incremental {
					r.incremental = false
				}
				wanted = &r
			}
		case <-tick.C:
		case <-v.over:
			return
		}
		if wanted == nil {
			continue
		}
		sent, err := v.update(wanted.incremental)
		if err != nil {
			return
		}
		if sent {
			wanted = nil
		}
	}
}

func (v *viewer) set(r request) {
	if r.format != nil {
		v.format = *r.format
	}
	for _, e := range r.encodings {
		v.resizes = v.resizes || e == encodingDesktopSize
	}
}

// update sends what has changed; false when nothing has.
func (v *viewer) update(incremental bool) (sent bool, err error) {
	f, err := v.shows()
	if err != nil {
		return false, err
	}
	if f.cols != v.seen.cols || f.rows != v.seen.rows {
		if !v.resizes {
			f = fit(f, v.seen.cols, v.seen.rows)
		} else {
			v.seen = newFrame(f.cols, f.rows)
			return true, v.send([]rect{{w: f.width(), h: f.height(), encoding: encodingDesktopSize}})
		}
	}
	if v.huge {
		return true, v.send([]rect{{w: hugeSide, h: hugeSide}})
	}
	var rects []rect
	for row := range f.rows {
		if incremental && sameLine(f.line(row), v.seen.line(row)) {
			continue
		}
		rects = append(rects, rect{y: row * cellHeight, w: f.width(), h: cellHeight, pixels: v.format.encode(f.paint(row, row+1))})
	}
	if len(rects) == 0 {
		return false, nil
	}
	v.seen = f
	return true, v.send(rects)
}

// rect is a part of an update.
type rect struct {
	y, w, h  int
	encoding int32
	pixels   []byte
}

// send sends one update.
func (v *viewer) send(rects []rect) error {
	out := binary.BigEndian.AppendUint16([]byte{0, 0}, uint16(len(rects)))
	for _, r := range rects {
		for _, n := range []int{0, r.y, r.w, r.h} {
			out = binary.BigEndian.AppendUint16(out, uint16(n))
		}
		out = binary.BigEndian.AppendUint32(out, uint32(r.encoding))
		out = append(out, r.pixels...)
	}
	_, err := v.conn.Write(out)
	return err
}

func sameLine(a, b []cell) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// fit cuts or fills a frame for a viewer that cannot change its size.
func fit(f *frame, cols, rows int) *frame {
	out := newFrame(cols, rows)
	for row := range min(rows, f.rows) {
		copy(out.line(row), f.line(row))
	}
	return out
}
