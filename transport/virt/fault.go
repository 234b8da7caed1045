package virt

import (
	"fmt"
	"strings"
)

// fault is libvirt's error as it travels: remote_error. Of its thirteen fields
// these matter; errno is int1 of system errors.
type fault struct {
	code, domain int
	message      string
	errno        int
}

// parseFault reads a remote_error.
func parseFault(payload []byte) (fault, error) {
	r := &reader{rest: payload}
	f := fault{code: r.int(), domain: r.int(), message: r.optString()}
	r.uint32() // level
	if r.present() {
		seq(text, uuid, word)(r) // the domain it is about
	}
	for range 3 {
		r.optString() // str1…str3: parts of the message
	}
	f.errno = r.int()
	r.uint32() // int2
	if r.present() {
		seq(text, uuid)(r) // the network it is about
	}
	if r.bad || len(r.rest) != 0 {
		return f, violation("a malformed error")
	}
	return f, nil
}

// faultMark parts the message from what go-libvirt would drop: it passes on an
// error's code and message only.
const faultMark = "\x00errno="

// encode makes the payload that go-libvirt's decoder reads rightly: with a
// message always (it takes the absence of one for a length), without what it ignores, and with
// errno behind the message. A message that speaks of an "unknown procedure"
// stays, but only when it is libvirt's RPC layer that says so: go-libvirt
// takes every such text, also in a VM's name, for a missing procedure.
func (f fault) encode() []byte {
	return (&writer{}).uint32(uint32(f.code)).uint32(uint32(f.domain)).uint32(1).string(f.marked()).uint32(2).b
}

// marked is the message with errno in it, see [splitMessage].
func (f fault) marked() string {
	message := f.message
	if f.code != errRPC {
		message = strings.ReplaceAll(message, "unknown procedure", "unknown  procedure")
	}
	return fmt.Sprintf("%s%s%d", message, faultMark, f.errno)
}

// splitMessage undoes what encode did to the message.
func splitMessage(s string) (message string, errno int) {
	message, rest, _ := strings.Cut(s, faultMark)
	_, _ = fmt.Sscanf(rest, "%d", &errno)
	return strings.ReplaceAll(message, "unknown  procedure", "unknown procedure"), errno
}
