package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

func (p *program) auditCommand() *cobra.Command {
	return p.noun("audit", "Who had what done by this program, in a chain that can be verified", "",
		p.auditList(), p.auditShow(), p.auditVerify(), p.auditExport())
}

func (p *program) auditList() *cobra.Command {
	req := &apiv1.ListAuditRequest{}
	var since, until string
	cmd := &cobra.Command{
		Use:     "list [OBJECT]",
		Short:   "List records, newest first",
		Long:    "List records of the audit, newest first: of all acts, or those on one object (a name, or the id of a task)." + aboutTimes,
		Example: "  limiquantix audit list\n  limiquantix audit list web1 --since 7d -o csv",
		Args:    between(0, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) (err error) {
			if len(args) > 0 {
				req.Object = args[0]
			}
			if req.Since, err = p.moment("since", since); err != nil {
				return err
			}
			if req.Until, err = p.moment("until", until); err != nil {
				return err
			}
			res, err := a.audits.ListAudit(ctx, req)
			if err != nil {
				return fmt.Errorf("list audit: %w", err)
			}
			return p.printRecords(res.Records)
		}),
	}
	cmd.Flags().StringVar(&req.Host, "host", "", "only of what was done on this host")
	cmd.Flags().StringVar(&req.User, "user", "", "only of what this user had done")
	cmd.Flags().StringVar(&since, "since", "", "only records at or after this time")
	cmd.Flags().StringVar(&until, "until", "", "only records before this time")
	cmd.Flags().Int32Var(&req.Limit, "limit", 0, "at most so many (default 200)")
	cmd.Flags().Int64Var(&req.Before, "before", 0, "only those before this number, for the next page")
	return cmd
}

func (p *program) printRecords(records []*apiv1.AuditRecord) error {
	return printList(p, records,
		column[*apiv1.AuditRecord]{"RECORD", func(r *apiv1.AuditRecord) string { return fmt.Sprint(r.Number) }},
		column[*apiv1.AuditRecord]{"TIME", func(r *apiv1.AuditRecord) string { return p.clock(r.Time) }},
		column[*apiv1.AuditRecord]{"USER", func(r *apiv1.AuditRecord) string { return r.Actor.GetUser() }},
		column[*apiv1.AuditRecord]{"DOOR", func(r *apiv1.AuditRecord) string { return r.Actor.GetDoor() }},
		column[*apiv1.AuditRecord]{"HOST", (*apiv1.AuditRecord).GetHost},
		column[*apiv1.AuditRecord]{"EVENT", (*apiv1.AuditRecord).GetEvent},
		column[*apiv1.AuditRecord]{"WHAT", (*apiv1.AuditRecord).GetTitle},
	)
}

func (p *program) auditShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show RECORD|TASK",
		Short:   "Show all that is on record of one act",
		Example: "  limiquantix audit show 4711\n  limiquantix audit show 3f2a91bc -o json",
		Args:    between(1, 1),
		RunE: p.with(func(ctx context.Context, a *api, args []string) error {
			res, err := a.audits.ShowAudit(ctx, &apiv1.ShowAuditRequest{Act: args[0]})
			if err != nil {
				return fmt.Errorf("show audit: %w", err)
			}
			if p.output != "table" {
				return p.printRecords(res.Records)
			}
			return p.write(p.act(res.Records))
		}),
	}
}

// act is an act for people: what was asked for, then what became of it.
func (p *program) act(records []*apiv1.AuditRecord) string {
	first := records[0]
	pairs := [][]string{
		{"Act", first.Title}, {"Id", first.Act}, {"Kind", first.Kind}, {"Host", first.Host}, {"User", first.Actor.GetUser()}, {"Door", first.Actor.GetDoor()},
		{"SSH key", first.Actor.GetKey()}, {"Command", first.CommandLine}, {"Plan", first.PlanDigest}, {"Request", first.Request},
	}
	for i, s := range first.Steps {
		pairs = append(pairs, []string{fmt.Sprint("Step ", i+1), s})
	}
	for _, r := range records {
		text := fmt.Sprintf("%s (record %d, %s)", r.Event, r.Number, r.Hash[:min(12, len(r.Hash))])
		if r.Error != "" {
			text += ": " + r.Error
		}
		pairs = append(pairs, []string{p.clock(r.Time), text})
	}
	for _, pair := range pairs {
		pair[1] = orDash(pair[1])
	}
	return align(pairs)
}

func (p *program) auditVerify() *cobra.Command {
	req := &apiv1.VerifyAuditRequest{}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that no record was changed, removed or put in",
		Long: `Check the whole chain: each record has a SHA-256 over itself and the one before, and a
second file (audit.heads) has a line for each. Whoever can write both can forge
both: keep the head that is printed elsewhere, and give it with --head.`,
		Example: "  limiquantix audit verify\n  limiquantix audit verify --head 4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		Args:    between(0, 0),
		RunE: p.with(func(ctx context.Context, a *api, _ []string) error {
			res, err := a.audits.VerifyAudit(ctx, req)
			if err != nil {
				return fmt.Errorf("verify audit: %w", err)
			}
			pairs := [][2]string{{"Intact", yesNo(res.Intact)}, {"Records", fmt.Sprint(res.Records)}, {"Head", res.Head}}
			if err := printOne(p, res, pairs...); err != nil || res.Intact {
				return err
			}
			return core.Errorf(core.Conflict, "the audit is not intact: %s", core.Escape(res.Reason)).
				WithHint("limiquantix audit show %d; compare it with a backup", res.Broken)
		}),
	}
	cmd.Flags().StringVar(&req.Head, "head", "", "NUMBER:HASH of a head that was kept elsewhere")
	return cmd
}

func (p *program) auditExport() *cobra.Command {
	return &cobra.Command{
		Use:   "export",
		Short: "Print all records as they were hashed, oldest first",
		Long: `Print all records, one line of JSON each, oldest first: "content" is exactly what the
hash is over, after the hash of the record before and a line break. Any program can
verify it. With -o csv, as a table.`,
		Example: "  limiquantix audit export > audit.jsonl",
		Args:    between(0, 0),
		RunE: p.with(func(ctx context.Context, a *api, _ []string) error {
			var all []*apiv1.AuditRecord
			for before := int64(0); ; {
				res, err := a.audits.ListAudit(ctx, &apiv1.ListAuditRequest{Limit: 5000, Before: before})
				if err != nil {
					return fmt.Errorf("export audit: %w", err)
				}
				all = append(all, res.Records...)
				if len(res.Records) < 5000 {
					break
				}
				before = res.Records[len(res.Records)-1].Number
			}
			for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
				all[i], all[j] = all[j], all[i]
			}
			if p.output != "table" {
				return p.printRecords(all)
			}
			return p.write(jsonLines(all))
		}),
	}
}

func jsonLines(records []*apiv1.AuditRecord) string {
	var b strings.Builder
	for _, r := range records {
		line, err := json.Marshal(struct {
			Number  int64  `json:"number"`
			Content string `json:"content"`
			Hash    string `json:"hash"`
		}{r.Number, r.Content, r.Hash})
		if err == nil { // always: numbers and strings
			b.Write(line)
			b.WriteByte('\n')
		}
	}
	return b.String()
}
