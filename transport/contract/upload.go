package contract

import (
	"bytes"
	"errors"
	"io"
	"testing/iotest"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/storage"
)

func uploadCases() []one {
	return []one{
		{"an upload", []Feature{Uploads}, upload},
		{"an upload over an existing volume", []Feature{Uploads}, uploadExists},
		{"an upload that breaks leaves nothing", []Feature{Uploads}, uploadBreaks},
		{"an upload that cannot fit", []Feature{Uploads, Shortage}, uploadTooLarge},
		{"an upload with a bad name or token", []Feature{Uploads}, uploadBadNames},
	}
}

// payload is n bytes that no compression or hole detection makes smaller.
func payload(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func upload(e *env) {
	pool, data := e.pool(), payload(3<<20+17)
	var seen core.Bytes
	u := storage.Upload{Pool: pool, Name: "up load.iso", Format: "iso", Size: core.Bytes(len(data)), Token: "t1",
		Progress: func(done core.Bytes) {
			if done < seen {
				e.Errorf("progress went back from %d to %d", seen, done)
			}
			seen = done
		}}
	e.ok("put", e.h.PutVolume(e.ctx, u, bytes.NewReader(data)))
	if seen != u.Size {
		e.Errorf("progress ended at %d of %d", seen, u.Size)
	}
	v, err := e.h.Volume(e.ctx, pool, u.Name)
	e.ok("read", err)
	if v.Capacity != u.Size || v.Path == "" {
		e.Errorf("volume is %+v", v)
	}
	e.ok("discard what is whole", e.h.DiscardUpload(e.ctx, u))
	if _, err := e.h.Volume(e.ctx, pool, u.Name); err != nil {
		e.Errorf("discarding the token removed a finished volume: %v", err)
	}
}

func uploadExists(e *env) {
	pool := e.pool()
	e.ok("create", e.h.CreateVolume(e.ctx, pool, volumeXML("taken", "raw", core.MiB, "")))
	u := storage.Upload{Pool: pool, Name: "taken", Format: "raw", Size: 5, Token: "t2"}
	e.code("put", e.h.PutVolume(e.ctx, u, bytes.NewReader([]byte("hello"))), core.Exists)
	if v, _ := e.h.Volume(e.ctx, pool, "taken"); v.Capacity != core.MiB {
		e.Errorf("the old volume is now %+v", v)
	}
}

func uploadBreaks(e *env) {
	pool, broken := e.pool(), errors.New("the source broke")
	for name, r := range map[string]io.Reader{
		"short":  bytes.NewReader(payload(1 << 20)),
		"broken": io.MultiReader(bytes.NewReader(payload(1<<20)), iotest.ErrReader(broken)),
	} {
		u := storage.Upload{Pool: pool, Name: name, Format: "raw", Size: 2 << 20, Token: name}
		err := e.h.PutVolume(e.ctx, u, r)
		if err == nil || name == "broken" && !errors.Is(err, broken) {
			e.Errorf("%s: got %v", name, err)
		}
		e.ok("discard", e.h.DiscardUpload(e.ctx, u))
	}
	e.ok("refresh", e.h.RefreshPool(e.ctx, pool))
	vols, err := e.h.Volumes(e.ctx, pool)
	e.ok("list", err)
	if len(vols) != 0 {
		e.Errorf("left: %+v", vols)
	}
}

func uploadTooLarge(e *env) {
	pool := e.pool()
	u := storage.Upload{Pool: pool, Name: "huge", Format: "raw", Size: core.PiB, Token: "t3"}
	e.code("put", e.h.PutVolume(e.ctx, u, bytes.NewReader(nil)), core.NoSpace)
}

func uploadBadNames(e *env) {
	pool := e.pool()
	for _, u := range []storage.Upload{
		{Name: "../x", Token: "t"}, {Name: "a/b", Token: "t"}, {Name: "", Token: "t"}, {Name: "..", Token: "t"},
		{Name: "x", Token: ""}, {Name: "x", Token: "../t"}, {Name: "x", Token: "a b"}, {Name: "x\n", Token: "t"},
	} {
		u.Pool, u.Format, u.Size = pool, "raw", 1
		e.code("put "+u.Name+" "+u.Token, e.h.PutVolume(e.ctx, u, bytes.NewReader([]byte("x"))), core.Invalid)
	}
	u := storage.Upload{Pool: "no such pool", Name: "x", Format: "raw", Size: 1, Token: "t"}
	e.code("put in an unknown pool", e.h.PutVolume(e.ctx, u, bytes.NewReader([]byte("x"))), core.NotFound)
}
