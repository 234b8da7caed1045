package hostos

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
)

const (
	journalOutput = 16 * core.MiB // 2,000 entries whose fields have 4 KiB, the most that journalctl prints of one
	mostEntries   = 2000
)

// cursorForm is journald's: "s=…;i=…;b=…;m=…;t=…;x=…".
//
// Source: sd_journal_get_cursor(3).
var cursorForm = regexp.MustCompile(`^[a-z0-9=;]{1,300}$`)

// ReadJournal implements the API.
func (s *Service) ReadJournal(ctx context.Context, req *apiv1.ReadJournalRequest) (*apiv1.ReadJournalResponse, error) {
	limit, err := limitOf(req.Limit, 200)
	if err != nil {
		return nil, err
	}
	argv, err := journalArgs(req.Filter)
	if err != nil {
		return nil, err
	}
	// The last entries are read from the end: what --lines means beside --since is
	// not the same in all versions.
	if req.After == "" {
		argv = append(argv, "--reverse", "--lines="+strconv.Itoa(limit))
	} else {
		if !cursorForm.MatchString(req.After) {
			return nil, core.Errorf(core.Invalid, "this is no place in a journal").WithDetail("field", "after")
		}
		argv = append(argv, "--after-cursor="+req.After, "--lines="+strconv.Itoa(limit+1))
	}
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	_, r, err := s.runnerOf(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	out, notice, err := runJournal(ctx, r, argv)
	if err != nil {
		return nil, err
	}
	res := journalPage(out.Out, req.After, limit)
	if notice != "" {
		res.Problems = append(res.Problems, notice)
	}
	return res, nil
}

// journalPage reads what journalctl printed: backwards without a cursor.
func journalPage(text []byte, after string, limit int) *apiv1.ReadJournalResponse {
	entries, skipped := readEntries(text, limit+1)
	res := &apiv1.ReadJournalResponse{Entries: entries, Cursor: after}
	if after == "" {
		slices.Reverse(res.Entries)
	}
	if len(res.Entries) > limit {
		res.More = after != ""
		res.Entries = res.Entries[:limit]
	}
	if n := len(res.Entries); n > 0 {
		res.Cursor = res.Entries[n-1].Cursor
	}
	if skipped > 0 {
		res.Problems = append(res.Problems, strconv.Itoa(skipped)+" lines of the journal are not understood")
	}
	return res
}

// limitOf checks how many entries are asked for.
func limitOf(n int32, otherwise int) (int, error) {
	switch {
	case n == 0:
		return otherwise, nil
	case n < 0 || n > mostEntries:
		return 0, core.Errorf(core.Invalid, "%d entries of a journal are not read at once", n).WithHint("ask for at most %d", mostEntries).WithDetail("field", "limit")
	}
	return int(n), nil
}

// journalArgs is the command for a filter.
//
// Source: journalctl(1).
func journalArgs(f *apiv1.JournalFilter) ([]string, error) {
	argv := plain("journalctl", "--output=json", "--no-pager",
		"--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,UNIT,SYSLOG_IDENTIFIER,_COMM,_PID,SYSLOG_PID")
	if f == nil {
		return argv, nil
	}
	if f.Unit != "" {
		unit, err := checkUnit(f.Unit)
		if err != nil {
			return nil, core.InField(err, "filter.unit")
		}
		argv = append(argv, "--unit="+escapeGlob(unit))
	}
	if f.Priority != nil {
		if *f.Priority < 0 || *f.Priority > 7 {
			return nil, core.Errorf(core.Invalid, "%d is no priority", *f.Priority).WithHint("they are 0 (emergency) to 7 (debug)").WithDetail("field", "filter.priority")
		}
		argv = append(argv, "--priority=0.."+strconv.Itoa(int(*f.Priority)))
	}
	for flag, t := range map[string]*timestamppb.Timestamp{"--since=@": f.Since, "--until=@": f.Until} {
		if t == nil {
			continue
		}
		if t.CheckValid() != nil || t.Seconds < 0 || t.Seconds > 1<<40 {
			return nil, core.Errorf(core.Invalid, "the journal has no such time").WithDetail("field", "filter.since")
		}
		argv = append(argv, flag+strconv.FormatInt(t.Seconds, 10))
	}
	if f.Boot {
		argv = append(argv, "--boot")
	}
	slices.Sort(argv[4:])
	return argv, nil
}

// escapeGlob keeps a backslash, which units' names may hold, from being read as
// a part of a pattern.
func escapeGlob(unit string) string { return strings.ReplaceAll(unit, `\`, `\\`) }

// runJournal runs journalctl, by sudo where this user sees a part alone. notice
// says that it is a part.
func runJournal(ctx context.Context, r host.Runner, argv []string) (out host.Output, notice string, err error) {
	cmd := host.Command{Argv: argv, MaxOutput: journalOutput}
	if out, err = r.Run(ctx, cmd); err != nil {
		return out, "", err
	}
	if partial(out) {
		cmd.Sudo = true
		whole, err := r.Run(ctx, cmd)
		switch {
		case err == nil:
			out = whole
		case core.CodeOf(err) == core.Denied:
			notice = "this user sees a part of the journal only: it is in none of the groups systemd-journal and adm, and may not use sudo"
		default:
			return out, "", err
		}
	}
	return out, notice, journalError(out)
}

// partial tells whether journalctl says that it may not see all.
//
// Source: access_check in src/shared/journal-util.c.
func partial(out host.Output) bool {
	text := string(out.ErrOut[:min(len(out.ErrOut), 4096)])
	return strings.Contains(text, "not seeing messages from other users") || strings.Contains(text, "insufficient permissions")
}

// journalError tells in words why there is no journal.
func journalError(out host.Output) error {
	text := string(out.ErrOut[:min(len(out.ErrOut), 4096)])
	switch {
	case out.Exit == 127:
		return core.Errorf(core.Unsupported, "this host has no journal: journalctl is not installed").WithHint("use a terminal on the host: its logs are below /var/log")
	case strings.Contains(text, "insufficient permissions"):
		return core.Errorf(core.Denied, "this user may not read the host's journal").WithHint("on the host: usermod -aG systemd-journal USER, and log in again")
	case len(out.Out) == 0 && strings.Contains(text, "No journal files were found"):
		return core.Errorf(core.Unsupported, "this host keeps no journal").WithHint("journald does not run on it, or it keeps nothing: see journald.conf, Storage=")
	case out.Exit == 0 || out.Exit == 1 && len(out.Out) == 0 && strings.TrimSpace(text) == "": // no entries
		return nil
	case strings.Contains(text, "Failed to seek to cursor"):
		return core.Errorf(core.NotFound, "the journal does not go back to there any more").WithHint("read its end anew")
	}
	return core.Errorf(core.Internal, "journalctl failed on the host: %s", toolSays(out, "journalctl"))
}
