package storage

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/limiquantix/limiquantix/core"
)

// All returns the pools of a host and the volumes of those that are active, by
// pool and name: the pools first, then all lists in one flight.
func All(ctx context.Context, c Reader) ([]Pool, []Volume, error) {
	pools, err := c.Pools(ctx)
	if err != nil {
		return nil, nil, err
	}
	lists := make([][]Volume, len(pools))
	g, gctx := errgroup.WithContext(ctx)
	for i, p := range pools {
		if p.State != Active {
			continue
		}
		g.Go(func() error {
			list, err := c.Volumes(gctx, p.Name)
			if code := core.CodeOf(err); code == core.NotFound || code == core.Conflict {
				return nil // it went away meanwhile
			}
			lists[i] = list
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	var volumes []Volume
	for _, list := range lists {
		volumes = append(volumes, list...)
	}
	return pools, volumes, nil
}
