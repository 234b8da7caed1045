package desktop

import (
	"context"
	"net/http"
	"slices"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// Resolve finds out whether what a link names is managed here, from what is
// known already: no host is asked, nothing is changed.
//
// Errors: [core.NotFound], with a sentence for the user.
func Resolve(ctx context.Context, client *http.Client, baseURL string, l Link) error {
	if l.Host == "" {
		return nil
	}
	hosts, err := apiv1connect.NewHostServiceClient(client, baseURL).ListHosts(ctx, &apiv1.ListHostsRequest{})
	if err != nil {
		return server.FromConnect(err)
	}
	if !slices.ContainsFunc(hosts.Hosts, func(h *apiv1.Host) bool { return h.Name == l.Host }) {
		return core.Errorf(core.NotFound, "the link names a host that is not managed here: %s", core.Printable(l.Host, 60))
	}
	if l.UUID == "" {
		return nil
	}
	vms, err := apiv1connect.NewVMServiceClient(client, baseURL).ListVMs(ctx, &apiv1.ListVMsRequest{Hosts: []string{l.Host}, Offline: true})
	if err != nil {
		return server.FromConnect(err)
	}
	if !slices.ContainsFunc(vms.Vms, func(v *apiv1.VM) bool { return v.Uuid == l.UUID }) {
		return core.Errorf(core.NotFound, "the link names a VM that is not known on %s: %s", core.Printable(l.Host, 60), l.UUID)
	}
	return nil
}
