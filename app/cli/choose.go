package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// chooseHost fills in the only host when none was named.
//
// Errors: [core.NotFound] when there is none; [core.Ambiguous] with the
// candidates when there are several.
func (p *program) chooseHost(ctx context.Context, a *api, host *string) error {
	if *host != "" {
		return nil
	}
	res, err := a.hosts.ListHosts(ctx, &apiv1.ListHostsRequest{})
	if err != nil {
		return fmt.Errorf("list hosts: %w", err)
	}
	switch len(res.Hosts) {
	case 0:
		return core.Errorf(core.NotFound, "there is no host yet").WithHint("limiquantix host add NAME ADDRESS adds one")
	case 1:
		*host = res.Hosts[0].Name
		return nil
	}
	names := make([]string, len(res.Hosts))
	for i, h := range res.Hosts {
		names[i] = h.Name
	}
	return core.Errorf(core.Invalid, "there are several hosts").WithHint("add --host NAME").
		WithDetail("candidates", strings.Join(names, "\n"))
}

func ambiguous(message, hint string, candidates []string) error {
	return core.Errorf(core.Ambiguous, "%s", message).WithHint("%s", hint).
		WithDetail("candidates", strings.Join(candidates, "\n"))
}

// place is where a volume or image is: parts that are not known are "".
type place struct{ host, pool, name string }

// parsePlace reads [HOST/][POOL/]NAME, as far as flags have not said it. With
// one slash it is POOL/NAME when the host is known by a flag, else HOST/NAME
// when the pool is, else POOL/NAME.
func parsePlace(ref, host, pool string) (place, error) {
	at := place{host: host, pool: pool}
	parts := strings.Split(ref, "/")
	switch {
	case len(parts) == 3:
		at.host, at.pool = parts[0], parts[1]
	case len(parts) == 2 && host == "" && pool != "":
		at.host = parts[0]
	case len(parts) == 2:
		at.pool = parts[0]
	case len(parts) > 3:
		return at, core.Errorf(core.Invalid, "%s is not [HOST/][POOL/]NAME", core.Printable(ref, 120)).WithHint("limiquantix image list shows all")
	}
	at.name = parts[len(parts)-1]
	clash := host != "" && at.host != host || pool != "" && at.pool != pool
	if at.name == "" || clash {
		return at, core.Errorf(core.Invalid, "%s does not go with --host and --pool", core.Printable(ref, 120)).
			WithHint("it is [HOST/][POOL/]NAME")
	}
	return at, nil
}
