package cli

import (
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
)

// aboutTimes is for the help of commands that take times.
const aboutTimes = `

A time is 2026-03-01, '2026-03-01 14:30', 14:30 (today), all as this computer's
clock has it; RFC 3339; or an age: 90s, 15m, 3h, 2d, 4w.`

// moment reads a time as people say it. "" is nil. [core.Invalid].
func (p *program) moment(flag, text string) (*timestamppb.Timestamp, error) {
	if text == "" {
		return nil, nil
	}
	now := p.env.Now()
	if t, ok := parseMoment(text, now); ok {
		return timestamppb.New(t), nil
	}
	return nil, core.Errorf(core.Invalid, "%s is not a time", core.Printable(text, 60)).
		WithHint("times are 2026-03-01, '2026-03-01 14:30', 14:30, or an age: 15m, 3h, 2d, 4w").WithDetail("flag", flag)
}

func parseMoment(text string, now time.Time) (time.Time, bool) {
	if len(text) > 1 {
		unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[text[len(text)-1]]
		if n, err := strconv.ParseUint(text[:len(text)-1], 10, 16); err == nil && unit > 0 {
			return now.Add(-time.Duration(n) * unit), true
		}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, true
		}
	}
	if t, err := time.ParseInLocation("15:04", text, now.Location()); err == nil {
		y, m, d := now.Date()
		return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, now.Location()), true
	}
	return time.Time{}, false
}

// clock prints a time as this computer's clock has it.
func (p *program) clock(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().In(p.env.Now().Location()).Format("2006-01-02 15:04:05")
}
