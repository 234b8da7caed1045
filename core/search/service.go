// Package search answers queries about all objects, and keeps queries as views.
//
// What is searched is what the lists of the API say, kept in memory in the form
// that core/query reads, by host: a change on one host makes that host's part to
// be listed anew at the next question, and nothing is listed while nobody asks.
package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/query"
	"github.com/limiquantix/limiquantix/core/store"
)

// Service is the API of search.
type Service struct {
	index   *Index
	db      *store.DB
	changed func(view string)
}

// NewService returns the API of an index. Views are kept in db; changed is told
// of each that was saved or deleted, and must not block.
func NewService(x *Index, db *store.DB, changed func(view string)) *Service {
	return &Service{index: x, db: db, changed: changed}
}

// Search implements the API.
func (s *Service) Search(ctx context.Context, req *apiv1.SearchRequest) (*apiv1.SearchResponse, error) {
	q, problems := query.Parse(req.Query)
	if len(problems) > 0 && !req.Lenient {
		_, err := query.ParseStrict(req.Query)
		return nil, core.InField(err, "query")
	}
	kinds, err := kindsOf(req.Kinds, q)
	if err != nil {
		return nil, err
	}
	res := &apiv1.SearchResponse{QueryProblems: problemsProto(req.Query, problems)}
	if !req.Offline {
		if res.Problems, err = s.index.connect(ctx); err != nil {
			return nil, err
		}
	}
	rows, err := s.index.Rows(ctx, kinds)
	if err != nil {
		return nil, err
	}
	found, unknown := match(q, rows, time.Now())
	res.Total = int32(len(found))
	if req.Limit > 0 && len(found) > int(req.Limit) {
		found = found[:req.Limit]
	}
	res.Found = make([]*apiv1.Found, len(found))
	for i, r := range found {
		res.Found[i] = &apiv1.Found{Kind: string(r.Kind), Host: r.Host, Id: r.ID, Name: r.Name, Text: r.Text}
	}
	res.Notes = unknown.notes()
	return res, nil
}

// silence counts the rows of which a field is not known.
type silence map[query.Kind]map[query.Field]int

// match returns the rows that match, in their order.
func match(q *query.Query, rows []*query.Row, at time.Time) ([]*query.Row, silence) {
	var found []*query.Row
	unknown := silence{}
	for _, r := range rows {
		switch q.Match(r, at) {
		case query.Yes:
			found = append(found, r)
		case query.Unknown:
			if f, missing := q.Missing(r); missing {
				if unknown[r.Kind] == nil {
					unknown[r.Kind] = map[query.Field]int{}
				}
				unknown[r.Kind][f]++
			}
		}
	}
	return found, unknown
}

func (s silence) notes() []string {
	var out []string
	for _, kind := range query.Kinds() {
		for f, n := range s[kind] {
			out = append(out, fmt.Sprintf("%s is not known of %d %s", f, n, plural(kind, n)))
		}
	}
	slices.Sort(out)
	return out
}

func plural(k query.Kind, n int) string {
	word := string(k)
	if k == query.VM {
		word = "VM"
	}
	if n == 1 {
		return word
	}
	return word + "s"
}

// kindsOf returns the kinds that are searched: volumes are asked of each pool,
// so only who names a kind has them.
func kindsOf(named []string, q *query.Query) ([]query.Kind, error) {
	var out []query.Kind
	for _, name := range named {
		k := query.Kind(strings.ToLower(name))
		if !slices.Contains(query.Kinds(), k) {
			return nil, core.Errorf(core.Invalid, "%s is no kind of object", core.Printable(name, 40)).
				WithHint("kinds are host, vm, network, pool, volume and task").WithDetail("field", "kinds")
		}
		out = append(out, k)
	}
	if out == nil {
		out = slices.DeleteFunc(query.Kinds(), func(k query.Kind) bool { return k == query.Volume && !q.Asks(query.FieldKind) })
	}
	return out, nil
}

// CompleteQuery implements the API.
func (s *Service) CompleteQuery(ctx context.Context, req *apiv1.CompleteQueryRequest) (*apiv1.CompleteQueryResponse, error) {
	q, problems := query.Parse(req.Query)
	kinds, err := kindsOf(req.Kinds, q)
	if err != nil {
		return nil, err
	}
	rows, err := s.index.Rows(ctx, kinds)
	if err != nil {
		return nil, err
	}
	res := &apiv1.CompleteQueryResponse{Problems: problemsProto(req.Query, problems)}
	for _, o := range query.Complete(req.Query, byteAt(req.Query, int(req.Cursor)), rows) {
		offset, length := span(req.Query, o.From, o.To)
		res.Offers = append(res.Offers, &apiv1.CompleteQueryResponse_Offer{Offset: offset, Length: length, Text: o.Text, Hint: o.Hint, Count: int32(o.Count)})
	}
	return res, nil
}

func problemsProto(text string, problems []query.Problem) []*apiv1.QueryProblem {
	var out []*apiv1.QueryProblem
	for _, p := range problems {
		offset, length := span(text, p.From, p.To)
		out = append(out, &apiv1.QueryProblem{Offset: offset, Length: length, Message: p.Message, Hint: p.Hint, Unfinished: p.Unfinished})
	}
	return out
}

// span counts in characters what query counts in bytes.
func span(text string, from, to int) (offset, length int32) {
	return int32(utf8.RuneCountInString(text[:from])), int32(utf8.RuneCountInString(text[from:to]))
}

// byteAt returns where the n-th character begins; the end when there are fewer.
func byteAt(text string, n int) int {
	for i := range text {
		if n <= 0 {
			return i
		}
		n--
	}
	return len(text)
}
