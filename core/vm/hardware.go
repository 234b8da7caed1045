package vm

import (
	"encoding/xml"
	"path"
	"slices"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// Hardware is what we read of a VM's XML. The XML itself stays the truth: this
// is never written back.
type Hardware struct {
	Name     string    `xml:"name"`
	UUID     string    `xml:"uuid"`
	Title    string    `xml:"title"`
	NVRAM    string    `xml:"os>nvram"`
	Disks    []DiskXML `xml:"devices>disk"`
	NICs     []NICXML  `xml:"devices>interface"`
	Metadata struct {
		Ours struct {
			Seed struct {
				Path string `xml:"path,attr"`
			} `xml:"https://limiquantix.org/xmlns/vm/1 seed"`
		} `xml:"https://limiquantix.org/xmlns/vm/1 vm"`
	} `xml:"metadata"`
	// Open is what the running VM has open, whatever its definition says: a
	// disk may have been plugged in until it is next off.
	Open []string `xml:"-"`
}

// uses reports whether a VM has file as a disk, by its definition or live.
func (h Hardware) uses(file string) bool {
	same := func(s string) bool { return s == file || path.IsAbs(s) && path.Clean(s) == file }
	return file != "" && (slices.ContainsFunc(h.Open, same) ||
		slices.ContainsFunc(h.Disks, func(d DiskXML) bool { return same(d.Path()) }))
}

// DiskXML is a <disk>.
type DiskXML struct {
	Device string `xml:"device,attr"`
	Driver struct {
		Type string `xml:"type,attr"`
	} `xml:"driver"`
	Source struct {
		File   string `xml:"file,attr"`
		Dev    string `xml:"dev,attr"`
		Name   string `xml:"name,attr"`
		Pool   string `xml:"pool,attr"`
		Volume string `xml:"volume,attr"`
	} `xml:"source"`
	Target struct {
		Dev string `xml:"dev,attr"`
		Bus string `xml:"bus,attr"`
	} `xml:"target"`
	ReadOnly  *struct{} `xml:"readonly"`
	Shareable *struct{} `xml:"shareable"`
}

// Path returns the file, device or name that the disk is kept in; "" for an
// empty drive or a volume named by pool.
func (d DiskXML) Path() string {
	for _, s := range []string{d.Source.File, d.Source.Dev, d.Source.Name} {
		if s != "" {
			return s
		}
	}
	return ""
}

// NICXML is an <interface>.
type NICXML struct {
	Type string `xml:"type,attr"`
	MAC  struct {
		Address string `xml:"address,attr"`
	} `xml:"mac"`
	Source struct {
		Network string `xml:"network,attr"`
		Bridge  string `xml:"bridge,attr"`
		Dev     string `xml:"dev,attr"`
	} `xml:"source"`
	Model struct {
		Type string `xml:"type,attr"`
	} `xml:"model"`
}

// Plug returns the network, bridge or device that the card is plugged into.
func (n NICXML) Plug() string {
	for _, s := range []string{n.Source.Network, n.Source.Bridge, n.Source.Dev} {
		if s != "" {
			return s
		}
	}
	return ""
}

// ReadHardware reads a domain's XML.
func ReadHardware(domainXML string) (Hardware, error) {
	var h Hardware
	if err := xml.Unmarshal([]byte(xmledit.Clean(domainXML)), &h); err != nil {
		return h, core.Errorf(core.Internal, "the host sent XML that cannot be read: %w", err)
	}
	return h, nil
}

// SeedPath returns the path of the cloud-init seed that we made for this VM; ""
// for none.
func (h Hardware) SeedPath() string { return h.Metadata.Ours.Seed.Path }
