// Package drift says how three states of a VM's configuration differ: what was
// applied (the XML that we last sent to the host), what is defined now, and
// what runs. It asks no host and keeps nothing.
//
// libvirt never gives back what it was given: it spells anew, fills in defaults,
// assigns addresses, adds devices, and adds more when a VM starts. None of that
// is drift. So XML is not compared as text: it is read into parts (the VM
// itself, each device) with settings (path → value, in one spelling), parts are
// matched by what they are (a disk by its target, a card by its address), and a
// setting that differs counts unless noise.go says that libvirt alone may have
// made the difference.
//
// In doubt a difference is told, not hidden: a setting that nobody has thought
// of is compared by its path. That the table of noise is complete is tried on
// testdata, which real libvirt has printed: X.sent.xml was defined, X.defined.xml
// and X.running.xml are the answers (transport/virt, TestDriftOfWhatWeDefine, which writes
// them anew with -update).
//
// Source: libvirt.org/formatdomain.html; libvirt 9.0 with QEMU 7.2.
package drift
