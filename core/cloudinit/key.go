package cloudinit

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
)

// checkKey refuses what is not one public key in OpenSSH's format: a line of
// type, base64 and a comment, whose inside agrees with the type (RFC 4253, 6.6).
// Options before the key ("command=…") are refused too.
func checkKey(line string) error {
	bad := func(why string) error {
		return core.Errorf(core.Invalid, "the SSH key %s", why).
			WithHint("give the whole line of a file like ~/.ssh/id_ed25519.pub")
	}
	line = strings.TrimSpace(line)
	switch {
	case strings.Contains(line, "PRIVATE KEY"):
		return bad("is a private key, which must stay where it is")
	case strings.HasPrefix(line, "---- BEGIN SSH2"):
		return bad("is in the format of RFC 4716; ssh-keygen -i converts it")
	case len(line) > 16<<10:
		return bad("is too long")
	case strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r >= 0x7F && r <= 0x9F }):
		return bad("holds a line break or a control character")
	}
	fields := strings.Fields(line)
	types := []string{"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
		"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"}
	if len(fields) < 2 || !slices.Contains(types, fields[0]) {
		return bad(core.Printable(line, 30) + " does not begin with a key type that is in use, such as ssh-ed25519")
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		return bad("is damaged: its middle part is not base64")
	}
	parts, ok := wireStrings(blob)
	if !ok || len(parts) < 2 || string(parts[0]) != fields[0] || fields[0] == "ssh-ed25519" && len(parts[1]) != 32 {
		return bad("is damaged or cut off")
	}
	return nil
}

// wireStrings cuts a key into its length-prefixed strings.
func wireStrings(b []byte) (parts [][]byte, ok bool) {
	for len(b) > 0 {
		if len(b) < 4 {
			return nil, false
		}
		n := binary.BigEndian.Uint32(b)
		if b = b[4:]; uint64(n) > uint64(len(b)) {
			return nil, false
		}
		parts, b = append(parts, b[:n]), b[n:]
	}
	return parts, true
}
