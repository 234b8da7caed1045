package cli_test

import (
	"context"
	"slices"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/search"
)

// Search is the real one over what the fake lists.
func (f *fleet) Search(ctx context.Context, req *apiv1.SearchRequest) (*apiv1.SearchResponse, error) {
	x := search.NewIndex(search.Lists{Hosts: f.ListHosts, VMs: f.ListVMs, Networks: f.ListNetworks, Pools: f.ListPools, Tasks: f.ListTasks})
	return search.NewService(x, nil, nil).Search(ctx, req)
}

func (f *fleet) SaveView(_ context.Context, req *apiv1.SaveViewRequest) (*apiv1.SaveViewResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.ContainsFunc(f.views, func(v *apiv1.View) bool { return v.Name == req.View.Name }) && !req.Replace {
		return nil, core.Errorf(core.Exists, "there is a view %s already", req.View.Name).WithHint("replace it, or take another name")
	}
	f.views = append(f.views, req.View)
	return &apiv1.SaveViewResponse{View: req.View}, nil
}

func (f *fleet) ListViews(context.Context, *apiv1.ListViewsRequest) (*apiv1.ListViewsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &apiv1.ListViewsResponse{Views: f.views}, nil
}

func (f *fleet) DeleteView(_ context.Context, req *apiv1.DeleteViewRequest) (*apiv1.DeleteViewResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.views)
	f.views = slices.DeleteFunc(f.views, func(v *apiv1.View) bool { return v.Name == req.Name })
	if len(f.views) == before {
		return nil, core.Errorf(core.NotFound, "there is no view %s", req.Name)
	}
	return &apiv1.DeleteViewResponse{}, nil
}
