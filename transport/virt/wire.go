package virt

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"unicode"

	"github.com/limiquantix/limiquantix/core"
)

// Limits and numbers of libvirt's RPC protocol.
const (
	headerSize = 28       // the length word and six header words
	maxFrame   = 32 << 20 // VIR_NET_MESSAGE_MAX
	likely     = 64 << 10 // room that a packet gets on its header's word

	programRemote    = 0x20008086
	programKeepAlive = 0x6b656570

	typeCall, typeReply, typeMessage, typeStream = 0, 1, 2, 3
	statusOK, statusError, statusContinue        = 0, 1, 2

	pingProc, pongProc = 1, 2
)

// frame is one packet. Payload is what follows the header.
type frame struct {
	program, proc, kind uint32
	serial              uint32
	status              uint32
	payload             []byte
}

// bytes is the packet as it travels.
func (f frame) bytes() []byte {
	b := make([]byte, headerSize, headerSize+len(f.payload))
	for i, word := range []uint32{uint32(headerSize + len(f.payload)), f.program, 1, f.proc, f.kind, f.serial, f.status} {
		binary.BigEndian.PutUint32(b[4*i:], word)
	}
	return append(b, f.payload...)
}

// parseFrame reads a whole packet; the length was checked before.
func parseFrame(b []byte) frame {
	word := func(i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	return frame{program: word(1), proc: word(3), kind: word(4), serial: word(5), status: word(6), payload: b[headerSize:]}
}

// wire is a connection that carries frames. One goroutine reads; any may write.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	out  sync.Mutex
}

func newWire(conn net.Conn) *wire {
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}
}

// write sends one packet.
func (w *wire) write(packet []byte) error {
	w.out.Lock()
	defer w.out.Unlock()
	_, err := w.conn.Write(packet)
	return err
}

// read returns the next packet. It allocates as data arrives, and no more than
// likely by what a header claims. Errors: [core.Unreachable] for what is not libvirt's protocol.
func (w *wire) read() (frame, error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(w.in, head[:4]); err != nil {
		return frame{}, err
	}
	size := binary.BigEndian.Uint32(head[:4])
	if size < headerSize || size > maxFrame {
		return frame{}, w.notLibvirt(head[:4])
	}
	if _, err := io.ReadFull(w.in, head[4:]); err != nil {
		return frame{}, unexpected(err)
	}
	f := parseFrame(head[:])
	if version := binary.BigEndian.Uint32(head[8:]); version != 1 || f.program != programRemote && f.program != programKeepAlive {
		return frame{}, violation("a packet of program %#x version %d", f.program, version)
	}
	var body bytes.Buffer
	body.Grow(int(min(size-headerSize+bytes.MinRead, likely))) // or ReadFrom would double its way up
	if _, err := io.CopyN(&body, w.in, int64(size-headerSize)); err != nil {
		return frame{}, unexpected(err)
	}
	f.payload = body.Bytes()
	return f, nil
}

// notLibvirt explains a length that cannot be: mostly it is the beginning of a
// message that a shell or a login program printed.
func (w *wire) notLibvirt(length []byte) error {
	more, _ := w.in.Peek(min(w.in.Buffered(), 120))
	text := append(bytes.Clone(length), more...)
	if line, _, _ := bytes.Cut(text, []byte("\n")); isText(line) {
		return core.Errorf(core.Unreachable, "the host answered with text instead of libvirt's protocol: %s", core.Printable(string(line), 100)).
			WithHint("the login shell's start files on the host must print nothing in sessions without a terminal")
	}
	return violation("a packet of %d bytes", binary.BigEndian.Uint32(length))
}

func isText(b []byte) bool {
	for _, r := range string(b) {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
	}
	return len(b) >= 4
}

// violation is the error for what a sound libvirtd never sends.
func violation(format string, args ...any) error {
	return core.Errorf(core.Unreachable, "the host breaks libvirt's protocol: %s", fmt.Sprintf(format, args...)).
		WithHint("the connection was closed to protect this program; look at the libvirt daemon on the host")
}

// unexpected makes an end inside a packet an error, not a clean end.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
