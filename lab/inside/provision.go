//go:build linux

package inside

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// provisioned marks a host that was powered on before: its files stay as it
// left them.
const provisioned = "/var/lib/limiquantix-lab-provisioned"

// provision runs inside a host, once in its life: it replaces what the overlay
// shows of the machine's identity, and makes the host's own.
func provision(p Plan) error {
	if err := os.Mkdir("/run/sshd", 0o755); err != nil {
		return err
	}
	if _, err := os.Stat(provisioned); err == nil {
		return nil
	}
	if err := makeTree(); err != nil {
		return err
	}
	if err := clearMachine(); err != nil {
		return err
	}
	if err := writeFiles(p); err != nil {
		return err
	}
	if err := makeAccounts(p); err != nil {
		return err
	}
	return os.WriteFile(provisioned, nil, 0o644)
}

// makeTree makes the directories that a Debian root has.
func makeTree() error {
	for path, mode := range map[string]os.FileMode{
		"/root": 0o700, "/home": 0o755, "/srv": 0o755, "/mnt": 0o755, "/media": 0o755, "/opt": 0o755, "/boot": 0o755,
		"/var/lib": 0o755, "/var/log/libvirt/qemu": 0o755, "/var/cache": 0o755, "/var/spool": 0o755,
		"/var/tmp": 0o777 | os.ModeSticky, "/var/lib/libvirt/images": 0o711, "/var/lib/libvirt/boot": 0o711,
	} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		if err := os.Chmod(path, mode); err != nil {
			return err
		}
	}
	for link, target := range map[string]string{"/var/run": "/run", "/var/lock": "/run/lock"} {
		if err := os.Symlink(target, link); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return os.MkdirAll("/run/lock", 0o777)
}

// clearMachine takes away what is the machine's own in /etc: its libvirt
// objects, host keys and sudo rules. The packages' network filters stay.
func clearMachine() error {
	const filters = "/etc/libvirt/nwfilter/"
	keep := map[string][]byte{}
	paths, _ := filepath.Glob(filters + "*.xml")
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		keep[path] = b
	}
	for _, dir := range []string{"/etc/libvirt", "/etc/ssh", "/etc/sudoers.d", "/etc/netplan", "/etc/NetworkManager", "/etc/wireguard"} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("clear %s: %w", dir, err)
		}
	}
	for path, b := range keep {
		if err := writeFile(path, string(b), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func writeFiles(p Plan) error {
	for path, text := range p.Files {
		mode := os.FileMode(0o644)
		if strings.HasPrefix(path, "/etc/ssh/") || strings.HasPrefix(path, "/etc/libvirt/") {
			mode = 0o600
		}
		if err := writeFile(path, text, mode); err != nil {
			return err
		}
	}
	for path, target := range p.Links {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(target, path); err != nil {
			return err
		}
	}
	return nil
}

// writeFile replaces path, which may be a link to somewhere else.
func writeFile(path, text string, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(path, []byte(text), mode)
}

// makeAccounts leaves the system's accounts, without passwords, and adds the
// plan's users.
func makeAccounts(p Plan) error {
	passwd, group, err := systemAccounts()
	if err != nil {
		return err
	}
	for i, u := range p.Users {
		id := 1000 + i
		passwd = append(passwd, fmt.Sprintf("%s:x:%d:%d:%s:/home/%s:/bin/bash", u.Name, id, id, u.Name, u.Name))
		group = append(group, fmt.Sprintf("%s:x:%d:", u.Name, id))
		for _, g := range u.Groups {
			at := slices.IndexFunc(group, func(line string) bool { return strings.HasPrefix(line, g+":") })
			if at < 0 {
				return fmt.Errorf("user %s: there is no group %q", u.Name, g)
			}
			group[at] = strings.TrimSuffix(group[at]+","+u.Name, ",")
			group[at] = strings.Replace(group[at], ":,", ":", 1)
		}
	}
	var shadow strings.Builder
	for _, line := range passwd {
		name, _, _ := strings.Cut(line, ":")
		shadow.WriteString(name + ":*:19000:0:99999:7:::\n") // '*': no password, not locked
	}
	os.Remove("/etc/gshadow")
	for path, text := range map[string]string{
		"/etc/passwd": strings.Join(passwd, "\n") + "\n", "/etc/group": strings.Join(group, "\n") + "\n",
		"/etc/subuid": "", "/etc/subgid": "",
	} {
		if err := writeFile(path, text, 0o644); err != nil {
			return err
		}
	}
	if err := writeFile("/etc/shadow", shadow.String(), 0o600); err != nil {
		return err
	}
	if err := authorize("/root", 0, []string{p.AuthorizedKey}); err != nil {
		return err
	}
	for i, u := range p.Users {
		if err := makeUser(u, 1000+i, p.AuthorizedKey); err != nil {
			return fmt.Errorf("make user %s: %w", u.Name, err)
		}
	}
	return nil
}

// systemAccounts reads the accounts that come with packages; people's stay out.
func systemAccounts() (passwd, group []string, err error) {
	system := func(line string) bool {
		f := strings.Split(line, ":")
		if len(f) < 4 {
			return false
		}
		id, err := strconv.Atoi(f[2])
		return err == nil && (id < 1000 || id >= 60000)
	}
	read := func(path string, each func(string)) {
		var b []byte
		if b, err = os.ReadFile(path); err != nil {
			return
		}
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimSpace(line); system(line) {
				each(line)
			}
		}
	}
	names := map[string]bool{}
	read("/etc/passwd", func(line string) {
		name, _, _ := strings.Cut(line, ":")
		names[name] = true
		passwd = append(passwd, line)
	})
	if err != nil {
		return nil, nil, err
	}
	read("/etc/group", func(line string) {
		f := strings.Split(line, ":")
		members := slices.DeleteFunc(strings.Split(f[3], ","), func(m string) bool { return !names[m] })
		f[3] = strings.Join(members, ",")
		group = append(group, strings.Join(f, ":"))
	})
	return passwd, group, err
}

func makeUser(u User, id int, key string) error {
	home := "/home/" + u.Name
	if err := authorize(home, id, append([]string{key}, u.Keys...)); err != nil {
		return err
	}
	if u.Sudo {
		if err := writeFile("/etc/sudoers.d/"+u.Name, u.Name+" ALL=(ALL:ALL) NOPASSWD: ALL\n", 0o440); err != nil {
			return err
		}
	}
	if u.Password == "" {
		return nil
	}
	cmd := exec.Command("chpasswd", "-c", "SHA512")
	cmd.Stdin = strings.NewReader(u.Name + ":" + u.Password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("chpasswd: %w: %s", err, out)
	}
	return nil
}

// authorize makes a home directory with the given authorized_keys.
func authorize(home string, id int, keys []string) error {
	file := home + "/.ssh/authorized_keys"
	for _, dir := range []string{home, home + "/.ssh"} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := writeFile(file, strings.Join(keys, "\n")+"\n", 0o600); err != nil {
		return err
	}
	for _, path := range []string{home, home + "/.ssh", file} {
		if err := os.Chown(path, id, id); err != nil {
			return err
		}
	}
	return nil
}
