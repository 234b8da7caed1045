package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Settings are what can be set of a VM one by one. Nil: nothing is said of it.
type Settings struct {
	Title       *string // "" removes it
	Description *string // "" removes it
	VCPUs       *int
	Memory      *core.Bytes
}

// MinMemory is the least memory of a VM.
const MinMemory = core.MiB

// What no VM can have, on any host; what one host has less of is another
// question. MaxVCPUs is the most of QEMU's q35, from version 9 on. MaxMemory is
// what 52 bits of physical address reach, the most of x86-64 and of Arm: libvirt
// itself takes any number that it can count, and starts no such VM.
const (
	MaxVCPUs  = 4096
	MaxMemory = 4 * core.PiB
)

// Check refuses what no host would take. [core.Invalid] with the detail "field".
func (s Settings) Check() error {
	switch {
	case s.Title != nil && strings.Contains(*s.Title, "\n"):
		return core.Errorf(core.Invalid, "a title is one line").WithHint("longer notes go into the description").WithDetail("field", "title")
	case s.VCPUs != nil && (*s.VCPUs < 1 || *s.VCPUs > MaxVCPUs):
		return core.Errorf(core.Invalid, "%d is not a number of CPUs", *s.VCPUs).WithHint("a VM has 1 to %d", MaxVCPUs).WithDetail("field", "vcpus")
	case s.Memory != nil && *s.Memory < MinMemory:
		return core.Errorf(core.Invalid, "%s is too little memory for a VM", *s.Memory).WithHint("give at least %s", MinMemory).WithDetail("field", "memory_bytes")
	case s.Memory != nil && *s.Memory > MaxMemory:
		return core.Errorf(core.Invalid, "%s is more memory than any VM can have", *s.Memory).WithHint("give at most %s", MaxMemory).WithDetail("field", "memory_bytes")
	}
	return nil
}

// ReadSettings returns all settings of a VM's XML. What cannot be read is nil.
func ReadSettings(doc *xmledit.Doc) Settings {
	dom := doc.Root()
	title, description := dom.Child("title").Text(), dom.Child("description").Text()
	s := Settings{Title: &title, Description: &description}
	if n, ok := vcpusNow(dom); ok {
		s.VCPUs = &n
	}
	if m, ok := memoryNow(dom); ok {
		s.Memory = &m
	}
	return s
}

// Apply sets what s says in doc. Where the VM is defined with less than its
// maximum (CPUs to be plugged in later, a balloon to be deflated), the maximum
// is kept as long as it suffices.
//
// Errors: as [Settings.Check]; [core.Unsupported] when the setting is divided
// among NUMA cells or does not fit the CPU topology: that is for an edit of the XML.
func (s Settings) Apply(doc *xmledit.Doc) error {
	if err := s.Check(); err != nil {
		return err
	}
	now := ReadSettings(doc)
	dom := doc.Root()
	if s.Title != nil && *s.Title != *now.Title {
		if err := setText(dom, "title", *s.Title); err != nil {
			return core.InField(err, "title")
		}
	}
	if s.Description != nil && *s.Description != *now.Description {
		if err := setText(dom, "description", *s.Description); err != nil {
			return core.InField(err, "description")
		}
	}
	if s.VCPUs != nil && (now.VCPUs == nil || *s.VCPUs != *now.VCPUs) {
		if err := setVCPUs(dom, *s.VCPUs); err != nil {
			return core.InField(err, "vcpus")
		}
	}
	if s.Memory != nil && (now.Memory == nil || *s.Memory != *now.Memory) {
		if err := setMemory(dom, *s.Memory); err != nil {
			return core.InField(err, "memory_bytes")
		}
	}
	return nil
}

// Restore gives doc those settings that s names (whatever their value) exactly
// as they are in was, with maxima and topology.
func (s Settings) Restore(doc, was *xmledit.Doc) error {
	for _, r := range []struct {
		named bool
		paths []string
	}{
		{s.Title != nil, []string{"title"}},
		{s.Description != nil, []string{"description"}},
		{s.VCPUs != nil, []string{"vcpu", "cpu/topology"}},
		{s.Memory != nil, []string{"memory", "currentMemory"}},
	} {
		for _, path := range r.paths {
			if !r.named {
				break
			}
			if err := restore(doc.Root(), was.Root(), path); err != nil {
				return fmt.Errorf("put back <%s>: %w", path, err)
			}
		}
	}
	return nil
}

func restore(dom, was *xmledit.Element, path string) error {
	now, old := dom.Find(path), was.Find(path)
	switch {
	case old == nil:
		now.Remove()
		return nil
	case now != nil:
		_, err := now.Replace(old.String())
		return err
	}
	if parent, _, nested := strings.Cut(path, "/"); nested {
		_, err := dom.Child(parent).Append(old.String())
		return err
	}
	_, err := place(dom, path).InsertAfter(old.String())
	return err
}

// place is the element after which libvirt writes title and description.
func place(dom *xmledit.Element, name string) *xmledit.Element {
	if title := dom.Child("title"); name == "description" && title != nil {
		return title
	}
	if uuid := dom.Child("uuid"); uuid != nil {
		return uuid
	}
	return dom.Child("name")
}

func setText(dom *xmledit.Element, name, value string) error {
	e := dom.Child(name)
	if value == "" {
		e.Remove()
		return nil
	}
	if e == nil {
		var err error
		if e, err = place(dom, name).InsertAfter("<" + name + "/>"); err != nil {
			return err
		}
	}
	return e.SetText(value)
}

// vcpusNow returns how many CPUs the VM boots with.
func vcpusNow(dom *xmledit.Element) (int, bool) {
	e := dom.Child("vcpu")
	if e == nil {
		return 1, true // libvirt's default
	}
	n, err := strconv.Atoi(strings.TrimSpace(e.Text()))
	if e.HasAttr("current") {
		n, err = strconv.Atoi(e.Attr("current"))
	}
	return n, err == nil
}

func setVCPUs(dom *xmledit.Element, n int) error {
	if dom.Find("cpu/numa") != nil || dom.Child("vcpus") != nil {
		return core.Errorf(core.Unsupported, "its CPUs are divided among NUMA cells or listed one by one").
			WithHint("change them together, with: limiquantix vm edit")
	}
	e, err := dom.Ensure("vcpu")
	if err != nil {
		return err
	}
	limit, err := strconv.Atoi(strings.TrimSpace(e.Text()))
	if e.HasAttr("current") && err == nil && n <= limit {
		return e.SetAttr("current", strconv.Itoa(n))
	}
	e.RemoveAttr("current")
	if err := fitTopology(dom.Find("cpu/topology"), n); err != nil {
		return err
	}
	return e.SetText(strconv.Itoa(n))
}

// fitTopology makes a topology have n CPUs, for libvirt refuses a VM whose
// topology has not as many as it may have: one socket gets other cores, of
// several there are more or fewer.
func fitTopology(t *xmledit.Element, n int) error {
	if t == nil {
		return nil
	}
	count := func(name string) int {
		if c, err := strconv.Atoi(t.Attr(name)); err == nil && c > 0 && c <= MaxVCPUs {
			return c
		}
		return 1
	}
	change := "sockets"
	if count("sockets") == 1 {
		change = "cores"
	}
	rest := 1
	for _, name := range []string{"sockets", "dies", "clusters", "cores", "threads"} {
		if name != change {
			rest = min(rest*count(name), MaxVCPUs+1)
		}
	}
	if n%rest != 0 {
		return core.Errorf(core.Unsupported, "its CPU topology (%d sockets, %d cores, %d threads) does not allow %d CPUs", count("sockets"), count("cores"), count("threads"), n).
			WithHint("give a multiple of %d, or change the topology with: limiquantix vm edit", rest)
	}
	return t.SetAttr(change, strconv.Itoa(n/rest))
}

// memoryNow returns how much memory the VM boots with.
func memoryNow(dom *xmledit.Element) (core.Bytes, bool) {
	if e := dom.Child("currentMemory"); e != nil {
		if m, ok := size(e); ok && m > 0 {
			return m, true
		}
	}
	return size(dom.Child("memory"))
}

func setMemory(dom *xmledit.Element, m core.Bytes) error {
	if dom.Find("cpu/numa") != nil {
		return core.Errorf(core.Unsupported, "its memory is divided among NUMA cells").WithHint("change them together, with: limiquantix vm edit")
	}
	most, err := dom.Ensure("memory")
	if err != nil {
		return err
	}
	limit, known := size(most)
	current := dom.Child("currentMemory")
	now, _ := size(current)
	roomy := current != nil && known && now < limit
	if !roomy || m > limit {
		if err := setSize(most, m); err != nil {
			return err
		}
	}
	if current == nil {
		return nil
	}
	return setSize(current, m)
}

func setSize(e *xmledit.Element, m core.Bytes) error {
	if err := e.SetAttr("unit", "KiB"); err != nil {
		return err
	}
	return e.SetText(strconv.FormatInt(int64((m+core.KiB-1)/core.KiB), 10))
}

// Size reads a number with its unit as libvirt does: "" is KiB. It is false for
// what is no size.
//
// Source: libvirt.org/formatdomain.html, "Memory Allocation".
func Size(number, unit string) (core.Bytes, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	one, known := unitSize(unit)
	if err != nil || n < 0 || !known || n > math.MaxInt64/int64(one) {
		return 0, false
	}
	return core.Bytes(n) * one, true
}

func size(e *xmledit.Element) (core.Bytes, bool) { return Size(e.Text(), e.Attr("unit")) }

func unitSize(unit string) (core.Bytes, bool) {
	lower := strings.ToLower(unit)
	switch lower {
	case "":
		return core.KiB, true
	case "b", "byte", "bytes":
		return 1, true
	}
	power := strings.IndexByte("kmgtp", lower[0]) + 1
	if power == 0 {
		return 0, false
	}
	base := core.Bytes(1024)
	switch lower[1:] {
	case "", "ib":
	case "b":
		base = 1000
	default:
		return 0, false
	}
	n := core.Bytes(1)
	for range power {
		n *= base
	}
	return n, true
}
