//go:build linux

package inside

// Path is PATH of everything in a host.
const Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// The roles (see package self) of the two halves of a host's first process.
const (
	RoleBuild = "builder"
	RoleInit  = "init"
)

// Plan is what the supervisor tells a host's first process to build.
type Plan struct {
	Lab     string
	Name    string
	Address string // with prefix length
	Gateway string
	System  string // directory of its system files, in the supervisor's mounts
	Disk    string // directory for /var/lib/libvirt, the same
	Shared  string // directory for /srv/shared; "" for none
	// AuthorizedKey lets into root and all users.
	AuthorizedKey string
	Users         []User
	// Files are written in the host, once: path → content. Those under
	// /etc/ssh and /etc/libvirt are 0600.
	Files map[string]string
	// Links are made in the host, once: path → target.
	Links map[string]string
}

// User is an account of a host.
type User struct {
	Name string `json:"name"`
	// Groups beside its own, such as "libvirt". They must exist.
	Groups []string `json:"groups,omitempty"`
	// Sudo allows sudo -n for everything.
	Sudo bool `json:"sudo,omitempty"`
	// Password in clear; "" is none. sshd takes passwords only when SSHD says
	// "PasswordAuthentication yes".
	Password string `json:"password,omitempty"`
	// Keys are further lines of authorized_keys.
	Keys []string `json:"keys,omitempty"`
}
