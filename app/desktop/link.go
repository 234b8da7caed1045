package desktop

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
)

// Scheme is that of links to what we manage.
const Scheme = "limiquantix"

// maxLink is the longest link that is read, in bytes.
const maxLink = 512

// Link names something to show. Links come from web pages, mails and chats: they
// choose what a window shows, and never do anything.
type Link struct {
	// Host is a managed host's name; "" is the application.
	Host string
	// UUID is a VM's, in lower case; "" is the host itself.
	UUID string
	// Console: the VM's console.
	Console bool
}

// ParseLink reads a link:
//
//	link = "limiquantix://" [ host [ "/vm/" uuid [ "/console" ] ] ] [ "/" ]
//	host = 1*( ALPHA / DIGIT / mark / "%" HEXDIG HEXDIG )
//	mark = "-" / "." / "_" / "~" / "!" / "*" / "'" / "(" / ")"
//	uuid = 8HEXDIG "-" 4HEXDIG "-" 4HEXDIG "-" 4HEXDIG "-" 12HEXDIG
//
// of at most 512 bytes, whose host is a name that hosts can have. There is no
// user, password, port, query or fragment, and the scheme is lower case.
//
// Errors: [core.Invalid].
func ParseLink(s string) (Link, error) {
	bad := func(why string) (Link, error) {
		return Link{}, core.Errorf(core.Invalid, "%s is no link of limiquantix: %s", core.Printable(s, 80), why).
			WithHint("links look like limiquantix://HOST/vm/UUID")
	}
	if len(s) > maxLink {
		return bad("it is longer than 512 bytes")
	}
	rest, ok := strings.CutPrefix(s, Scheme+"://")
	if !ok {
		return bad("it does not begin with limiquantix://")
	}
	rest = strings.TrimSuffix(rest, "/")
	if rest == "" {
		return Link{}, nil
	}
	parts := strings.Split(rest, "/")
	host, ok := unescape(parts[0])
	if !ok || core.CheckName("host name", host) != nil {
		return bad("what should be a host's name is none")
	}
	l := Link{Host: host}
	switch {
	case len(parts) == 1:
		return l, nil
	case parts[1] != "vm" || len(parts) < 3 || len(parts) > 4 || len(parts) == 4 && parts[3] != "console":
		return bad("only /vm/UUID and /vm/UUID/console may follow the host")
	}
	id, err := core.ParseUUID(parts[2])
	if err != nil || len(parts[2]) != 36 {
		return bad("what should be a UUID is none")
	}
	l.UUID, l.Console = core.FormatUUID(id), len(parts) == 4
	return l, nil
}

// unescape decodes %XX once. It refuses all other bytes but those that need no
// escape, and what is not UTF-8.
func unescape(s string) (string, bool) {
	for _, c := range []byte(s) {
		if !plain(c) && strings.IndexByte("%!*'()", c) < 0 {
			return "", false
		}
	}
	s, err := url.PathUnescape(s)
	return s, err == nil && utf8.ValidString(s)
}

func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// String returns the link as [ParseLink] reads it.
func (l Link) String() string {
	s := Scheme + "://" + escape(l.Host)
	if l.UUID != "" {
		s += "/vm/" + l.UUID
	}
	if l.Console {
		s += "/console"
	}
	return s
}

// escape writes every byte that is not plain as %XX.
func escape(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		if plain(c) {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

// Route returns the page's route for a link, "/vms/kvm1/UUID", which stands
// behind the '#' of its address.
func (l Link) Route() string {
	switch {
	case l.Host == "":
		return "/"
	case l.UUID == "":
		return "/hosts/" + escape(l.Host)
	case l.Console:
		return "/vms/" + escape(l.Host) + "/" + l.UUID + "/console"
	}
	return "/vms/" + escape(l.Host) + "/" + l.UUID
}

// ConsoleRoute returns the route that shows a VM's console and nothing else.
func (l Link) ConsoleRoute() string { return "/console/" + escape(l.Host) + "/" + l.UUID }
