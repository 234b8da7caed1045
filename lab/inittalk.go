//go:build linux

package lab

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

// initRequest is what the supervisor asks of a host's first process, over a
// socket pair; each is answered before the next is sent.
type initRequest struct {
	Op      string // stop, crash, freeze, heal, hosts
	Service string
	Text    string // of /etc/hosts
}

type initAnswer struct{ Error string }

// initClient is the supervisor's end.
type initClient struct {
	mu   sync.Mutex
	file *os.File
	in   *json.Decoder
}

func newInitClient(f *os.File) *initClient { return &initClient{file: f, in: json.NewDecoder(f)} }

// ask sends a plan or an initRequest. When ctx ends first the socket is of no
// more use, as an answer could come late.
func (c *initClient) ask(ctx context.Context, question any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { c.file.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := json.NewEncoder(c.file).Encode(question); err != nil {
		return fmt.Errorf("ask the host's first process: %w", err)
	}
	var a initAnswer
	if err := c.in.Decode(&a); err != nil {
		return fmt.Errorf("the host's first process does not answer: %w", err)
	}
	if a.Error != "" {
		return errors.New(a.Error)
	}
	return nil
}

func (c *initClient) close() { c.file.Close() }

// initServer is the first process's end.
type initServer struct {
	file *os.File
	in   *json.Decoder
}

func newInitServer(f *os.File) *initServer { return &initServer{file: f, in: json.NewDecoder(f)} }

func (s *initServer) read(question any) error { return s.in.Decode(question) }

func (s *initServer) answer(err error) error {
	var a initAnswer
	if err != nil {
		a.Error = err.Error()
	}
	return json.NewEncoder(s.file).Encode(a)
}

// socketPair returns two connected sockets. The first can have deadlines.
func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make socket pair: %w", err)
	}
	if err := unix.SetNonblock(fds[0], true); err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "init"), os.NewFile(uintptr(fds[1]), "supervisor"), nil
}
