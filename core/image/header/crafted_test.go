package header

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

// at returns b with v written at off.
func at(b []byte, off int, v any) []byte {
	var w bytes.Buffer
	order := binary.ByteOrder(be)
	if x, ok := v.(littleEndian); ok {
		order, v = le, x.v
	}
	if x, ok := v.(string); ok {
		v = []byte(x)
	}
	if err := binary.Write(&w, order, v); err != nil {
		panic(err)
	}
	copy(b[off:], w.Bytes())
	return b
}

type littleEndian struct{ v any }

// qcow2 returns a sound empty qcow2 of version 3 and 1 GiB, changed by edits of
// an offset and a value each.
func qcow2(edits ...any) []byte {
	b := make([]byte, 4<<16)
	at(b, 0, "QFI\xfb")
	at(b, 4, uint32(3))
	at(b, 20, uint32(16))
	at(b, 24, uint64(1<<30))
	at(b, 36, uint32(2))
	at(b, 40, uint64(3<<16))
	at(b, 48, uint64(1<<16))
	at(b, 56, uint32(1))
	at(b, 96, uint32(4))
	at(b, 100, uint32(104))
	// Refcounts of the four clusters in use, so that QEMU finds no fault either.
	at(b, 1<<16, uint64(2<<16))
	for i := range 4 {
		at(b, 2<<16+2*i, uint16(1))
	}
	for i := 0; i < len(edits); i += 2 {
		at(b, edits[i].(int), edits[i+1])
	}
	return b
}

func vmdk(descriptor string, edits ...any) []byte {
	b := make([]byte, 128<<10)
	at(b, 0, "KDMV")
	at(b, 4, littleEndian{uint32(1)})
	at(b, 8, littleEndian{uint32(3)})
	at(b, 12, littleEndian{uint64(2048)})
	at(b, 20, littleEndian{uint64(128)})
	at(b, 28, littleEndian{uint64(1)})
	at(b, 36, littleEndian{uint64(20)})
	at(b, 44, littleEndian{uint32(512)})
	at(b, 48, littleEndian{uint64(21)})
	at(b, 56, littleEndian{uint64(26)})
	at(b, 64, littleEndian{uint64(128)})
	at(b, 73, "\n \r\n")
	at(b, 26*512, littleEndian{uint32(27)})
	at(b, 21*512, littleEndian{uint32(22)})
	at(b, 512, descriptor)
	for i := 0; i < len(edits); i += 2 {
		at(b, edits[i].(int), edits[i+1])
	}
	return b
}

const vmdkText = "# Disk DescriptorFile\nversion=1\nCID=7b6aa4b1\nparentCID=ffffffff\ncreateType=\"monolithicSparse\"\n\n" +
	"# Extent description\nRW 2048 SPARSE \"x.vmdk\"\n\n# The Disk Data Base\nddb.adapterType = \"ide\"\n"

func vdi(edits ...any) []byte {
	b := make([]byte, 3<<20)
	at(b, 0, "<<< Oracle VM VirtualBox Disk Image >>>\n")
	for off, v := range map[int]uint32{64: vdiMagic, 68: 0x10001, 72: 0x180, 76: 1, 340: 512, 344: 1 << 20, 360: 512, 376: 1 << 20, 384: 2} {
		at(b, off, littleEndian{v})
	}
	at(b, 368, littleEndian{uint64(2 << 20)})
	at(b, 512, bytes.Repeat([]byte{0xff}, 8))
	for i := 0; i < len(edits); i += 2 {
		at(b, edits[i].(int), edits[i+1])
	}
	return b
}

func vhd(kind uint32, edits ...any) []byte {
	b := make([]byte, 8192)
	f := b[:512]
	at(f, 0, "conectix")
	at(f, 8, uint32(2))
	at(f, 12, uint32(0x10000))
	at(f, 16, uint64(512))
	at(f, 28, "win ")
	at(f, 40, uint64(1<<20))
	at(f, 48, uint64(1<<20))
	at(f, 60, kind)
	for i := 0; i < len(edits); i += 2 {
		at(b, edits[i].(int), edits[i+1])
	}
	at(f, 64, uint32(0))
	at(f, 64, sum(f))
	h := b[512:1536]
	at(h, 0, "cxsparse")
	at(h, 8, ^uint64(0))
	at(h, 16, uint64(2048))
	at(h, 24, uint32(0x10000))
	at(h, 28, uint32(1))
	at(h, 32, uint32(2<<20))
	at(h, 36, uint32(0))
	at(h, 36, sum(h))
	at(b, 2048, ^uint32(0))
	copy(b[len(b)-512:], f)
	return b
}

func sum(b []byte) uint32 {
	n := uint32(0)
	for _, x := range b {
		n += uint32(x)
	}
	return ^n
}

// vhdxWith returns a VHDX made by qemu-img, changed, its checksums mended.
func vhdxWith(t testing.TB, change func(b []byte)) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.vhdx")
	run(t, "", "qemu-img", "create", "-q", "-f", "vhdx", path, "4M")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	change(b)
	for _, r := range [][]byte{b[vhdxHeader1:][:4096], b[vhdxHeader2:][:4096], b[vhdxRegions:][:65536]} {
		at(r, 4, uint32(0))
		at(r, 4, littleEndian{crc32.Checksum(r, crc32.MakeTable(crc32.Castagnoli))})
	}
	return b
}

// extension returns a qcow2 header extension.
func extension(kind uint32, data string) []byte {
	b := make([]byte, 8+(len(data)+7)&^7)
	at(b, 0, kind)
	at(b, 4, uint32(len(data)))
	at(b, 8, data)
	return b
}

type crafted struct {
	image  []byte
	want   core.Code // "" when it may be used
	says   string    // part of the sentence
	format string    // what QEMU is asked to open it as; "" for none
}

// corpus returns the crafted images: each with one thing that is wrong, and a
// few sound ones to see that only that is why they are refused.
func corpus(t testing.TB) map[string]crafted {
	child := strings.Replace(vmdkText, "parentCID=ffffffff", "parentCID=7b6aa4b1\nparentFileNameHint=\"/etc/passwd\"", 1)
	metadata := func(b []byte) []byte { return b[slices.Index(chunks(b, 64<<10), "metadata")*64<<10:] }
	return map[string]crafted{
		"qcow2":                       {qcow2(), "", "", "qcow2"},
		"qcow2 dirty":                 {qcow2(72, uint64(1)), "", "", "qcow2"},
		"qcow2 backing file":          {qcow2(8, uint64(512), 16, uint32(11), 512, "/etc/passwd"), core.BadImage, "/etc/passwd", "qcow2"},
		"qcow2 backing file, no name": {qcow2(8, uint64(512)), core.BadImage, "lies over", "qcow2"},
		"qcow2 backing name too long": {qcow2(8, uint64(512), 16, uint32(5000)), core.BadImage, "out of range", "qcow2"},
		"qcow2 backing name far away": {qcow2(8, uint64(1)<<62, 16, uint32(8)), core.BadImage, "out of range", "qcow2"},
		"qcow2 backing ESC in name":   {qcow2(8, uint64(512), 16, uint32(4), 512, "\x1b[2J"), core.BadImage, `"\x1b[2J"`, ""},
		"qcow2 data file bit":         {qcow2(72, uint64(4)), core.BadImage, "in another file", "qcow2"},
		"qcow2 data file":             {qcow2(72, uint64(4), 104, extension(extDataFile, "/etc/passwd")), core.BadImage, "/etc/passwd", "qcow2"},
		"qcow2 data file, no bit":     {qcow2(104, extension(extDataFile, "/etc/passwd")), core.BadImage, "/etc/passwd", "qcow2"},
		"qcow2 data file hidden":      {qcow2(72, uint64(4), 104, append(extension(0x12345678, "x"), extension(extDataFile, "/etc/shadow")...)), core.BadImage, "/etc/shadow", "qcow2"},
		"qcow2 v2 with data file":     {qcow2(4, uint32(2), 72, extension(extDataFile, "/etc/passwd")), core.BadImage, "/etc/passwd", "qcow2"},
		"qcow2 AES":                   {qcow2(32, uint32(1)), core.BadImage, "encrypted", "qcow2"},
		"qcow2 LUKS":                  {qcow2(32, uint32(2)), core.BadImage, "encrypted", "qcow2"},
		"qcow2 crypto header":         {qcow2(104, extension(extCrypto, "0123456789abcdef")), core.BadImage, "encrypted", "qcow2"},
		"qcow2 unknown feature":       {qcow2(72, uint64(1)<<9), core.BadImage, "bit 9", "qcow2"},
		"qcow2 corrupt":               {qcow2(72, uint64(2)), core.BadImage, "corrupt", "qcow2"},
		"qcow2 compression unknown":   {qcow2(72, uint64(8), 100, uint32(112), 104, byte(7)), core.BadImage, "compression", "qcow2"},
		"qcow2 compression no bit":    {qcow2(100, uint32(112), 104, byte(1)), core.BadImage, "compression", "qcow2"},
		"qcow2 8 EiB":                 {qcow2(24, ^uint64(0)), core.BadImage, "claims a disk", "qcow2"},
		"qcow2 100 TiB":               {qcow2(24, uint64(100)<<40), core.BadImage, "100 TiB", "qcow2"},
		"qcow2 no size":               {qcow2(24, uint64(0)), core.BadImage, "no size", "qcow2"},
		"qcow2 l1 too short":          {qcow2(24, uint64(1)<<40), core.BadImage, "span", "qcow2"},
		"qcow2 l1 outside":            {qcow2(40, uint64(1)<<40), core.BadImage, "outside", "qcow2"},
		"qcow2 l1 wraps around":       {qcow2(40, ^uint64(0)&^0xffff), core.BadImage, "outside", "qcow2"},
		"qcow2 l1 huge":               {qcow2(36, ^uint32(0)), core.BadImage, "outside", "qcow2"},
		"qcow2 cluster bits 0":        {qcow2(20, uint32(0)), core.BadImage, "cluster size", "qcow2"},
		"qcow2 cluster bits 63":       {qcow2(20, uint32(63)), core.BadImage, "cluster size", "qcow2"},
		"qcow2 version 1":             {qcow2(4, uint32(1)), core.Unsupported, "old qcow", ""},
		"qcow2 version 4":             {qcow2(4, uint32(4)), core.BadImage, "version is 4", "qcow2"},
		"qcow2 header length":         {qcow2(100, uint32(100)), core.BadImage, "wrong length", "qcow2"},
		"qcow2 header length huge":    {qcow2(100, ^uint32(7)), core.BadImage, "wrong length", "qcow2"},
		"qcow2 extension too long":    {qcow2(104, uint32(0x12345678), 108, ^uint32(0)), core.BadImage, "out of range", "qcow2"},
		"qcow2 endless extensions":    {qcow2(104, bytes.Repeat(extension(0x12345678, ""), 4000)), core.BadImage, "too many", ""},
		"qcow2 cut off":               {qcow2()[:70], core.BadImage, "cut off", ""},
		"qcow2 header only":           {qcow2()[:4096], core.BadImage, "cut off", "qcow2"},
		"vmdk":                        {vmdk(vmdkText), "", "", "vmdk"},
		"vmdk parent":                 {vmdk(child), core.BadImage, "/etc/passwd", "vmdk"},
		"vmdk parent hidden":          {vmdk(vmdkText, 28, littleEndian{uint64(100)}, 512, child, 51200, vmdkText), core.BadImage, "lies over", "vmdk"},
		"vmdk parent by CID only":     {vmdk(strings.Replace(vmdkText, "=ffffffff", "=00000001", 1)), core.BadImage, "lies over", "vmdk"},
		"vmdk capacity 0":             {vmdk(strings.NewReplacer("Sparse", "Flat", `SPARSE "x.vmdk"`, `FLAT "/etc/passwd" 0`).Replace(vmdkText), 12, littleEndian{uint64(0)}), core.BadImage, "another file", "vmdk"},
		"vmdk flat inside":            {vmdk(strings.NewReplacer("Sparse", "Flat", `SPARSE "x.vmdk"`, `FLAT "/etc/passwd" 0`).Replace(vmdkText)), core.BadImage, "another file", "vmdk"},
		"vmdk two extents":            {vmdk(strings.Replace(vmdkText, "\nRW", "\nRW 2048 SPARSE \"a\"\nRW", 1)), core.BadImage, "another file", "vmdk"},
		"vmdk extent elsewhere":       {vmdk(strings.Replace(vmdkText, "x.vmdk", "/etc/passwd", 1)), core.BadImage, "/etc/passwd", "vmdk"},
		"vmdk no descriptor":          {vmdk("", 28, littleEndian{uint64(0)}), core.BadImage, "several files", ""},
		"vmdk descriptor outside":     {vmdk(vmdkText, 28, littleEndian{^uint64(0)}), core.BadImage, "out of range", ""},
		"vmdk descriptor huge":        {vmdk(vmdkText, 36, littleEndian{^uint64(0)}), core.BadImage, "out of range", ""},
		"vmdk absurd":                 {vmdk(vmdkText, 12, littleEndian{^uint64(0)}), core.BadImage, "claims", "vmdk"},
		"vmdk footer missing":         {vmdk(vmdkText, 56, littleEndian{^uint64(0)}), core.BadImage, "agree", "vmdk"},
		"vmdk version 9":              {vmdk(vmdkText, 4, littleEndian{uint32(9)}), core.BadImage, "version", "vmdk"},
		"vmdk descriptor":             {[]byte(strings.NewReplacer("Sparse", "Flat", `SPARSE "x.vmdk"`, `FLAT "/etc/passwd" 0`).Replace(vmdkText)), core.BadImage, "/etc/passwd", "vmdk"},
		"vmdk descriptor, bare":       {[]byte("# a comment\n\nversion=1\ncreateType=vmfs\nRW 18446744073709551615 VMFS \"/dev/sda\"\n"), core.BadImage, "/dev/sda", ""},
		"vmdk descriptor, empty":      {[]byte("version=1\n"), core.BadImage, "another file", ""},
		"vdi":                         {vdi(), "", "", "vdi"},
		"vdi differencing":            {vdi(76, littleEndian{uint32(4)}), core.BadImage, "lies over", "vdi"},
		"vdi parent":                  {vdi(440, "0123456789abcdef"), core.BadImage, "lies over", "vdi"},
		"vdi linked":                  {vdi(424, "0123456789abcdef"), core.BadImage, "lies over", "vdi"},
		"vdi type":                    {vdi(76, littleEndian{uint32(9)}), core.BadImage, "type", "vdi"},
		"vdi version":                 {vdi(68, littleEndian{uint32(9)}), core.BadImage, "version", "vdi"},
		"vdi absurd":                  {vdi(368, littleEndian{^uint64(0)}), core.BadImage, "span", "vdi"},
		"vdi map outside":             {vdi(384, littleEndian{^uint32(0)}), core.BadImage, "cut off", "vdi"},
		"vhd":                         {vhd(3), "", "", "vpc"},
		"vhd differencing":            {vhd(4), core.BadImage, "lies over", "vpc"},
		"vhd type":                    {vhd(9), core.BadImage, "type", "vpc"},
		"vhd checksum":                {at(vhd(3), 100, "x"), core.BadImage, "checksum", "vpc"},
		"vhd header outside":          {vhd(3, 16, ^uint64(0)), core.BadImage, "cut off", "vpc"},
		"vhd absurd":                  {vhd(3, 48, uint64(1)<<62), core.BadImage, "claims", "vpc"},
		"vhd fixed, lying":            {at(vhd(2, 48, uint64(1)<<40), 0, "a raw b\x00"), core.BadImage, "more than it holds", ""},
		"vhdx":                        {vhdxWith(t, func([]byte) {}), "", "", "vhdx"},
		"vhdx parent":                 {vhdxWith(t, func(b []byte) { at(metadata(b), 64<<10+4, littleEndian{uint32(2)}) }), core.BadImage, "lies over", "vhdx"},
		"vhdx log":                    {vhdxWith(t, func(b []byte) { at(b, vhdxHeader1+48, "log"); at(b, vhdxHeader2+48, "log") }), core.BadImage, "log", ""},
		"vhdx no metadata":            {vhdxWith(t, func(b []byte) { at(b, vhdxRegions+8, uint32(0)) }), core.BadImage, "metadata", "vhdx"},
		"vhdx headers":                {vhdxWith(t, func(b []byte) { at(b, vhdxHeader1, "tail"); at(b, vhdxHeader2, "tail") }), core.BadImage, "both", "vhdx"},
		"vhdx cut off":                {vhdxWith(t, func([]byte) {})[:300<<10], core.BadImage, "cut off", ""},
		"zstd":                        {[]byte("\x28\xb5\x2f\xfd...."), core.Unsupported, "zstd", ""},
		"zip":                         {[]byte("PK\x03\x04....."), core.Unsupported, "zip", ""},
		"QED":                         {at(make([]byte, 65536), 0, "QED\x00"), core.Unsupported, "QED", ""},
		"LUKS":                        {at(make([]byte, 65536), 0, "LUKS\xba\xbe\x00\x02"), core.BadImage, "encrypted", ""},
		"ESX sparse":                  {at(make([]byte, 65536), 0, "COWD"), core.Unsupported, "ESX", ""},
		"program":                     {at(make([]byte, 65536), 0, "\x7fELF"), core.Unsupported, "program", ""},
		"web page":                    {[]byte("<!DOCTYPE html>\n<HTML><body>404 Not found" + strings.Repeat("é", 4096)), core.BadImage, "web page", ""},
		"text":                        {[]byte(strings.Repeat("not an image\n", 1000)), core.BadImage, "text", ""},
		"JSON":                        {[]byte(`{"error":"forbidden"}`), core.BadImage, "text", ""},
		"empty":                       {nil, core.BadImage, "empty", ""},
		"tiny":                        {[]byte{0, 1, 2}, core.BadImage, "too small", ""},
		"raw, cut off":                {at(make([]byte, 5000), 510, "\x55\xaa"), core.BadImage, "within a sector", ""},
		"raw":                         {make([]byte, 8192), "", "", "raw"},
		"raw with MBR":                {at(make([]byte, 8192), 510, "\x55\xaa"), "", "", "raw"},
	}
}

// chunks returns the first 8 bytes of every n bytes.
func chunks(b []byte, n int) []string {
	var starts []string
	for i := 0; i+8 <= len(b); i += n {
		starts = append(starts, string(b[i:i+8]))
	}
	return starts
}

func TestCraftedImages(t *testing.T) {
	for name, tc := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			info, err := Read(bytes.NewReader(tc.image), int64(len(tc.image)))
			if err == nil {
				err = info.Check()
			}
			if core.CodeOf(err) != tc.want {
				t.Fatalf("got %v (%+v), want code %q", err, info, tc.want)
			}
			if err != nil && (!strings.Contains(err.Error(), tc.says) || core.AsError(err).Hint == "") {
				t.Errorf("got %q, hint %q; want %q", err, core.AsError(err).Hint, tc.says)
			}
			if err == nil {
				confirm(t, tc, info)
			}
		})
	}
}

// confirm asks QEMU whether an image that we accept stands alone.
func confirm(t *testing.T, tc crafted, info Info) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(path, tc.image, 0o600); err != nil {
		t.Fatal(err)
	}
	q := askQEMU(t, tc.format, path)
	if q.Backing != "" || q.Specific.Data.DataFile != "" || q.Encrypted || q.VirtualSize != int64(info.VirtualSize) {
		t.Errorf("accepted as %+v, but QEMU says %+v", info, q)
	}
}

// The two ways to hide a file of the host that our reader has to know of,
// because QEMU goes there: that these images really work is what makes the
// refusals above worth having.
func TestQEMUFollowsWhatWeRefuse(t *testing.T) {
	all := corpus(t)
	for name, says := range map[string]string{
		"qcow2 backing file": "/etc/passwd",
		"vmdk parent hidden": "/etc/passwd",
		"vmdk capacity 0":    "/etc/passwd",
	} {
		path := filepath.Join(t.TempDir(), "image")
		if err := os.WriteFile(path, all[name].image, 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := exec.Command("qemu-img", "info", "--output=json", "-f", all[name].format, path).Output()
		if !json.Valid(out) || !bytes.Contains(out, []byte(says)) {
			t.Errorf("%s: QEMU does not go there: %s", name, out)
		}
	}
}

func TestReadErrorsAreNotBlamedOnTheImage(t *testing.T) {
	lost := errors.New("connection lost")
	_, err := Read(readerFunc(func([]byte, int64) (int, error) { return 0, lost }), 1<<20)
	if !errors.Is(err, lost) || core.CodeOf(err) != core.Internal {
		t.Errorf("got %v", err)
	}
	if _, err := Read(bytes.NewReader(qcow2()[:100]), 1<<20); core.CodeOf(err) != core.BadImage {
		t.Errorf("a file that ends before its size: %v", err)
	}
}

type readerFunc func([]byte, int64) (int, error)

func (f readerFunc) ReadAt(b []byte, off int64) (int, error) { return f(b, off) }

func FuzzRead(f *testing.F) {
	for _, c := range corpus(f) {
		if len(c.image) <= 256<<10 {
			f.Add(c.image, int64(len(c.image)))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		total := 0
		r := readerFunc(func(p []byte, off int64) (int, error) {
			if off < 0 || off+int64(len(p)) > size {
				t.Fatalf("read of %d at %d in %d bytes", len(p), off, size)
			}
			total += len(p)
			if off >= int64(len(b)) {
				return 0, io.EOF
			}
			return bytes.NewReader(b).ReadAt(p, off)
		})
		info, err := Read(r, size)
		if total > 1<<20 {
			t.Fatalf("%d bytes were read", total)
		}
		if err != nil {
			if c := core.CodeOf(err); c != core.BadImage && c != core.Unsupported {
				t.Fatalf("%v has code %s", err, c)
			}
			return
		}
		if info.Check() == nil && (info.VirtualSize <= 0 || info.VirtualSize > MaxVirtualSize || info.BackingFile+info.DataFile != "" ||
			info.Encrypted || len(info.Problems) > 0) {
			t.Fatalf("accepted %+v", info)
		}
	})
}
