//go:build linux

package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// quietFor is how long a part may take without a word where there is no terminal.
const quietFor = 10 * time.Second

// screen shows parts of some work, a line each with the time that it took. On a
// terminal the line of the part under way also shows what is going on in it.
type screen struct {
	out      io.Writer
	terminal bool
	now      func() time.Time

	mu    sync.Mutex // parts tell of themselves from other goroutines
	title string
	began time.Time
	told  time.Time
}

// part does one part of the work; what do returns is shown beside its title.
func (s *screen) part(title string, do func() (string, error)) error {
	s.mu.Lock()
	s.title, s.began = title, s.now()
	s.told = s.began
	s.mu.Unlock()
	s.say("")
	detail, err := do()
	if err != nil {
		s.line(s.now().Sub(s.began), title+": failed")
		return err
	}
	if detail != "" {
		title += ": " + detail
	}
	s.line(s.now().Sub(s.began), title)
	return nil
}

// say shows what is going on in the part under way; text comes from anywhere.
func (s *screen) say(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.title
	if text != "" {
		shown += ": " + core.Escape(text)
	}
	switch {
	case s.terminal:
		const indent = "         … "
		fmt.Fprint(s.out, "\r\x1b[K"+indent+fit(shown, columns(s.out)-len(indent)))
	case text != "" && s.now().Sub(s.told) >= quietFor:
		s.told = s.now()
		fmt.Fprintf(s.out, "         … %s\n", fit(shown, 110))
	}
}

// line prints a finished line with the time of what it tells.
func (s *screen) line(took time.Duration, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
	fmt.Fprintf(s.out, "%7.1f s  %s\n", took.Seconds(), text)
}
