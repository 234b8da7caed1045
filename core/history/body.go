package history

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"

	"github.com/limiquantix/limiquantix/core"
)

// A body is a configuration as a row holds it: deflated, alone (a full copy) or
// with a full copy of the same object as its dictionary (a delta). A delta
// refers to a full copy and never to another delta: two rows give any text
// back, and what is lost of one is lost of it alone. RFC 1951.

// longest is how long a configuration may be that is kept. Libvirt's limit is
// 4 MiB; a VM of 500 disks has 300 KiB.
const longest = core.Bytes(1 << 20)

// drifted says that a delta has become so long that a new full copy is worth
// its room: the deltas after it are short again.
func drifted(delta, full int) bool { return delta > full/3 }

// pack deflates text, with a dictionary or none. What compress/flate makes with
// a dictionary is read back: of a text that does not shrink it stores the
// dictionary too, in front. Such a text is deflated without; unpack reads both.
func pack(text, dictionary string) ([]byte, error) {
	body, err := deflate(text, dictionary)
	if err != nil || dictionary == "" {
		return body, err
	}
	if back, err := unpack(body, dictionary); err != nil || back != text {
		return deflate(text, "")
	}
	return body, nil
}

func deflate(text, dictionary string) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriterDict(&b, flate.BestCompression, []byte(dictionary))
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// unpack gives back what pack was given. It is an error, and costs no memory,
// when the body is of something longer than was ever packed.
func unpack(body []byte, dictionary string) (string, error) {
	r := flate.NewReaderDict(bytes.NewReader(body), []byte(dictionary))
	text, err := io.ReadAll(io.LimitReader(r, int64(longest)+1))
	if err == nil && len(text) > int(longest) {
		err = fmt.Errorf("it is longer than %s", longest)
	}
	if err != nil {
		return "", core.Errorf(core.Internal, "a configuration of the history cannot be read: %w", err)
	}
	return string(text), nil
}
