//go:build linux

package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
	"github.com/limiquantix/limiquantix/lab/guest"
)

// tryName is the VM that "lab try" makes, tryUser who logs in.
const (
	tryName = "web1"
	tryUser = "admin"
	tryKey  = "guest_key"
)

// labTry returns "lab try": the product in a minute, on real parts.
func labTry() *cobra.Command {
	t := &trial{}
	name := ""
	cmd := &cobra.Command{
		Use:   "try",
		Short: "Show the whole product: two hosts, a VM with cloud-init, SSH into it",
		Long: `Start a lab of two real hosts, add them over SSH, bring a cloud image to one,
make a VM of it and wait until SSH into the VM works. Then it opens the window,
or says what to open in a browser where there is no display. Ctrl-C takes
everything down again. Your own inventory is not touched: the hosts are added to
one that lives as long as the lab.

The first run builds the cloud image (about two minutes); it is kept.`,
		Example: "  limiquantix lab try\n  limiquantix lab try --tiny",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t.screen = newScreen(cmd.OutOrStdout())
			return t.run(cmd.Context(), name)
		},
	}
	// The lab's --name is not for this verb: beside a lab that is used, this
	// one comes and goes.
	cmd.Flags().StringVar(&name, "name", "try", "name of the lab")
	cmd.Flags().BoolVar(&t.tiny, "tiny", false, "a guest that boots in seconds instead of Debian")
	return cmd
}

// trial is one run of "lab try".
type trial struct {
	tiny bool

	*screen
	lab   *lab.Lab
	state lab.State
	exe   string // this program
	home  string // the inventory's directory; goes with the lab
	image string
}

func (t *trial) run(ctx context.Context, name string) error {
	var err error
	if t.exe, err = os.Executable(); err != nil {
		return core.Errorf(core.Internal, "find this program: %w", err)
	}
	began := time.Now()
	defer t.takeDown(ctx)
	if err := t.build(ctx, name); err != nil {
		return err
	}
	if err := t.use(ctx); err != nil {
		return err
	}
	t.line(time.Since(began), "in all")
	t.next()
	t.face(ctx)
	fmt.Fprintln(t.out)
	return nil
}

// build makes what a user of the product has already: hosts and an image.
func (t *trial) build(ctx context.Context, name string) error {
	err := t.part("programs of Debian that a lab runs", func() (string, error) {
		return "", requirePrograms(ctx)
	})
	if err != nil {
		return err
	}
	err = t.part("image of the guest", func() (string, error) {
		err := t.buildImage(ctx)
		return t.image, err
	})
	if err != nil {
		return err
	}
	return t.part("lab of two hosts", func() (string, error) {
		var err error
		if t.lab, err = lab.Up(ctx, lab.Options{Name: name, Hosts: 2, Bound: true}); err != nil {
			return "", err
		}
		if t.state, err = t.lab.State(ctx); err != nil {
			return "", err
		}
		var at []string
		for _, h := range t.state.Hosts {
			at = append(at, h.Name+" at "+h.Address)
		}
		t.home = filepath.Join(filepath.Dir(t.state.SSHConfig), "home")
		if err := os.MkdirAll(t.home, 0o700); err != nil {
			return "", core.Errorf(core.Internal, "make the directory of the inventory: %w", err)
		}
		return strings.Join(at, ", "), nil
	})
}

func requirePrograms(ctx context.Context) error {
	missing, err := guest.Missing(ctx)
	if err != nil {
		return err
	}
	if missing = append(lab.Missing(), missing...); len(missing) > 0 {
		return core.Errorf(core.Unsupported, "this machine lacks Debian packages: %s", strings.Join(missing, " ")).
			WithHint("apt-get install --no-install-recommends %s", strings.Join(missing, " "))
	}
	return nil
}

func (t *trial) buildImage(ctx context.Context) error {
	o := guest.Options{Progress: t.say}
	if t.tiny {
		files, err := guest.Tiny(ctx, o)
		t.image = files.Disk
		return err
	}
	var err error
	t.image, err = guest.Cloud(ctx, o)
	return err
}

// use is the product's part: each step is a command line that a user types.
func (t *trial) use(ctx context.Context) error {
	for _, h := range t.state.Hosts {
		err := t.command(ctx, "host", "add", h.Name, "root@"+strings.TrimSuffix(h.Address, ":22"),
			"--identity", h.Identity, "--host-key", h.HostKeys[0].Fingerprint)
		if err != nil {
			return err
		}
	}
	if err := t.guestKey(ctx); err != nil {
		return err
	}
	host, memory, cpus := t.state.Hosts[0].Name, "1GiB", "2"
	if t.tiny {
		memory, cpus = "256MiB", "1"
	}
	for _, args := range [][]string{
		{"image", "add", t.image, "--host", host},
		{"vm", "create", tryName, "--host", host, "--image", filepath.Base(t.image), "--cpus", cpus, "--memory", memory,
			"--disk", "4GiB", "--user", tryUser, "--ssh-key", filepath.Join(t.home, tryKey+".pub"), "--start"},
	} {
		if err := t.command(ctx, args...); err != nil {
			return err
		}
	}
	return t.logIn(ctx)
}

// next says what to type now; every line works as it stands.
func (t *trial) next() {
	exe := "limiquantix"
	if strings.Contains(os.Args[0], "/") {
		exe = os.Args[0]
	}
	fmt.Fprintf(t.out, "\nTry in another terminal:\n\n  export LIMIQUANTIX_HOME=%s\n", t.home)
	for _, l := range []string{
		exe + " vm list",
		exe + " vm show " + tryName,
		exe + " vm console " + tryName + " --serial        # Ctrl+] leaves",
		"ssh -F " + filepath.Join(t.home, "ssh_config") + " " + tryName,
		exe + " host check kvm2",
		exe + " vm create web2 --host kvm1 --image " + filepath.Base(t.image) + " --memory 512MiB --plan",
		exe + " vm delete " + tryName + " --stop --plan",
		exe + " lab fault " + t.state.Hosts[1].Name + " drop --name " + t.state.Name + " && " + exe + " vm list",
	} {
		fmt.Fprintln(t.out, "  "+l)
	}
	fmt.Fprintln(t.out, "\nCtrl-C here takes everything down.")
}

func (t *trial) takeDown(ctx context.Context) {
	if t.lab == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	err := t.part("everything is taken down", func() (string, error) { return "", t.lab.Down(ctx) })
	if err != nil {
		fmt.Fprintf(t.out, "what is left: %v; try: limiquantix lab down --name %s\n", err, t.lab.Name())
	}
}

// newScreen returns a screen on w, which may be a terminal.
func newScreen(w io.Writer) *screen {
	f, ok := w.(*os.File)
	return &screen{out: w, terminal: ok && term.IsTerminal(int(f.Fd())), now: time.Now}
}
