//go:build linux

package inside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Request is what the supervisor asks of a host's first process, over a
// socket pair; each is answered before the next is sent.
type Request struct {
	Op      string // stop, crash, freeze (of Service), heal, hosts
	Service string // virtlogd, libvirtd or sshd
	Text    string // of /etc/hosts
}

// answer is what each question gets.
type answer struct{ Error string }

// Client is the supervisor's end.
type Client struct {
	mu   sync.Mutex
	file *os.File
	in   *json.Decoder
}

// NewClient talks through the supervisor's end of a [SocketPair].
func NewClient(f *os.File) *Client { return &Client{file: f, in: json.NewDecoder(f)} }

// Ask sends a [Plan] or a [Request] and waits for the answer. When ctx ends first the socket is of no
// more use, as an answer could come late.
func (c *Client) Ask(ctx context.Context, question any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { c.file.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := json.NewEncoder(c.file).Encode(question); err != nil {
		return fmt.Errorf("ask the host's first process: %w", err)
	}
	var a answer
	if err := c.in.Decode(&a); err != nil {
		return fmt.Errorf("the host's first process does not answer: %w", err)
	}
	if a.Error != "" {
		return errors.New(a.Error)
	}
	return nil
}

// Close ends the conversation.
func (c *Client) Close() { c.file.Close() }

// server is the first process's end.
type server struct {
	file *os.File
	in   *json.Decoder
}

func newServer(f *os.File) *server { return &server{file: f, in: json.NewDecoder(f)} }

func (s *server) read(question any) error { return s.in.Decode(question) }

func (s *server) reply(err error) error {
	var a answer
	if err != nil {
		a.Error = err.Error()
	}
	return json.NewEncoder(s.file).Encode(a)
}

// SocketPair returns two connected sockets: the first for [NewClient], the
// second to be passed on to the host's first process.
func SocketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make socket pair: %w", err)
	}
	if err := unix.SetNonblock(fds[0], true); err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "init"), os.NewFile(uintptr(fds[1]), "supervisor"), nil
}
