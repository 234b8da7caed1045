package cli

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// program is one run of the command line.
type program struct {
	io  IO
	env Env

	// Flags of every command.
	home, output              string
	quiet, noHeaders, offline bool
	yes                       bool
	// Flags of commands that change something.
	plan, wait bool
	selected   string // VMs of a query, beside those that are named
	asPlanned  string // digest of the plan that was looked at before

	again       chan struct{} // closed by the second interrupt
	lineEvery   time.Duration // how often progress is told where there is no terminal
	editing     atomic.Bool   // an editor has the terminal: interrupts are its own
	begun       bool          // flags and arguments were right
	planPrinted bool
	omit        []string // fields that the output leaves out, because they were not read
}

// root builds the tree of commands. Nothing is opened before a verb runs.
func (p *program) root() *cobra.Command {
	root := p.noun("limiquantix", "Manage KVM/libvirt hosts over SSH, with nothing installed on them", "",
		p.hostCommand(), p.vmCommand(), p.imageCommand(), p.poolCommand(), p.volumeCommand(),
		p.networkCommand(), p.taskCommand(), p.eventCommand(), p.historyCommand(), p.auditCommand(), p.undoCommand(), p.searchCommand(), p.viewCommand(), p.openCommand(), p.consoleCommand(), p.serveCommand(), p.demoCommand(), verbsOnly(LabCommand()), p.versionCommand())
	several := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return p.alone(cmd)
		}
		return several(cmd, args)
	}
	root.Long = root.Short + `.

A VM is named NAME, HOST/NAME or by its UUID. Data goes to standard output, talk
and progress to standard error. Exit status: 0 done, 1 failed, 2 wrong usage,
3 blocked, 4 no such object, 5 host not reachable, 6 refused.`
	root.Example = `  limiquantix host add kvm1 root@kvm1.example.org
  limiquantix image add https://cloud.example.org/debian.qcow2 --host kvm1
  limiquantix vm create web1 --host kvm1 --image debian.qcow2 --user admin --ssh-key ~/.ssh/id_ed25519.pub --start
  limiquantix vm list
  limiquantix vm console web1 --serial`
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(p.io.In)
	root.SetOut(p.io.Out)
	root.SetErr(p.io.Err)
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return p.begin() }
	f := root.PersistentFlags()
	f.StringVarP(&p.output, "output", "o", "table", "what data looks like: table, json, yaml or csv")
	f.BoolVar(&p.noHeaders, "no-headers", false, "tables and CSV without their first line")
	f.BoolVarP(&p.quiet, "quiet", "q", false, "no talk and no progress")
	f.BoolVarP(&p.yes, "yes", "y", false, "ask no question before something is destroyed")
	f.StringVar(&p.home, "home", "", "directory of the inventory (default: $LIMIQUANTIX_HOME, else the system's place for it)")
	f.BoolVar(&p.offline, "offline", false, "connect to no host: answer from the cache, with ages (list and show of VMs, hosts and tasks)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 {
			return noVerb(cmd, args[0]) // the flag is unknown because the verb is
		}
		return core.Errorf(core.Invalid, "%s", err).WithHint("see %s --help", cmd.CommandPath())
	})
	p.completeFlags(root)
	return root
}

func (p *program) begin() error {
	p.begun = true
	switch p.output {
	case "table", "json", "yaml", "csv":
		return nil
	}
	return core.Errorf(core.Invalid, "%s is no output format", core.Printable(p.output, 40)).
		WithHint("formats are table, json, yaml and csv")
}

// noun returns a command that only has verbs below it.
func (p *program) noun(use, short, example string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Example: example}
	cmd.AddCommand(verbs...)
	return verbsOnly(cmd)
}

// verbsOnly makes a command, and those below it that do nothing themselves,
// show their help, and refuse a verb that they do not have: cobra answers that
// with help and success.
func verbsOnly(cmd *cobra.Command) *cobra.Command {
	for _, c := range cmd.Commands() {
		verbsOnly(c)
	}
	if cmd.Runnable() || !cmd.HasSubCommands() {
		return cmd
	}
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return noVerb(cmd, args[0])
	}
	return cmd
}

func noVerb(cmd *cobra.Command, typed string) error {
	e := core.Errorf(core.Invalid, "%s has no command %s", cmd.CommandPath(), core.Printable(typed, 40))
	cmd.SuggestionsMinimumDistance = 1 // "set" must not suggest "reset"
	if near := cmd.SuggestionsFor(typed); len(near) > 0 {
		return e.WithHint("did you mean %s %s?", cmd.CommandPath(), near[0])
	}
	return e.WithHint("see %s --help", cmd.CommandPath())
}

// changes adds the flags of a verb that changes something.
func (p *program) changes(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&p.plan, "plan", false, "print what would be done, and change nothing")
	cmd.Flags().StringVar(&p.asPlanned, "as-planned", "", "do what was planned, or nothing: the digest that --plan -o json prints; asks no question")
	cmd.Flags().BoolVar(&p.wait, "wait", true, "wait until it is done; false prints the task's id and returns")
	return cmd
}

// between returns a check of the number of arguments; max < 0 is any number.
func between(min, max int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		path := strings.TrimPrefix(cmd.CommandPath(), "limiquantix ")
		switch {
		case len(args) < min:
			return core.Errorf(core.Invalid, "%s: an argument is missing", path).WithHint("usage: %s", cmd.UseLine())
		case max >= 0 && len(args) > max:
			return core.Errorf(core.Invalid, "%s: one argument too many: %s", path, core.Printable(args[max], 60)).
				WithHint("usage: %s", cmd.UseLine())
		}
		return nil
	}
}

// api is the clients of one session.
type api struct {
	Session
	hosts    apiv1connect.HostServiceClient
	ready    apiv1connect.ReadinessServiceClient
	groups   apiv1connect.HostGroupServiceClient
	systems  apiv1connect.HostOSServiceClient
	vms      apiv1connect.VMServiceClient
	images   apiv1connect.ImageServiceClient
	storage  apiv1connect.StorageServiceClient
	networks apiv1connect.NetworkServiceClient
	tasks    apiv1connect.TaskServiceClient
	events   apiv1connect.EventServiceClient
	metrics  apiv1connect.MetricServiceClient
	searches apiv1connect.SearchServiceClient

	histories apiv1connect.HistoryServiceClient
	audits    apiv1connect.AuditServiceClient
}

// open returns the API; the caller calls done.
func (p *program) open(ctx context.Context) (a *api, done func(), err error) {
	s, err := p.env.Open(ctx, OpenOptions{Home: p.homeDir(), Offline: p.offline, Quiet: p.quiet})
	if err != nil {
		return nil, nil, err
	}
	a = &api{
		Session:  *s,
		hosts:    apiv1connect.NewHostServiceClient(s.HTTP, s.BaseURL),
		ready:    apiv1connect.NewReadinessServiceClient(s.HTTP, s.BaseURL),
		groups:   apiv1connect.NewHostGroupServiceClient(s.HTTP, s.BaseURL),
		systems:  apiv1connect.NewHostOSServiceClient(s.HTTP, s.BaseURL),
		vms:      apiv1connect.NewVMServiceClient(s.HTTP, s.BaseURL),
		images:   apiv1connect.NewImageServiceClient(s.HTTP, s.BaseURL),
		storage:  apiv1connect.NewStorageServiceClient(s.HTTP, s.BaseURL),
		networks: apiv1connect.NewNetworkServiceClient(s.HTTP, s.BaseURL),
		tasks:    apiv1connect.NewTaskServiceClient(s.HTTP, s.BaseURL),
		events:   apiv1connect.NewEventServiceClient(s.HTTP, s.BaseURL),
		metrics:  apiv1connect.NewMetricServiceClient(s.HTTP, s.BaseURL),
		searches: apiv1connect.NewSearchServiceClient(s.HTTP, s.BaseURL),

		histories: apiv1connect.NewHistoryServiceClient(s.HTTP, s.BaseURL),
		audits:    apiv1connect.NewAuditServiceClient(s.HTTP, s.BaseURL),
	}
	return a, func() {
		s.HTTP.CloseIdleConnections()
		if s.Close == nil {
			return
		}
		if err := s.Close(); err != nil {
			p.say("warning: %s", core.Escape(err.Error()))
		}
	}, nil
}

// verb is what a command does with the API.
type verb func(ctx context.Context, a *api, args []string) error

// with makes a verb a cobra function: it opens the API, and gives the error
// that the service had made.
func (p *program) with(v verb) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if p.offline && !answersOffline(cmd) {
			return core.Errorf(core.Invalid, "%s needs its host: --offline connects to none", strings.TrimPrefix(cmd.CommandPath(), "limiquantix ")).
				WithHint("these answer from the cache: vm list, vm show, host list, host show, task list, task show, event list, history, audit, search")
		}
		a, done, err := p.open(cmd.Context())
		if err != nil {
			return err
		}
		defer done()
		return server.FromConnect(v(cmd.Context(), a, args))
	}
}

// answersOffline tells whether what a command needs is on this computer.
func answersOffline(cmd *cobra.Command) bool {
	switch strings.TrimPrefix(cmd.CommandPath(), "limiquantix ") {
	case "vm list", "vm show", "vm tag list", "host list", "host show", "host remove", "task list", "task show", "event list", "history", "audit list", "audit show", "audit verify", "audit export", "search", "view list", "view save", "view delete":
		return true
	}
	return false
}

// say prints one line of talk. Names in it must be escaped already.
func (p *program) say(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintf(p.io.Err, format+"\n", args...)
	}
}

// lines splits a text into its lines; none for "".
func lines(s string) []string {
	if s = strings.TrimRight(s, "\n"); s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
