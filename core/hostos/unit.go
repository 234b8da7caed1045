package hostos

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/host"
)

const (
	unitOutput = 8 * core.MiB // a host with 4,000 services prints one
	mostUnits  = 4096
)

// ListUnits implements the API: two commands in one flight.
func (s *Service) ListUnits(ctx context.Context, req *apiv1.ListUnitsRequest) (*apiv1.ListUnitsResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	_, r, err := s.runnerOf(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	var loaded, files host.Output
	both, bothCtx := errgroup.WithContext(ctx)
	ask := func(out *host.Output, verb string) {
		both.Go(func() (err error) {
			argv := plain("systemctl", verb, "--type=service", "--all", "--full", "--plain", "--no-legend", "--no-pager", "--output=json")
			*out, err = r.Run(bothCtx, host.Command{Argv: argv, MaxOutput: unitOutput})
			return err
		})
	}
	ask(&loaded, "list-units")
	ask(&files, "list-unit-files")
	if err := both.Wait(); err != nil {
		return nil, err
	}
	if err := systemdError(loaded); err != nil {
		return nil, err
	}
	units, err := readUnits(loaded.Out)
	if err != nil {
		return nil, err
	}
	res := &apiv1.ListUnitsResponse{Units: units}
	if files.Exit != 0 {
		res.Problems = append(res.Problems, "which services start with the host cannot be read: "+toolSays(files, "systemctl"))
		return res, nil
	}
	res.Units = withFiles(res.Units, readUnitFiles(files.Out))
	return res, nil
}

// systemdError tells in words why systemctl has no answer.
func systemdError(out host.Output) error {
	text := string(out.ErrOut[:min(len(out.ErrOut), 4096)])
	switch {
	case out.Exit == 0:
		return nil
	case out.Exit == 127:
		return core.Errorf(core.Unsupported, "this host has no systemd, so its services cannot be listed here").
			WithHint("use a terminal on the host: rc-service, service or what it has instead")
	case strings.Contains(text, "not been booted with systemd"), strings.Contains(text, "Failed to connect to bus"):
		return core.Errorf(core.Unsupported, "systemd does not run on this host, so its services cannot be listed here").
			WithHint("it was started by something else, as containers are")
	case strings.Contains(text, "authentication required"), strings.Contains(text, "Access denied"), strings.Contains(text, "Permission denied"):
		return core.Errorf(core.Denied, "this user may not do that with services of the host").
			WithHint("log in as root, or add a NOPASSWD rule for systemctl to the host's sudoers")
	}
	return core.Errorf(core.Internal, "systemctl failed on the host: %s", toolSays(out, "systemctl"))
}

// toolSays is the first line that a tool complained with.
func toolSays(out host.Output, tool string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(out.ErrOut[:min(len(out.ErrOut), 4096)])), "\n")
	if line = clean(line, 200); line == "" {
		return core.Escape(tool) + " does not say why"
	}
	return line
}

// clean makes a word of a host's one that can be stored and shown: valid UTF-8
// of at most max bytes, whose control characters are spaces.
func clean(s string, max int) string {
	if len(s) > max {
		s = s[:max]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(s)
}

// readUnits reads list-units, by name: JSON, or the columns that systemd before
// 246 prints whatever it is asked for.
//
// Source: systemctl(1), output_units_list in src/systemctl/systemctl-list-units.c.
func readUnits(text []byte) ([]*apiv1.Unit, error) {
	var rows []struct{ Unit, Load, Active, Sub, Description string }
	if t := strings.TrimSpace(string(text)); !strings.HasPrefix(t, "[") {
		for line := range strings.Lines(t) {
			w := strings.Fields(strings.TrimLeft(line, "●*x↻ ")) // a mark before those that failed
			if len(w) < 4 {
				continue
			}
			rows = append(rows, struct{ Unit, Load, Active, Sub, Description string }{w[0], w[1], w[2], w[3], strings.Join(w[4:], " ")})
		}
	} else if err := json.Unmarshal(text, &rows); err != nil {
		return nil, core.Errorf(core.Unsupported, "what systemctl says on this host is not understood").WithHint("see on the host: systemctl list-units --output=json")
	}
	var out []*apiv1.Unit
	for _, r := range rows {
		if !unitName.MatchString(r.Unit) || len(out) == mostUnits {
			continue
		}
		out = append(out, &apiv1.Unit{
			Name: r.Unit, Description: clean(r.Description, 300), Load: clean(r.Load, 40), Active: clean(r.Active, 40), Sub: clean(r.Sub, 40), Held: held(r.Unit),
		})
	}
	slices.SortFunc(out, func(a, b *apiv1.Unit) int { return core.CompareNatural(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b *apiv1.Unit) bool { return a.Name == b.Name }), nil
}

// readUnitFiles reads list-unit-files: whether each starts with the host. What
// is not understood is left out.
func readUnitFiles(text []byte) map[string]string {
	out := map[string]string{}
	var rows []struct {
		File  string `json:"unit_file"`
		State string
	}
	if t := strings.TrimSpace(string(text)); !strings.HasPrefix(t, "[") {
		for line := range strings.Lines(t) {
			if w := strings.Fields(line); len(w) >= 2 && unitName.MatchString(w[0]) && len(out) < mostUnits {
				out[w[0]] = clean(w[1], 40)
			}
		}
		return out
	}
	if json.Unmarshal(text, &rows) != nil {
		return out
	}
	for _, r := range rows {
		if unitName.MatchString(r.File) && len(out) < mostUnits {
			out[r.File] = clean(r.State, 40)
		}
	}
	return out
}

// withFiles tells of each unit whether it starts with the host, and adds those
// that could be started and are not loaded.
func withFiles(units []*apiv1.Unit, files map[string]string) []*apiv1.Unit {
	for _, u := range units {
		u.Enabled = files[u.Name]
		if base, _, is := strings.Cut(u.Name, "@"); is { // instances are enabled by their own links
			u.Enabled = cmp.Or(u.Enabled, files[base+"@.service"])
		}
		delete(files, u.Name)
	}
	for name, state := range files {
		if strings.Contains(name, "@.") || state == "alias" || len(units) == mostUnits { // a template is no service
			continue
		}
		units = append(units, &apiv1.Unit{Name: name, Load: "loaded", Active: "inactive", Sub: "dead", Enabled: state, Held: held(name)})
	}
	slices.SortFunc(units, func(a, b *apiv1.Unit) int { return core.CompareNatural(a.Name, b.Name) })
	return units
}

// unitName is what systemd calls a service.
//
// Source: systemd.unit(5), VALID_CHARS in src/basic/unit-name.c.
var unitName = regexp.MustCompile(`^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,245}\.service$`)

// checkUnit gives a service its whole name.
func checkUnit(name string) (string, error) {
	whole := name
	if !strings.HasSuffix(whole, ".service") {
		whole += ".service"
	}
	if !unitName.MatchString(whole) {
		return "", core.Errorf(core.Invalid, "%s is no name of a service", core.Printable(name, 60)).WithDetail("field", "unit")
	}
	return whole, nil
}

// held says why a service is not to be stopped from here: what we reach the host
// by, and its VMs.
func held(unit string) string {
	switch strings.TrimSuffix(unit, ".service") {
	case "ssh", "sshd":
		return "this host is reached through it"
	case "libvirtd", "virtqemud", "virtproxyd":
		return "this host's VMs are managed through it"
	case "dbus", "dbus-broker":
		return "the host's services are managed through it"
	}
	return ""
}
