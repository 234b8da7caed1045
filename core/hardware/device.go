package hardware

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// pciForm is "0000:3b:00.0", sysfs's name of a device.
var pciForm = regexp.MustCompile(`^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$`)

// tree reads lines "FOLDER/FILE:VALUE", as grep -H prints them, and "… FOLDER/LINK
// -> TARGET", as ls -ld does, of which the target's last word counts.
func tree(text []byte) map[string]map[string]string {
	out := map[string]map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		name, value, is := strings.Cut(line, " -> ")
		if is {
			name, value = name[strings.LastIndexByte(name, ' ')+1:], path.Base(value)
		} else if at := strings.IndexByte(line, '/'); at >= 0 {
			end := strings.IndexByte(line[at:], ':')
			if end < 0 {
				continue
			}
			name, value = line[:at+end], line[at+end+1:]
		}
		folder, file := path.Split(name)
		folder = strings.TrimSuffix(folder, "/")
		if folder == "" || len(folder) > 200 || len(file) > 100 || out[folder] == nil && len(out) == mostThings {
			continue
		}
		if out[folder] == nil {
			out[folder] = map[string]string{}
		}
		if len(out[folder]) < 400 {
			out[folder][file] = clean(value, 200)
		}
	}
	return out
}

// pciNames reads lspci -Dmm: address, class, vendor and device, quoted.
//
// Source: lspci(8).
func pciNames(text []byte) map[string][2]string {
	out := map[string][2]string{}
	for line := range strings.Lines(string(text)) {
		words := strings.Split(line, `"`)
		if len(words) < 6 || len(out) == mostThings {
			continue
		}
		out[strings.TrimSpace(words[0])] = [2]string{clean(words[1], 100), clean(words[3]+" "+words[5], 200)}
	}
	return out
}

// pciDevices reads what sysfs tells of the PCI bus, by address.
//
// Source: Documentation/ABI/testing/sysfs-bus-pci of Linux.
func pciDevices(text []byte, names map[string][2]string) []*apiv1.PCIDevice {
	var out []*apiv1.PCIDevice
	for address, files := range tree(text) {
		if !pciForm.MatchString(address) {
			continue
		}
		id := strings.TrimPrefix(files["vendor"], "0x") + ":" + strings.TrimPrefix(files["device"], "0x")
		d := &apiv1.PCIDevice{
			Address: address, Id: clean(id, 20), Driver: files["driver"], Physical: files["physfn"],
			Kind: cmp.Or(names[address][0], pciClass(files["class"])), Name: cmp.Or(names[address][1], clean(id, 20)),
			IommuGroup: whole(files["iommu_group"], -1), NumaNode: whole(files["numa_node"], -1),
			Vfs: whole(files["sriov_numvfs"], 0), VfsMost: whole(files["sriov_totalvfs"], 0),
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *apiv1.PCIDevice) int { return strings.Compare(a.Address, b.Address) })
	return out
}

// whole reads a number that is not negative.
func whole(s string, otherwise int32) int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 {
		return otherwise
	}
	return int32(n)
}

// pciClass names the base class of a device, "0x020000".
//
// Source: PCI Code and ID Assignment Specification, 1.
func pciClass(class string) string {
	if len(class) < 4 {
		return ""
	}
	return map[string]string{
		"01": "Storage controller", "02": "Network controller", "03": "Display controller", "04": "Multimedia controller", "05": "Memory controller",
		"06": "Bridge", "07": "Communication controller", "08": "System peripheral", "0c": "Serial bus controller", "0d": "Wireless controller",
		"10": "Encryption controller", "11": "Signal processing controller", "12": "Processing accelerator",
	}[class[2:4]]
}

// drivers tells of each interface which device it is and what drives it.
func drivers(nics []*apiv1.GetHostHardwareResponse_HostNIC, text []byte) {
	all := tree(text)
	for _, n := range nics {
		if d := all["/sys/class/net/"+n.Name]["device"]; pciForm.MatchString(d) {
			n.Pci = d
		}
		n.Driver = all["/sys/class/net/"+n.Name+"/device"]["driver"]
	}
}

// sensorKinds are the kinds of the kernel's sensors, and what their figures are to
// be divided by.
//
// Source: Documentation/hwmon/sysfs-interface.rst of Linux.
var sensorKinds = []struct {
	prefix string
	kind   apiv1.Sensor_Kind
	by     float64
}{
	{"temp", apiv1.Sensor_KIND_TEMPERATURE, 1e3}, {"fan", apiv1.Sensor_KIND_FAN, 1}, {"in", apiv1.Sensor_KIND_VOLTAGE, 1e3},
	{"curr", apiv1.Sensor_KIND_CURRENT, 1e3}, {"power", apiv1.Sensor_KIND_POWER, 1e6},
}

// sensors reads hwmon, by chip, kind and number. One that measures nothing is
// left out.
func sensors(text []byte) []*apiv1.Sensor {
	var out []*apiv1.Sensor
	chips := tree(text)
	folders := make([]string, 0, len(chips))
	for f := range chips {
		folders = append(folders, f)
	}
	slices.Sort(folders)
	for _, f := range folders {
		files := chips[f]
		for _, k := range sensorKinds {
			for i := range 64 {
				name := k.prefix + strconv.Itoa(i)
				figure := func(what string) float64 {
					n, err := strconv.ParseInt(files[name+what], 10, 48)
					if err != nil {
						return 0
					}
					return float64(n) / k.by
				}
				if files[name+"_input"] == "" || len(out) == mostThings {
					continue
				}
				out = append(out, &apiv1.Sensor{
					Chip: cmp.Or(files["name"], f), Name: cmp.Or(files[name+"_label"], name), Kind: k.kind,
					Value: figure("_input"), High: figure("_max"), Critical: figure("_crit"), Alarm: files[name+"_alarm"] == "1" || files[name+"_crit_alarm"] == "1",
				})
			}
		}
	}
	return out
}
