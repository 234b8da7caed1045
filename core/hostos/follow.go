package hostos

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strconv"
	"sync"

	"connectrpc.com/connect"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
)

// batch is how many entries one answer carries at most.
const batch = 200

// FollowJournal implements the API.
func (s *Service) FollowJournal(ctx context.Context, req *apiv1.FollowJournalRequest, stream *connect.ServerStream[apiv1.FollowJournalResponse]) error {
	return s.follow(ctx, req, stream.Send)
}

// follow sends what is added to a journal until ctx ends or the journal does. Two
// goroutines: one reads lines, this one sends them; both have ended on return.
func (s *Service) follow(ctx context.Context, req *apiv1.FollowJournalRequest, send func(*apiv1.FollowJournalResponse) error) error {
	limit, err := limitOf(req.Limit, 10)
	if err != nil {
		return err
	}
	argv, err := journalArgs(req.Filter)
	if err != nil {
		return err
	}
	h, r, err := s.runnerOf(ctx, req.Host)
	if err != nil {
		return err
	}
	streamer, ok := r.(Streamer)
	if !ok {
		return core.Errorf(core.Unsupported, "the journal of this host cannot be followed")
	}
	// What stands against it is told before: of a command that lasts we see no status.
	probe, _, err := runJournal(ctx, r, append(argv[:len(argv):len(argv)], "--reverse", "--lines=1"))
	if err != nil {
		return err
	}
	defer s.keep(h.ID)()
	lasting := host.Command{Argv: append(argv, "--follow", "--lines="+strconv.Itoa(limit)), Sudo: partial(probe)}
	out, err := streamer.Stream(ctx, lasting)
	if err != nil {
		return err
	}
	return pump(ctx, out, send)
}

// keep holds a host's link until the returned function is called.
func (s *Service) keep(hostID string) (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used[hostID]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.used[hostID]--; s.used[hostID] == 0 {
			delete(s.used, hostID)
		}
	}
}

// pump sends the entries of out, several at once when they come fast, and closes
// out. A receiver that is slow makes the host wait: nothing is kept beyond a batch.
func pump(ctx context.Context, out io.ReadCloser, send func(*apiv1.FollowJournalResponse) error) error {
	entries, broken := make(chan *apiv1.JournalEntry, batch), make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(entries)
		broken <- readLines(ctx, out, entries)
	})
	defer reader.Wait()
	defer out.Close() // ends its Read
	defer cancel()    // and its wait for us
	for {
		select {
		case <-ctx.Done():
			return nil // the caller has left
		case e, more := <-entries:
			res := &apiv1.FollowJournalResponse{}
			for ; more; e, more = take(entries) {
				if e == nil {
					res.Skipped++
				} else {
					res.Entries = append(res.Entries, e)
				}
				if len(res.Entries) == batch {
					break
				}
			}
			if len(res.Entries) > 0 || res.Skipped > 0 {
				if err := send(res); err != nil {
					return err
				}
			}
			select {
			case err := <-broken:
				return flush(entries, send, err)
			default:
			}
		}
	}
}

// take returns what has come; false when nothing has, or nothing will.
func take(entries <-chan *apiv1.JournalEntry) (*apiv1.JournalEntry, bool) {
	select {
	case e, more := <-entries:
		return e, more
	default:
		return nil, false
	}
}

// flush sends what was read before the end.
func flush(entries <-chan *apiv1.JournalEntry, send func(*apiv1.FollowJournalResponse) error, cause error) error {
	res := &apiv1.FollowJournalResponse{}
	for e := range entries {
		if e != nil {
			res.Entries = append(res.Entries, e)
		}
	}
	if len(res.Entries) > 0 {
		if err := send(res); err != nil {
			return err
		}
	}
	return cause
}

// readLines sends the entries of r; nil for a line that is none. A line that is
// too long is read past, not into memory.
func readLines(ctx context.Context, r io.Reader, to chan<- *apiv1.JournalEntry) error {
	in := bufio.NewReaderSize(r, longestEntry)
	for {
		line, err := in.ReadSlice('\n')
		tooLong := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if err != nil {
			return core.Errorf(core.Unreachable, "the host's journal was cut off").WithHint("follow it again")
		}
		var e *apiv1.JournalEntry
		if !tooLong {
			e = readEntry(line)
		}
		select {
		case to <- e:
		case <-ctx.Done():
			return nil
		}
	}
}
