package header

import "github.com/limiquantix/limiquantix/core"

// MaxVirtualSize is the largest disk that is believed. A few hundred bytes can
// claim 8 EiB; what QEMU would then allocate for tables is no longer small.
// Whether the disk fits its pool is the caller's to check.
const MaxVirtualSize = 64 * core.TiB

// Check says whether the image stands alone and may be given to QEMU.
//
// Errors: [core.BadImage] when it has a backing file or a data file, is
// encrypted, uses features that are not known, is damaged, or claims a virtual
// size of nothing or over [MaxVirtualSize].
func (i Info) Check() error {
	bad := func(hint, format string, args ...any) error {
		return core.Errorf(core.BadImage, format, args...).WithHint("%s", hint)
	}
	convert := "make it stand alone where its files are: qemu-img convert -O qcow2 IMAGE NEW.qcow2"
	switch {
	case i.BackingFile != "":
		return bad(convert, "the image lies over another file, %s", core.Printable(i.BackingFile, 80))
	case i.DataFile != "":
		return bad(convert, "the image keeps its data in another file, %s", core.Printable(i.DataFile, 80))
	case i.Encrypted:
		return bad("decrypt it first: qemu-img convert with its secret to a new qcow2", "the image is encrypted")
	case len(i.Problems) > 0:
		return bad("convert it with a recent qemu-img: qemu-img convert -O qcow2 IMAGE NEW.qcow2", "the image %s", i.Problems[0])
	case i.VirtualSize <= 0:
		return bad("copy or download it again", "the image holds a disk of no size")
	case i.VirtualSize > MaxVirtualSize:
		return bad("no real image is that large; do not trust where it came from",
			"the image claims a disk of %v, and at most %v is accepted", i.VirtualSize, MaxVirtualSize)
	}
	return nil
}
