package sim

// What the kernel and lspci of a rack server say of its devices.
const (
	simPCI = `0000:00:00.0/vendor:0x1022
0000:00:00.0/device:0x1480
0000:00:00.0/class:0x060000
0000:41:00.0/vendor:0x15b3
0000:41:00.0/device:0x1015
0000:41:00.0/class:0x020000
0000:41:00.0/numa_node:0
0000:41:00.0/sriov_numvfs:0
0000:41:00.0/sriov_totalvfs:8
0000:81:00.0/vendor:0x10de
0000:81:00.0/device:0x25b6
0000:81:00.0/class:0x030200
0000:81:00.0/numa_node:0
lrwxrwxrwx 1 root root 0 Nov 1 10:00 0000:41:00.0/driver -> ../../../../bus/pci/drivers/mlx5_core
lrwxrwxrwx 1 root root 0 Nov 1 10:00 0000:41:00.0/iommu_group -> ../../../../kernel/iommu_groups/18
lrwxrwxrwx 1 root root 0 Nov 1 10:00 0000:81:00.0/driver -> ../../../../bus/pci/drivers/vfio-pci
lrwxrwxrwx 1 root root 0 Nov 1 10:00 0000:81:00.0/iommu_group -> ../../../../kernel/iommu_groups/31`
	simPCINames = `0000:00:00.0 "Host bridge" "AMD" "Starship/Matisse Root Complex"
0000:41:00.0 "Ethernet controller" "Mellanox Technologies" "MT27710 Family [ConnectX-4 Lx]"
0000:81:00.0 "3D controller" "NVIDIA Corporation" "GA107GL [A2 / A16]"`
	simSensors = `hwmon0/name:k10temp
hwmon0/temp1_input:51250
hwmon0/temp1_label:Tctl
hwmon0/temp1_crit:95000
hwmon1/name:nct6798
hwmon1/fan1_input:5400
hwmon1/fan2_input:5340
hwmon1/in0_input:1008`
)
