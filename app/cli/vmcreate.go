package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// maxText is the largest user-data, network config or key file that is read.
const maxText = 1 << 20

// newVM is the flags of vm create as they are typed.
type newVM struct {
	req                     apiv1.CreateVMRequest
	memory, disk, firmware  string
	networks, keys          []string
	user, hostname          string
	passwordStdin           bool
	userData, networkConfig string
	passwordHash            string
}

func (p *program) vmCreate() *cobra.Command {
	n := &newVM{}
	cmd := p.changes(&cobra.Command{
		Use:   "create NAME",
		Short: "Make a VM from an image, with a cloud-init seed",
		Long: `Make a VM from an image on the host, with a cloud-init seed when a user, key,
password or user-data is given. Its disk is an overlay of the image.`,
		Example: `  limiquantix vm create web1 --host kvm1 --image debian.qcow2 --user admin --ssh-key ~/.ssh/id_ed25519.pub --start
  limiquantix vm create db1 --host kvm1 --image debian.qcow2 --cpus 4 --memory 8GiB --disk 100GiB --network lan,model=virtio
  limiquantix vm create web2 --host kvm1 --image debian.qcow2 --user-data web.yaml --plan`,
		Args: between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			n.req.Name = args[0]
			if err := n.fill(ctx, p); err != nil {
				return err
			}
			if err := p.chooseHost(ctx, a, &n.req.Host); err != nil {
				return err
			}
			return p.do(ctx, a, change{what: "create VM " + clip(args[0]),
				send: func(ctx context.Context, m mode) (*apiv1.Operation, error) {
					n.req.PlanOnly, n.req.ExpectedPlanDigest = m.planOnly, m.shown
					return a.vms.CreateVM(ctx, &n.req)
				}})
		}),
	})
	n.flags(cmd)
	return cmd
}

func (n *newVM) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&n.req.Host, "host", "", "host that it is made on (needed when there are several)")
	f.StringVar(&n.req.Image, "image", "", "image on that host: NAME in the pool, or POOL/NAME")
	f.Int32Var(&n.req.Vcpus, "cpus", 1, "virtual CPUs")
	f.StringVar(&n.memory, "memory", "1GiB", "memory")
	f.StringVar(&n.disk, "disk", "", "size of the disk (default: the image's)")
	f.StringVar(&n.req.Pool, "pool", "", "pool for disk and seed (default: default)")
	f.StringArrayVar(&n.networks, "network", nil, "network card: NET[,mac=MAC][,model=MODEL] (repeatable; default: one in network default)")
	f.StringVar(&n.user, "user", "", "make this user, with sudo")
	f.StringArrayVar(&n.keys, "ssh-key", nil, "public key, or a file of them (repeatable)")
	f.BoolVar(&n.passwordStdin, "password-stdin", false, "read the user's password from standard input")
	f.StringVar(&n.passwordHash, "password-hash", "", "the user's password as SHA-512 crypt, $6$…")
	f.StringVar(&n.hostname, "hostname", "", "host name in the guest (default: the VM's name)")
	f.StringVar(&n.userData, "user-data", "", "file of own #cloud-config, merged over ours")
	f.StringVar(&n.networkConfig, "network-config", "", "file of cloud-init network config (default: DHCP on every card)")
	f.StringVar(&n.firmware, "firmware", "bios", "bios or uefi")
	f.StringVar(&n.req.Title, "title", "", "title shown beside the name")
	f.BoolVar(&n.req.Start, "start", false, "start it once it is made")
	f.BoolVar(&n.req.Autostart, "autostart", false, "start it with its host")
}

// fill turns the flags into the request.
func (n *newVM) fill(ctx context.Context, p *program) error {
	if n.req.Image == "" {
		return core.Errorf(core.Invalid, "create VM %s: --image is missing", n.req.Name).WithHint("limiquantix image list shows what there is")
	}
	if n.req.Vcpus < 1 {
		return core.Errorf(core.Invalid, "--cpus: a VM has at least one CPU, not %d", n.req.Vcpus).WithHint("leave --cpus out for one")
	}
	memory, err := core.ParseBytes(n.memory)
	if err != nil {
		return fmt.Errorf("--memory: %w", err)
	}
	if memory <= 0 {
		return core.Errorf(core.Invalid, "--memory: a VM has some memory, not %s", n.memory).WithHint("sizes look like 512MiB or 2GiB")
	}
	n.req.MemoryBytes = int64(memory)
	if n.disk != "" {
		disk, err := core.ParseBytes(n.disk)
		if err != nil {
			return fmt.Errorf("--disk: %w", err)
		}
		n.req.DiskBytes = int64(disk)
	}
	switch n.firmware {
	case "bios", "uefi":
		n.req.Uefi = n.firmware == "uefi"
	default:
		return core.Errorf(core.Invalid, "--firmware: %s is neither bios nor uefi", core.Printable(n.firmware, 40)).WithHint("leave --firmware out for bios")
	}
	for _, s := range n.networks {
		nic, err := parseNIC(s)
		if err != nil {
			return err
		}
		n.req.Nics = append(n.req.Nics, nic)
	}
	return n.fillCloudInit(ctx, p)
}

func (n *newVM) fillCloudInit(ctx context.Context, p *program) error {
	ci := &apiv1.CloudInit{Hostname: n.hostname, User: n.user, PasswordHash: n.passwordHash}
	for _, k := range n.keys {
		keys, err := readKeys(ctx, k)
		if err != nil {
			return err
		}
		ci.SshKeys = append(ci.SshKeys, keys...)
	}
	var err error
	if ci.UserData, err = readText(ctx, "--user-data", n.userData); err != nil {
		return err
	}
	if ci.NetworkConfig, err = readText(ctx, "--network-config", n.networkConfig); err != nil {
		return err
	}
	if n.passwordStdin {
		if ci.Password, err = readPassword(p.io.In); err != nil {
			return err
		}
	}
	if ci.User == "" && (ci.Password != "" || ci.PasswordHash != "") {
		return core.Errorf(core.Invalid, "a password needs the user that it is for").WithHint("add --user NAME")
	}
	given := n.hostname + n.user + ci.Password + ci.UserData + ci.NetworkConfig
	if given != "" || len(ci.SshKeys) > 0 {
		n.req.CloudInit = ci
	}
	return nil
}

// readPassword reads one line: a password in argv would be seen by every user.
func readPassword(r io.Reader) (string, error) {
	s, err := readLine(r)
	if err != nil || s == "" {
		return "", core.Errorf(core.Invalid, "--password-stdin: standard input has no password")
	}
	return s, nil
}

// parseNIC reads NET[,mac=MAC][,model=MODEL].
func parseNIC(s string) (*apiv1.NewNIC, error) {
	parts := strings.Split(s, ",")
	nic := &apiv1.NewNIC{Network: parts[0]}
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(part, "=")
		switch {
		case key == "mac" && value != "":
			nic.Mac = value
		case key == "model" && value != "":
			nic.Model = value
		default:
			return nil, core.Errorf(core.Invalid, "--network: %s is not understood", core.Printable(part, 60)).
				WithHint("it looks like NET,mac=52:54:00:12:34:56,model=virtio")
		}
	}
	if nic.Network == "" {
		return nil, core.Errorf(core.Invalid, "--network: the network is missing").WithHint("limiquantix network list shows what there is")
	}
	return nic, nil
}

// readKeys returns the public keys that s is, or that the file s holds.
func readKeys(ctx context.Context, s string) ([]string, error) {
	text := s
	if !looksLikeKey(s) {
		var err error
		if text, err = readText(ctx, "--ssh-key", s); errors.Is(err, fs.ErrNotExist) {
			return nil, core.AsError(err).WithHint("ssh-keygen -t ed25519 makes a key; its public half ends in .pub")
		} else if err != nil {
			return nil, err
		}
	}
	var keys []string
	for _, line := range lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.Contains(line, "PRIVATE KEY"):
			return nil, core.Errorf(core.Invalid, "--ssh-key: that is a private key").WithHint("give the public one, %s.pub", s)
		case !looksLikeKey(line):
			return nil, core.Errorf(core.Invalid, "--ssh-key: %s is no OpenSSH public key", core.Printable(line, 40)).
				WithHint("it begins like ssh-ed25519 AAAA…; ssh-keygen makes one, in a file that ends in .pub")
		default:
			keys = append(keys, line)
		}
	}
	if len(keys) == 0 {
		return nil, core.Errorf(core.Invalid, "--ssh-key: %s holds no key", core.Printable(s, 60))
	}
	return keys, nil
}

func looksLikeKey(s string) bool {
	for _, kind := range []string{"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"} {
		if strings.HasPrefix(s, kind) && strings.Contains(s, " ") {
			return true
		}
	}
	return false
}

// readText reads a small file, or pipe, that a flag names; "" for "".
// [core.Canceled] when ctx ends before a pipe's writer does.
func readText(ctx context.Context, flag, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := readStart(ctx, file, maxText+1)
	switch {
	case ctx.Err() != nil:
		return "", core.Errorf(core.Canceled, "%s: reading %s was canceled", flag, core.Printable(file, 80))
	case err != nil:
		return "", core.Errorf(core.Invalid, "%s: %w", flag, err).WithHint("name a file that is there and may be read")
	}
	if len(b) > maxText {
		return "", core.Errorf(core.Invalid, "%s: %s is over 1 MiB", flag, core.Printable(file, 80)).WithHint("cloud-init takes no more; let it fetch the rest by a URL")
	}
	return string(b), nil
}

// readStart returns at most limit bytes of a file, or of a pipe as the shell's
// <(command) is; it fails when ctx ends before the pipe's writer does.
func readStart(ctx context.Context, file string, limit int64) ([]byte, error) {
	f, err := openText(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	stop := context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) }) // regular files have none, and do not wait
	defer stop()
	if err := awaitWriter(f); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, limit))
}
