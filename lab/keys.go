//go:build linux

package lab

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const identityFile = "id_ed25519"

// hostKeys are a host's SSH keys: files for its sshd, and their public halves.
type hostKeys struct {
	private map[string]string // file name → content; the public halves beside them
	public  []HostKey
}

func sshKeygen(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "ssh-keygen", args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("ssh-keygen: %w: %s", err, out)
	}
	return string(out), nil
}

// makeIdentity makes the lab's own key and returns its public half as a line.
func makeIdentity(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, identityFile)
	if _, err := sshKeygen(ctx, "-q", "-t", "ed25519", "-N", "", "-C", "limiquantix-lab", "-f", path); err != nil {
		return "", err
	}
	public, err := os.ReadFile(path + ".pub")
	return strings.TrimSpace(string(public)), err
}

func makeHostKeys(ctx context.Context, dir, name string, types []string) (hostKeys, error) {
	keys := hostKeys{private: map[string]string{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return keys, err
	}
	for _, t := range types {
		file := "ssh_host_" + t + "_key"
		path := filepath.Join(dir, file)
		if _, err := sshKeygen(ctx, "-q", "-t", t, "-N", "", "-C", "root@"+name, "-f", path); err != nil {
			return keys, err
		}
		private, err := os.ReadFile(path)
		if err != nil {
			return keys, err
		}
		public, err := os.ReadFile(path + ".pub")
		if err != nil {
			return keys, err
		}
		listing, err := sshKeygen(ctx, "-l", "-E", "sha256", "-f", path+".pub")
		if err != nil {
			return keys, err
		}
		word, shown := strings.Fields(string(public)), strings.Fields(listing) // "256 SHA256:… comment (ED25519)"
		if len(word) < 2 || len(shown) < 2 {
			return keys, fmt.Errorf("ssh-keygen: unexpected output %q", listing)
		}
		keys.private[file], keys.private[file+".pub"] = string(private), string(public)
		keys.public = append(keys.public, HostKey{Line: word[0] + " " + word[1], Fingerprint: shown[1]})
	}
	return keys, nil
}

// writeSSHFiles writes the known_hosts and ssh_config that [State] names.
func writeSSHFiles(name string, st *State) error {
	var known, config strings.Builder
	for _, h := range st.Hosts {
		if h.Address == "" {
			continue
		}
		ip, port, err := net.SplitHostPort(h.Address)
		if err != nil {
			return err
		}
		at := ip
		if port != "22" {
			at = "[" + ip + "]:" + port
		}
		for _, k := range h.HostKeys {
			fmt.Fprintf(&known, "%s %s\n", at, k.Line)
		}
		fmt.Fprintf(&config, "Host %s\n\tHostName %s\n\tPort %s\n", h.Name, ip, port)
	}
	fmt.Fprintf(&config, "Host *\n\tUser root\n\tIdentityFile %s\n\tIdentitiesOnly yes\n\tUserKnownHostsFile %s\n", st.Identity, st.KnownHosts)
	for path, text := range map[string]string{st.KnownHosts: known.String(), st.SSHConfig: config.String()} {
		// By rename: two hosts may be introduced at once, and ssh may read now.
		tmp, err := os.CreateTemp(runDir(name), "ssh-*.tmp")
		if err != nil {
			return err
		}
		_, err = tmp.WriteString(text)
		tmp.Close()
		if err == nil {
			err = os.Rename(tmp.Name(), path)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
	}
	return nil
}
