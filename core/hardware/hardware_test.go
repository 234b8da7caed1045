package hardware

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

var update = flag.Bool("update", false, "write the goldens in testdata anew")

var readAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sample returns what a host printed: debian12.txt is of a virtual machine with
// a few interfaces added; server.txt was put together from what such machines
// print, with the strings of util-linux before 2.33 beside the numbers of today.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestHardwareOfSamples(t *testing.T) {
	for _, name := range []string{"debian12", "server"} {
		t.Run(name, func(t *testing.T) {
			got, err := prototext.MarshalOptions{Multiline: true, Indent: "  "}.Marshal(Read(sample(t, name+".txt"), readAt))
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".textproto")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			// prototext varies its spaces on purpose: compare what is meant.
			have, want := &apiv1.GetHostHardwareResponse{}, &apiv1.GetHostHardwareResponse{}
			if err := prototext.Unmarshal(got, have); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if err := prototext.Unmarshal(text, want); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(have, want) {
				t.Error(cmp.Diff(prototext.Format(want), prototext.Format(have)))
			}
		})
	}
}

// TestAToolThatDoesNotEnd: one that hangs, and takes no notice of being asked to
// end, costs its own part of the answer, and does not stay on the host.
func TestAToolThatDoesNotEnd(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ip"), []byte("#!/bin/sh\necho $$ >"+dir+"/pid\ntrap '' TERM\nwhile :; do sleep 1; done\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	script := strings.Replace(Script, "timeout -k 2 10", "timeout -k 1 1", 1)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	cmd.WaitDelay = 20 * time.Second
	late := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer late.Stop()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := Read(out, time.Now())
	if want := "Network interfaces cannot be read: ip did not answer within 10 seconds"; got.Kernel == "" || !slices.Contains(got.Problems, want) {
		t.Errorf("got kernel %q and problems %q, want %q", got.Kernel, got.Problems, want)
	}
	pid, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	// It may be a zombie, which has no command line, until init looks after it.
	if line, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/cmdline"); err == nil && len(line) > 0 {
		t.Errorf("%q still runs", line)
	}
}

// TestAToolThatPrintsWithoutEnd: one that prints a gigabyte costs its own part of
// the answer, whether it ends when nobody reads on or takes no notice; so does
// one that leaves something running which holds its output.
func TestAToolThatPrintsWithoutEnd(t *testing.T) {
	for name, body := range map[string]string{
		"ends":    "exec head -c 1000000000 /dev/zero",
		"goes on": "trap '' PIPE TERM\nhead -c 1000000000 /dev/zero 2>&-\nsleep 1\nexit 0",
		"just":    "exec head -c 4194304 /dev/zero",
		"child":   "(sleep 4) &\nexec head -c 4194304 /dev/zero",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "lsblk"), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "sh", "-c", Script)
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			out, err := cmd.Output()
			if err != nil || len(out) > int(MaxOutput) {
				t.Fatalf("%d bytes, %v", len(out), err)
			}
			got := Read(out, time.Now())
			if want := "Disks cannot be read: lsblk prints too much"; got.Kernel == "" || len(got.Filesystems) == 0 || !slices.Contains(got.Problems, want) {
				t.Errorf("got kernel %q, %d file systems and problems %q, want %q", got.Kernel, len(got.Filesystems), got.Problems, want)
			}
		})
	}
}

// TestAMissingToolIsASentence: what is there stays.
func TestAMissingToolIsASentence(t *testing.T) {
	for _, c := range []struct {
		out, kernel string
		problems    []string
	}{
		{"@@ kernel\n6.1\n\n@@ end 0\n@@ os\n\n@@ end 127\n@@ load\nlow\n@@ end 0\n@@ disks\n{\"blockdevices\"", "6.1", []string{
			"The operating system cannot be read: cat is not installed on the host",
			"The time of boot cannot be read: the host's answer is cut off",
			"The load cannot be read: what cat says is not understood",
			"The NUMA nodes cannot be read: the host's answer is cut off",
			"Disks cannot be read: the host's answer is cut off",
			"File systems cannot be read: the host's answer is cut off",
			"Network interfaces cannot be read: the host's answer is cut off",
		}},
		{"@@ os\n@@ end 1\n@@ kernel\n6.1\n@@ end 0\n@@ uptime\n1\n@@ end 0\n@@ load\n0 0 0\n@@ end 0\n@@ numa\n@@ end 0\n@@ disks\n[]\n@@ end 0\n" +
			"@@ filesystems\n@@ end 124\n@@ nics\n[]\n@@ end 0\n@@ nics\n@@ end 127\n", "6.1", []string{
			"The operating system cannot be read: cat failed with status 1",
			"Disks cannot be read: what lsblk says is not understood",
			"File systems cannot be read: findmnt did not answer within 10 seconds",
		}},
	} {
		got := Read([]byte(c.out), readAt)
		if d := cmp.Diff(c.problems, got.Problems); d != "" || got.Kernel != c.kernel {
			t.Errorf("kernel %q, problems:\n%s", got.Kernel, d)
		}
	}
}

func TestOSAndMachineNames(t *testing.T) {
	for text, want := range map[string]string{
		"PRETTY_NAME=\"Debian \\\"12\\\"\"\n": `Debian "12"`,
		"NAME='Arch Linux'\nID=arch":          "Arch Linux",
		"ID=alpine\r\n":                       "alpine",
		"":                                    "",
		"PRETTY_NAME=\"\xff\xfe\"":            "",
	} {
		if got := osName([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"Dell Inc.\nPowerEdge R640\n":                  "Dell Inc. PowerEdge R640",
		"To be filled by O.E.M.\nX570 AORUS\n":         "X570 AORUS",
		"Intel\nIntel NUC\n":                           "Intel NUC",
		"QEMU\nStandard PC (Q35 + ICH9, 2009)\nmore\n": "QEMU Standard PC (Q35 + ICH9, 2009)",
		"\n\n": "",
	} {
		if got := machineName([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// FuzzHardware: whatever a host prints becomes a message that can be sent, whose
// lists are bounded.
func FuzzHardware(f *testing.F) {
	f.Add(sample(f, "debian12.txt"))
	f.Add(sample(f, "server.txt"))
	f.Fuzz(func(t *testing.T, out []byte) {
		sendable(t, Read(out, readAt))
	})
}

// FuzzHardwareParts gives the same bytes to each parser.
func FuzzHardwareParts(f *testing.F) {
	for _, name := range []string{"debian12.txt", "server.txt"} {
		for _, s := range sections(sample(f, name)) {
			f.Add(s.text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		res := &apiv1.GetHostHardwareResponse{Os: osName(text), Machine: machineName(text), Numa: numaNodes(text)}
		res.Disks, _ = disks(text)
		res.Filesystems, _ = filesystems(text)
		res.Nics, _ = nics(text, speeds(text))
		res.Pci, res.Sensors = pciDevices(text, pciNames(text)), sensors(text)
		res.Disks = append(res.Disks, &apiv1.GetHostHardwareResponse_HostDisk{Name: "x", SizeBytes: 1, Health: diskHealth(section{text, 0})})
		drivers(res.Nics, text)
		if n, err := numbers(text, 3); err == nil && len(n) != 3 {
			t.Errorf("%d numbers", len(n))
		}
		for _, d := range res.Disks {
			if d.SizeBytes <= 0 || d.Name == "" && len(text) == 0 {
				t.Errorf("a disk of no size: %v", d)
			}
		}
		sendable(t, res)
	})
}

func sendable(t *testing.T, res *apiv1.GetHostHardwareResponse) {
	if _, err := proto.Marshal(res); err != nil {
		t.Fatal(err)
	}
	if len(res.Nics) > mostThings || len(res.Disks) > mostThings+1 || len(res.Filesystems) > mostThings || len(res.Numa) > mostThings {
		t.Fatal("a list without end")
	}
	if !utf8.ValidString(res.Os + res.Kernel + res.Machine) {
		t.Fatal("not UTF-8")
	}
}

// TestDevices reads what the kernel of a server and smartctl 7.3 print.
func TestDevices(t *testing.T) {
	out := "@@ pci\n0000:3b:00.0/vendor:0x8086\n0000:3b:00.0/device:0x1572\n0000:3b:00.0/class:0x020000\n0000:3b:00.0/numa_node:0\n0000:3b:00.0/sriov_numvfs:2\n0000:3b:00.0/sriov_totalvfs:64\n" +
		"0000:3b:02.0/vendor:0x8086\n0000:3b:02.0/class:0x020000\n../evil/vendor:0x1\n" +
		"lrwxrwxrwx 1 root root 0 Nov 1 10:00 0000:3b:00.0/driver -> ../../../../bus/pci/drivers/i40e\nlrwxrwxrwx 1 root root 0 Nov 1 10:00 0000:3b:00.0/iommu_group -> ../../../../kernel/iommu_groups/27\n" +
		"lrwxrwxrwx 1 root root 0 Nov 1 10:00 0000:3b:02.0/physfn -> ../0000:3b:00.0\n\n@@ end 0\n" +
		"@@ pcinames\n0000:3b:00.0 \"Ethernet controller\" \"Intel Corporation\" \"Ethernet Controller X710\" -r02 \"Intel\" \"X\"\n\n@@ end 0\n" +
		"@@ sensors\nhwmon1/name:coretemp\nhwmon1/temp1_input:48000\nhwmon1/temp1_label:Package id 0\nhwmon1/temp1_max:82000\nhwmon1/temp1_crit:100000\nhwmon2/name:nct6775\nhwmon2/fan1_input:1240\nhwmon2/fan1_alarm:1\n\n@@ end 0\n" +
		"@@ disks\n{\"blockdevices\":[{\"name\":\"sda\",\"type\":\"disk\",\"size\":1000},{\"name\":\"nvme0n1\",\"type\":\"disk\",\"size\":1000},{\"name\":\"sdb\",\"type\":\"disk\",\"size\":1000}]}\n\n@@ end 0\n" +
		"@@ smart sda\n{\"serial_number\":\"S1\",\"smart_status\":{\"passed\":false},\"temperature\":{\"current\":33},\"power_on_time\":{\"hours\":1000},\"ata_smart_attributes\":{\"table\":[{\"id\":5,\"name\":\"Reallocated_Sector_Ct\",\"value\":1,\"worst\":1,\"thresh\":10,\"when_failed\":\"now\",\"raw\":{\"value\":12,\"string\":\"12\"}},{\"id\":197,\"name\":\"Current_Pending_Sector\",\"raw\":{\"value\":3,\"string\":\"3\"}}]}}\n\n@@ end 24\n" +
		"@@ smart nvme0n1\n{\"smart_status\":{\"passed\":true},\"nvme_smart_health_information_log\":{\"percentage_used\":7,\"data_units_written\":1000,\"media_errors\":0}}\n\n@@ end 0\n" +
		"@@ smart sdb\n\n@@ end 127\n"
	h := Read([]byte(out), readAt)
	if len(h.Pci) != 2 || h.Pci[0].Driver != "i40e" || h.Pci[0].IommuGroup != 27 || h.Pci[0].VfsMost != 64 || h.Pci[0].Name != "Intel Corporation Ethernet Controller X710" ||
		h.Pci[1].Physical != "0000:3b:00.0" || h.Pci[1].IommuGroup != -1 || h.Pci[1].Kind != "Network controller" {
		t.Errorf("PCI devices %v", h.Pci)
	}
	if len(h.Sensors) != 2 || h.Sensors[0].Value != 48 || h.Sensors[0].Critical != 100 || h.Sensors[0].Name != "Package id 0" || !h.Sensors[1].Alarm {
		t.Errorf("sensors %v", h.Sensors)
	}
	a, b, c := h.Disks[0].Health, h.Disks[1].Health, h.Disks[2].Health
	if a.Verdict != apiv1.DiskHealth_VERDICT_FAIL || a.BadSectors != 15 || a.Attributes[0].Failed != "now" || a.WearPercent != -1 {
		t.Errorf("sda: %v", a)
	}
	if b.Verdict != apiv1.DiskHealth_VERDICT_GOOD || b.WearPercent != 7 || b.WrittenBytes != 512000000 || b.BadSectors != 0 {
		t.Errorf("nvme0n1: %v", b)
	}
	if c.Verdict != apiv1.DiskHealth_VERDICT_UNKNOWN || c.Problem != "smartctl is not installed on the host" {
		t.Errorf("sdb: %v", c)
	}
}
