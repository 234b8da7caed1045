//go:build linux

package inside

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/limiquantix/limiquantix/lab/self"
)

const cgroupRoot = "/sys/fs/cgroup"

// Build is the first half of a host's first process: it waits for its plan,
// builds the host around itself and becomes [Init] by exec.
func Build() error {
	// The cgroup namespace is this thread's alone; exec makes it the process's.
	runtime.LockOSThread()
	talk := newServer(self.Inherited(0, "supervisor"))
	self.Hold(1) // the lab's lock
	var p Plan
	if err := talk.read(&p); err != nil {
		return fmt.Errorf("wait for the plan: %w", err)
	}
	program, err := unix.Open(self.Exe, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open this program: %w", err)
	}
	if err := build(p); err != nil {
		return err
	}
	// Both files pass on: the second half answers for the first, and the lab's
	// lock is held for as long as the host lives.
	if err := self.PassOn(2); err != nil {
		return err
	}
	env := []string{"PATH=" + Path, "HOME=/root"}
	return fmt.Errorf("exec: %w", syscall.Exec(fmt.Sprintf("/proc/self/fd/%d", program), []string{self.ArgZero(RoleInit, p.Lab+"/"+p.Name)}, env))
}

func build(p Plan) error {
	if err := unix.Unshare(unix.CLONE_NEWCGROUP); err != nil {
		return fmt.Errorf("unshare cgroup: %w", err)
	}
	if err := unix.Sethostname([]byte(p.Name)); err != nil {
		return fmt.Errorf("set host name: %w", err)
	}
	if err := IP(context.Background(), "link set lo up", "addr add "+p.Address+" dev eth0", "link set eth0 up",
		"link set eth1 up", "route add default via "+p.Gateway); err != nil {
		return err
	}
	root := filepath.Join(p.System, "root")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(root, root, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind root: %w", err)
	}
	if err := layOverlays(p.System, root); err != nil {
		return err
	}
	if err := mountKernel(root, p); err != nil {
		return err
	}
	if err := os.Chdir(root); err != nil {
		return err
	}
	// With "." for both, the old root lies over the new one until it is detached.
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leave the machine's root: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	if err := leaveCgroupRoot(); err != nil {
		return err
	}
	return provision(p)
}

// leaveCgroupRoot makes room for libvirt's groups: with cgroup v2 a group that
// holds processes cannot pass controllers on to those of the VMs.
func leaveCgroupRoot() error {
	if _, err := os.Stat(cgroupRoot + "/cgroup.controllers"); err != nil {
		return nil
	}
	const scope = cgroupRoot + "/init.scope"
	if err := os.Mkdir(scope, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the host's first cgroup: %w", err)
	}
	if err := os.WriteFile(scope+"/cgroup.procs", []byte("1"), 0); err != nil {
		return fmt.Errorf("join the host's first cgroup: %w", err)
	}
	return nil
}

// layOverlays shows the machine's programs and configuration in the host, to
// be written over. Nothing else of the machine is in the host: not /home, /root,
// /srv, /tmp, nor /var but for the packages' register.
func layOverlays(system, root string) error {
	dirs := []string{"/usr", "/etc", "/var/lib/dpkg"}
	for _, d := range []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"} {
		info, err := os.Lstat(d)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case info.Mode()&fs.ModeSymlink != 0: // merged into /usr
			target, err := os.Readlink(d)
			if err != nil {
				return err
			}
			if err := os.Symlink(target, root+d); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
		default:
			dirs = append(dirs, d)
		}
	}
	for _, d := range dirs {
		name := strings.ReplaceAll(d[1:], "/", "-")
		upper, work := filepath.Join(system, "upper", name), filepath.Join(system, "work", name)
		for _, m := range []string{upper, work, root + d} {
			if err := os.MkdirAll(m, 0o755); err != nil {
				return err
			}
		}
		if _, err := os.Stat(d); err != nil {
			continue // no dpkg on this machine
		}
		if err := unix.Mount("overlay", root+d, "overlay", 0, "lowerdir="+d+",upperdir="+upper+",workdir="+work); err != nil {
			return fmt.Errorf("overlay %s: %w", d, err)
		}
	}
	return nil
}

type mountPoint struct {
	source, target, kind string
	flags                uintptr
	data                 string
}

// mountKernel mounts what a kernel gives a host, and its disk.
func mountKernel(root string, p Plan) error {
	const quiet = unix.MS_NOSUID | unix.MS_NODEV
	mounts := []mountPoint{
		{"proc", "/proc", "proc", quiet | unix.MS_NOEXEC, ""},
		{"sysfs", "/sys", "sysfs", quiet | unix.MS_NOEXEC, ""},
		{"dev", "/dev", "tmpfs", unix.MS_NOSUID, "mode=0755,size=1m"},
		{"devpts", "/dev/pts", "devpts", unix.MS_NOSUID | unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"},
		{"shm", "/dev/shm", "tmpfs", quiet, "mode=1777"},
		{"mqueue", "/dev/mqueue", "mqueue", quiet, ""},
		{"run", "/run", "tmpfs", quiet, "mode=0755"},
		{"tmp", "/tmp", "tmpfs", quiet, "mode=1777"},
		{p.Disk, "/var/lib/libvirt", "", unix.MS_BIND, ""},
	}
	if p.Shared != "" {
		mounts = append(mounts, mountPoint{p.Shared, "/srv/shared", "", unix.MS_BIND, ""})
	}
	for _, m := range append(mounts, cgroupMounts()...) {
		if err := os.MkdirAll(root+m.target, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.source, root+m.target, m.kind, m.flags, m.data); err != nil {
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	return makeDevices(root + "/dev")
}

// v1Controllers are those libvirt uses, mounted in a host where the machine
// still has version 1.
func v1Controllers() []string {
	return []string{"cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"}
}

// cgroupMounts are of the version that the machine runs libvirt's controllers with.
func cgroupMounts() []mountPoint {
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if _, err := os.Stat(cgroupRoot + "/cgroup.controllers"); err == nil {
		return []mountPoint{{"cgroup2", cgroupRoot, "cgroup2", flags, ""}}
	}
	mounts := []mountPoint{{"cgroup", cgroupRoot, "tmpfs", flags, "mode=0755,size=1m"}}
	for _, c := range v1Controllers() {
		if _, err := os.Stat(filepath.Join(cgroupRoot, c, "cgroup.procs")); err == nil {
			mounts = append(mounts, mountPoint{"cgroup", filepath.Join(cgroupRoot, c), "cgroup", flags, c})
		}
	}
	if len(mounts) == 1 {
		return nil
	}
	return mounts
}

// makeDevices makes the device nodes of a host. There is no kvm and no disk
// of the machine among them.
func makeDevices(dev string) error {
	nodes := []struct {
		name         string
		major, minor uint32
	}{
		{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9},
		{"tty", 5, 0}, {"fuse", 10, 229}, {"net/tun", 10, 200},
	}
	if err := os.Mkdir(dev+"/net", 0o755); err != nil {
		return err
	}
	for _, n := range nodes {
		path := filepath.Join(dev, n.name)
		if err := unix.Mknod(path, unix.S_IFCHR|0o666, int(unix.Mkdev(n.major, n.minor))); err != nil {
			return fmt.Errorf("make device %s: %w", n.name, err)
		}
		if err := os.Chmod(path, 0o666); err != nil { // despite the umask
			return err
		}
	}
	for name, target := range map[string]string{
		"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2",
	} {
		if err := os.Symlink(target, filepath.Join(dev, name)); err != nil {
			return err
		}
	}
	return nil
}

// IP runs iproute2 commands, one a line, in the network namespace of this
// process.
func IP(ctx context.Context, lines ...string) error {
	cmd := exec.CommandContext(ctx, "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ip: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
