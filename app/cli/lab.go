//go:build linux

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/lab"
)

// LabCommand returns "lab": disposable real hosts on this machine.
//
// "lab exec" returns the [exec.ExitError] of the command that it ran when that
// failed, for the caller to pass its status on.
func LabCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Disposable real KVM hosts on this Linux machine",
		Long: `A lab is a number of real hosts on this machine: each has its own sshd,
libvirtd and QEMU, its own addresses, host keys and disks, and is up in well
under a second. They are sets of Linux namespaces, so this needs root; "lab
down" leaves nothing behind. Guests run without KVM.`,
		Example: `  limiquantix lab up --hosts 3
  limiquantix lab exec kvm1 -- virsh list --all
  limiquantix lab rtt 50ms
  limiquantix lab fault kvm2 drop
  limiquantix lab fault kvm2 heal
  limiquantix lab down`,
	}
	name := cmd.PersistentFlags().String("name", lab.DefaultName, "which lab")
	cmd.AddCommand(labUp(name), labList(), labDown(name), labExec(name), labRTT(name), labFault(name), labTry(), GuestCommand())
	return cmd
}

func labUp(name *string) *cobra.Command {
	o := lab.Options{}
	var disk string
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start a lab and say how to reach its hosts",
		Example: `  limiquantix lab up
  limiquantix lab up --hosts 3 --shared
  limiquantix lab up --name other --hosts 1 --disk 2GiB`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			size, err := core.ParseBytes(disk)
			if err != nil {
				return err
			}
			o.Name, o.Each.DiskSize = *name, size
			o.Log = slog.New(slog.DiscardHandler)
			if o.Hosts < 1 {
				return core.Errorf(core.Invalid, "a lab has at least one host")
			}
			began := time.Now()
			l, err := lab.Up(cmd.Context(), o)
			if err != nil {
				return err
			}
			st, err := l.State(cmd.Context())
			if err != nil {
				return err
			}
			took := time.Since(began).Round(10 * time.Millisecond)
			fmt.Fprintf(cmd.ErrOrStderr(), "lab %s: %d hosts up in %s\n", st.Name, len(st.Hosts), took)
			printReach(cmd.OutOrStdout(), st)
			return nil
		},
	}
	cmd.Flags().IntVar(&o.Hosts, "hosts", 2, "how many hosts: kvm1, kvm2, …")
	cmd.Flags().BoolVar(&o.SharedDir, "shared", false, "one directory for all hosts: /srv/shared, pool \"shared\"")
	cmd.Flags().StringVar(&disk, "disk", "20GiB", "size of each host's disk for images (sparse)")
	return cmd
}

// printReach says how to log in to each host and how to add it.
func printReach(w io.Writer, st lab.State) {
	for _, h := range st.Hosts {
		if h.Address == "" {
			fmt.Fprintf(w, "%s  %s, from the other hosts only\n", h.Name, h.Inside)
			continue
		}
		fmt.Fprintf(w, "%s\n  ssh -F %s %s\n  limiquantix host add %s root@%s --identity %s --host-key %s\n", h.Name,
			st.SSHConfig, h.Name, h.Name, strings.TrimSuffix(h.Address, ":22"), h.Identity, h.HostKeys[0].Fingerprint)
	}
}

func labList() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the labs of this machine and their hosts",
		Example: "  limiquantix lab list\n  limiquantix lab list -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			labs, err := lab.List(cmd.Context())
			if err != nil {
				return err
			}
			switch output {
			case "table":
				return printLabs(cmd.OutOrStdout(), labs)
			case "json":
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(append([]lab.State{}, labs...))
			}
			return core.Errorf(core.Invalid, "%q is not a format of output", output).WithHint("formats are table and json")
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "table", "table or json")
	return cmd
}

func printLabs(w io.Writer, labs []lab.State) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "LAB\tHOST\tADDRESS\tINSIDE\tRTT\tSTATE")
	for _, l := range labs {
		if !l.Running {
			fmt.Fprintf(t, "%s\t\t\t\t\tdead: lab down --name %s\n", l.Name, l.Name)
		}
		if l.Running && len(l.Hosts) == 0 {
			fmt.Fprintf(t, "%s\t\t\t\t%s\tno hosts\n", l.Name, l.RTT)
		}
		for _, h := range l.Hosts {
			state := "up"
			if len(h.Faults) > 0 {
				state = strings.Trim(fmt.Sprint(h.Faults), "[]")
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Name, h.Name, h.Address, h.Inside, l.RTT, state)
		}
	}
	return t.Flush()
}

func labDown(name *string) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:     "down",
		Short:   "End a lab and remove all that it made",
		Example: "  limiquantix lab down\n  limiquantix lab down --name other\n  limiquantix lab down --all",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			names := []string{*name}
			if all {
				labs, err := lab.List(cmd.Context())
				if err != nil {
					return err
				}
				names = nil
				for _, l := range labs {
					names = append(names, l.Name)
				}
			}
			var errs []error
			for _, n := range names {
				err := lab.Remove(cmd.Context(), n)
				if err == nil {
					fmt.Fprintf(cmd.ErrOrStderr(), "lab %s: down\n", n)
				}
				errs = append(errs, err)
			}
			if len(errs) == 1 {
				return errs[0]
			}
			return errors.Join(errs...)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "every lab of this machine")
	return cmd
}

func labExec(name *string) *cobra.Command {
	return &cobra.Command{
		Use:   "exec HOST -- COMMAND [ARG…]",
		Short: "Run a command inside a host, as root and without SSH",
		Example: `  limiquantix lab exec kvm1 -- virsh net-list --all
  limiquantix lab exec kvm1 -- bash`,
		Args: between(2, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := lab.Open(cmd.Context(), *name)
			if err != nil {
				return err
			}
			// Not bound to the context: Ctrl-C is for the command itself.
			c, err := l.Command(context.WithoutCancel(cmd.Context()), args[0], args[1:]...)
			if err != nil {
				return err
			}
			c.Stdin, c.Stdout, c.Stderr = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
			err = c.Run()
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				cmd.SilenceErrors = true // the command has said what it had to say
			}
			return err
		},
	}
}

func labRTT(name *string) *cobra.Command {
	return &cobra.Command{
		Use:     "rtt DURATION",
		Short:   "Set the round-trip time between this machine and the hosts",
		Example: "  limiquantix lab rtt 50ms\n  limiquantix lab rtt 0",
		Args:    between(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rtt, err := time.ParseDuration(args[0])
			if err != nil {
				return core.Errorf(core.Invalid, "%q is not a duration", args[0]).WithHint("durations look like 50ms or 0.3s")
			}
			l, err := lab.Open(cmd.Context(), *name)
			if err != nil {
				return err
			}
			return l.SetRTT(cmd.Context(), rtt)
		},
	}
}

func labFault(name *string) *cobra.Command {
	var names []string
	for _, f := range lab.Faults() {
		names = append(names, string(f))
	}
	return &cobra.Command{
		Use:   "fault HOST " + strings.Join(names, "|"),
		Short: "Do something bad to a host, or heal it",
		Long: `Faults last until "heal", which undoes them all:

  drop             no byte passes to or from the host; connections stay open
  mute             the host hears and never answers
  stop-libvirtd    libvirtd is stopped; VMs go on
  crash-libvirtd   libvirtd is killed and starts again at once
  freeze-libvirtd  libvirtd accepts and never answers
  kill-sshd        sshd and all its sessions are killed
  fill-disk        the file system of the host's images is full
  power-off        everything in the host ends at once; heal powers it on`,
		Example:   "  limiquantix lab fault kvm1 drop\n  limiquantix lab fault kvm1 heal",
		Args:      between(2, 2),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			fault, err := lab.ParseFault(args[1])
			if err != nil {
				return err
			}
			l, err := lab.Open(cmd.Context(), *name)
			if err != nil {
				return err
			}
			return l.Fault(cmd.Context(), args[0], fault)
		},
	}
}
