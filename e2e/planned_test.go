//go:build linux

package e2e

import "testing"

// digest plans a change and returns the plan's digest; twice, and it is the same.
func (s *site) digest(change ...string) string {
	s.t.Helper()
	var digests [2]string
	for i := range digests {
		var plan struct{ Digest string }
		s.read(&plan, append(change, "--plan")...)
		digests[i] = plan.Digest
	}
	if digests[0] == "" || digests[0] != digests[1] {
		s.t.Errorf("%q: two plans of the same have the digests %q and %q", change, digests[0], digests[1])
	}
	return digests[0]
}

// plannedOrNothing changes a VM by virsh between the preview and the act.
func plannedOrNothing(t *testing.T, s *site) {
	was := s.rich()
	s.inside("virsh", "vol-create-as", "default", "extra.qcow2", "10M", "--format", "qcow2")
	extra := s.inside("sh", "-c", "virsh vol-path extra.qcow2 --pool default | tr -d '\\n'")
	untouched := func(want string) {
		t.Helper()
		s.is("rich", want)
		s.inside("virsh", "vol-info", "extra.qcow2", "--pool", "default")
		s.inside("virsh", "vol-info", "rich.qcow2", "--pool", "default")
	}

	// Each command line is a process of its own: it knows what was shown by the digest alone.
	remove := []string{"vm", "delete", "rich"}
	shown := s.digest(remove...)
	s.inside("virsh", "attach-disk", "rich", extra, "vdz", "--config", "--subdriver", "qcow2")
	attached := s.stored("rich")
	s.fails(3, "Delete volume extra.qcow2 of pool default", append(remove, "--as-planned", shown)...)
	untouched(attached)

	// A running application knows what it showed, and names what is different.
	app := s.serve()
	defer app.stop()
	shown = s.digest(remove...)
	s.inside("virsh", "detach-disk", "rich", "vdz", "--config")
	s.fails(3, "no longer done: Delete volume extra.qcow2 of pool default", append(remove, "--as-planned", shown)...)
	untouched(was)
	set := []string{"vm", "set", "rich", "--cpus", "2"}
	shown = s.digest(set...)
	s.inside("virsh", "desc", "rich", "--config", "--title", "--new-desc", "theirs")
	theirs := s.stored("rich")
	s.fails(3, "done otherwise: Store the new configuration of VM rich", append(set, "--as-planned", shown)...)
	untouched(theirs)

	// What is as it was shown is done; once.
	shown = s.digest(set...)
	s.run(append(set, "--as-planned", shown)...)
	want(t, "vm set", s.stored("rich"), ">2</vcpu>", "<title>theirs</title>")
	s.fails(3, "no longer done: Store the new configuration of VM rich", append(set, "--as-planned", shown)...)
	undo := s.digest("undo")
	s.run("undo", "--as-planned", undo)
	untouched(theirs)
	s.run(append(remove, "--as-planned", s.digest(remove...))...)
	s.inside("virsh", "vol-info", "extra.qcow2", "--pool", "default")
}
