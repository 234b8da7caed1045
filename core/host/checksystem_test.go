package host

import (
	"strings"
	"testing"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func TestFindingsOfTheSystem(t *testing.T) {
	for _, test := range []struct {
		key, value string
		level      apiv1.Finding_Level
		text       string
	}{
		{"free", "1048576", warn, "1 GiB is free"},
		{"free", "104857600", ok, "100 GiB is free"},
		{"iommu", "0", warn, "IOMMU is off"},
		{"iommu", "2", ok, "IOMMU is on"},
		{"nested", "Y", ok, "may run VMs"},
		{"nested", "0", warn, "nested virtualisation is off"},
		{"bridges", "virbr0", ok, "no bridge of its own"},
		{"bridges", "br0 virbr0 \x1b[2J", ok, "bridges: br0"},
		{"boot", "no", warn, "does not start with the host"},
		{"boot", "yes", ok, "starts with the host"},
		{"net", "yes", ok, "network default runs"},
		{"net", "no", warn, "no network default runs"},
		{"pool", "no", warn, "no pool default runs"},
		{"lsm", "capability,selinux", ok, "SELinux"},
		{"lsm", "lockdown,apparmor", ok, "AppArmor"},
	} {
		var f findings
		f.systemFact(test.key, test.value)
		if len(f) != 1 || f[0].Level != test.level || !strings.Contains(f[0].Text, test.text) || (f[0].Fix == "") != (test.level == ok) {
			t.Errorf("%s=%q gives %v", test.key, test.value, f)
		}
	}
	var f findings
	for _, nonsense := range [][2]string{{"free", ""}, {"free", "x"}, {"iommu", ""}, {"lsm", ""}, {"", "1"}} {
		f.systemFact(nonsense[0], nonsense[1])
	}
	if len(f) > 0 {
		t.Errorf("nonsense gives %v", f)
	}
}
