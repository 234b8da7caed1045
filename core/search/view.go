package search

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/query"
	"github.com/limiquantix/limiquantix/core/store"
)

// Migrations are this package's tables.
var Migrations = []store.Migration{{Name: "search/0001", SQL: `
CREATE TABLE view (
	name    TEXT PRIMARY KEY,
	kind    TEXT NOT NULL,
	query   TEXT NOT NULL,
	columns TEXT NOT NULL, -- JSON
	sorting TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`}}

// Bounds of views.
const (
	maxViewName = 80 // characters
	maxViews    = 500
)

// ListViews implements the API.
func (s *Service) ListViews(ctx context.Context, req *apiv1.ListViewsRequest) (*apiv1.ListViewsResponse, error) {
	res := &apiv1.ListViewsResponse{}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT name, kind, query, columns, sorting FROM view WHERE ?1 = '' OR kind = ?1 ORDER BY name COLLATE NOCASE`, req.Kind)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			v, columns := &apiv1.View{}, ""
			if err := rows.Scan(&v.Name, &v.Kind, &v.Query, &columns, &v.Sort); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(columns), &v.Columns); err != nil {
				return err
			}
			res.Views = append(res.Views, v)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read views: %w", err)
	}
	return res, nil
}

// SaveView implements the API.
func (s *Service) SaveView(ctx context.Context, req *apiv1.SaveViewRequest) (*apiv1.SaveViewResponse, error) {
	v := proto.CloneOf(req.GetView())
	if err := checkView(v); err != nil {
		return nil, core.InField(err, "view")
	}
	columns, err := json.Marshal(append([]string{}, v.Columns...))
	if err != nil {
		return nil, fmt.Errorf("encode columns: %w", err)
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		var others int
		var same bool
		err := tx.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE name <> ?1), count(*) FILTER (WHERE name = ?1) FROM view`, v.Name).Scan(&others, &same)
		switch {
		case err != nil:
			return err
		case same && !req.Replace:
			return core.Errorf(core.Exists, "there is a view %s already", core.Printable(v.Name, 80)).WithHint("replace it, or take another name").WithDetail("field", "view.name")
		case others >= maxViews:
			return core.Errorf(core.Invalid, "there are %d views already", others).WithHint("delete one that nobody needs")
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO view (name, kind, query, columns, sorting) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET kind = excluded.kind, query = excluded.query, columns = excluded.columns, sorting = excluded.sorting`,
			v.Name, v.Kind, v.Query, string(columns), v.Sort)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("save view: %w", err)
	}
	s.changed(v.Name)
	return &apiv1.SaveViewResponse{View: v}, nil
}

func checkView(v *apiv1.View) error {
	if v == nil {
		return core.Errorf(core.Invalid, "no view is given")
	}
	v.Name = strings.TrimSpace(v.Name)
	if v.Name == "" || utf8.RuneCountInString(v.Name) > maxViewName || core.Escape(v.Name) != v.Name {
		return core.Errorf(core.Invalid, "%s cannot be the name of a view", core.Printable(v.Name, 80)).
			WithHint("give 1 to %d characters that can be seen", maxViewName).WithDetail("field", "name")
	}
	if v.Kind == "" {
		v.Kind = string(query.VM)
	}
	if _, err := kindsOf([]string{v.Kind}, nil); err != nil {
		return core.InField(err, "kind")
	}
	_, err := query.ParseStrict(v.Query)
	return core.InField(err, "query")
}

// DeleteView implements the API.
func (s *Service) DeleteView(ctx context.Context, req *apiv1.DeleteViewRequest) (*apiv1.DeleteViewResponse, error) {
	err := s.db.Write(ctx, func(tx *store.Tx) error {
		var name string
		err := tx.QueryRowContext(ctx, `DELETE FROM view WHERE name = ? RETURNING name`, req.Name).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return core.Errorf(core.NotFound, "there is no view %s", core.Printable(req.Name, 80)).WithHint("see: limiquantix view list")
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("delete view: %w", err)
	}
	s.changed(req.Name)
	return &apiv1.DeleteViewResponse{}, nil
}
