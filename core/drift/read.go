package drift

import (
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/xmledit"
)

// maxKeys bounds the bytes of all paths of a VM: each has the names of all
// elements around it, and XML comes from hosts that we do not trust.
const maxKeys = 32 << 20

// reader turns XML into parts.
type reader struct{ left int }

// read reads a VM's XML.
//
// Errors: [core.Invalid] when it is none, or too much.
func read(xml string) (*domain, error) {
	doc, err := xmledit.Parse(xmledit.Clean(xml))
	if err != nil {
		return nil, err
	}
	root := doc.Root()
	if root.Name() != "domain" {
		return nil, core.Errorf(core.Invalid, "this is no VM's XML, but <%s>", core.Printable(root.Name(), 40))
	}
	r, d := reader{left: maxKeys}, &domain{}
	vm := &part{settings: map[string]value{}}
	r.attrs(vm, root, "")
	for _, e := range root.Children("") {
		if e.Name() != "devices" && !generated(e) {
			r.element(vm, e, key(root, e, map[string]int{}))
		}
	}
	d.parts = append(d.parts, vm)
	places := map[string]int{}
	for _, e := range root.FindAll("devices/*") {
		places[e.Name()]++
		p := &part{kind: e.Name(), place: places[e.Name()], settings: map[string]value{}}
		r.element(p, e, "")
		normalise(p)
		p.id = p.identity()
		d.parts = append(d.parts, p)
	}
	normaliseVM(vm, root)
	if r.left < 0 {
		return nil, core.Errorf(core.Invalid, "this VM's XML is too large to be compared")
	}
	return d, nil
}

// put sets one setting.
func (r *reader) put(p *part, key string, v value) {
	if r.left -= len(key); r.left >= 0 {
		p.settings[key] = v
	}
}

// element reads e and what is in it into p, below path; "" for p's own element.
func (r *reader) element(p *part, e *xmledit.Element, path string) {
	if r.left < 0 {
		return
	}
	switch {
	case strings.Contains(e.Name(), ":") || e.Parent().Name() == "metadata":
		r.put(p, path, value{set: true, raw: foreign(e)})
		return
	case e.Name() == "address" && path != "":
		r.put(p, path, value{set: true, raw: addressText(e)})
		return
	}
	r.attrs(p, e, path)
	if size, ok := sizeOf(e); ok {
		r.put(p, path, size)
	} else {
		r.text(p, e, path)
	}
	places := map[string]int{}
	for _, c := range e.Children("") {
		if r.left -= len(path); r.left < 0 {
			return
		}
		if generated(c) {
			continue
		}
		name := key(e, c, places)
		if path != "" {
			name = path + "/" + name
		}
		if e.Name() == "os" && c.Name() == "boot" { // an order is one setting
			before := p.settings["os/boot"].raw
			r.put(p, "os/boot", value{set: true, raw: strings.TrimPrefix(before+", "+c.Attr("dev"), ", ")})
			continue
		}
		r.element(p, c, name)
	}
}

func (r *reader) attrs(p *part, e *xmledit.Element, path string) {
	for _, a := range e.Attrs() {
		if strings.HasPrefix(a, "xmlns") || a == siblings[e.Name()] && path != "" || generatedAttr(e, a) {
			continue
		}
		v := value{set: true, raw: spell(a, e.Attr(a))}
		if size, ok := sizeOfAttr(e, a); ok {
			v = size
		}
		if a == "passwd" {
			v.secret = true
		}
		r.put(p, path+"@"+a, v)
	}
}

// text reads what stands in an element without children: <acpi/> is "yes".
func (r *reader) text(p *part, e *xmledit.Element, path string) {
	if path == "" && p.kind != "emulator" || e.Child("") != nil {
		return
	}
	text := e.Text()
	if e.Name() != "description" && e.Name() != "title" {
		text = strings.TrimSpace(text)
	}
	switch {
	case text != "":
		r.put(p, path, value{set: true, raw: text})
	case len(e.Attrs()) == 0, len(e.Attrs()) == 1 && e.HasAttr(siblings[e.Name()]):
		r.put(p, path, value{set: true, raw: "yes"})
	}
}

// key is the name of a child of e in a path, with what tells it from its
// siblings. places counts those that nothing else tells apart.
func key(e, c *xmledit.Element, places map[string]int) string {
	name := c.Name()
	switch {
	case e.Name() == "metadata":
		return "[" + c.Space() + " " + c.Local() + "]"
	case siblings[name] != "" && c.HasAttr(siblings[name]):
		return name + "[" + c.Attr(siblings[name]) + "]"
	}
	places[name]++
	if n := places[name]; n > 1 || listed[name] {
		return name + "[" + itoa(n) + "]"
	}
	return name
}

// siblings is the attributes that tell elements of one name apart.
var siblings = map[string]string{
	"timer": "name", "feature": "name", "vcpupin": "vcpu", "iothreadpin": "iothread", "vcpusched": "vcpus", "iothreadsched": "iothreads",
	"iothread": "id", "entry": "name", "parameter": "name", "tag": "id",
}

// listed is elements that are numbered even when there is one of them.
var listed = map[string]bool{"cell": true}

// foreign returns an element of somebody else's as one text.
func foreign(e *xmledit.Element) string {
	if e.Name() == "qemu:commandline" {
		var args, env []string
		for _, c := range e.Children("") {
			if c.HasAttr("name") {
				env = append(env, c.Attr("name")+"="+c.Attr("value"))
			} else {
				args = append(args, c.Attr("value"))
			}
		}
		return strings.Join(append(args, env...), " ")
	}
	text, err := xmledit.Canonical(e.String())
	if err != nil {
		return e.String()
	}
	return strings.TrimSpace(text)
}

// addressText is an address as people write it: "0000:05:00.0", "usb 0:1".
func addressText(e *xmledit.Element) string {
	hex := func(name string, digits int) string {
		v := strings.TrimPrefix(spell(name, e.Attr(name)), "0x")
		return strings.Repeat("0", max(0, digits-len(v))) + v
	}
	if e.Attr("type") == "pci" || e.Attr("type") == "" && e.HasAttr("slot") {
		return hex("domain", 4) + ":" + hex("bus", 2) + ":" + hex("slot", 2) + "." + hex("function", 1)
	}
	text := e.Attr("type")
	for _, a := range e.Attrs() {
		if a != "type" && a != "base" { // a DIMM's place in memory is found at each start
			text += " " + a + " " + spell(a, e.Attr(a))
		}
	}
	return strings.TrimSpace(text)
}

// sizeOf reads the elements whose text is a size.
func sizeOf(e *xmledit.Element) (value, bool) {
	inKiB := map[string]bool{
		"memory": e.Parent().Name() == "domain", "currentMemory": true, "maxMemory": true, "hard_limit": true, "soft_limit": true,
		"swap_hard_limit": true, "min_guarantee": true, "requested": true, "block": true, "size": e.Parent().Name() == "target",
	}
	if !inKiB[e.Name()] && !(e.Name() == "size" && e.HasAttr("unit")) {
		return value{}, false
	}
	return sizeValue(e.Text(), e.Attr("unit"))
}

func sizeOfAttr(e *xmledit.Element, name string) (value, bool) {
	if e.Name() == "cell" && name == "memory" || e.Name() == "page" && name == "size" {
		return sizeValue(e.Attr(name), e.Attr("unit"))
	}
	return value{}, false
}
