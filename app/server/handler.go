package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"connectrpc.com/connect"

	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// maxMessage is the largest request that is read. The largest sound one is a
// VM's user-data (cloud-init's own limit is far below).
const maxMessage = 4 << 20

// compressFrom is the size of answers that are worth compressing: most callers
// are on this computer, where it only takes time.
const compressFrom = 64 << 10

// Services is what the API consists of. A nil service is not served: its calls
// fail with [core.Unsupported].
type Services struct {
	Host    apiv1connect.HostServiceHandler
	Group   apiv1connect.HostGroupServiceHandler
	Ready   apiv1connect.ReadinessServiceHandler
	HostOS  apiv1connect.HostOSServiceHandler
	VM      apiv1connect.VMServiceHandler
	Task    apiv1connect.TaskServiceHandler
	Storage apiv1connect.StorageServiceHandler
	Image   apiv1connect.ImageServiceHandler
	Network apiv1connect.NetworkServiceHandler
	Event   apiv1connect.EventServiceHandler
	Metric  apiv1connect.MetricServiceHandler
	App     apiv1connect.AppServiceHandler
	Search  apiv1connect.SearchServiceHandler
	History apiv1connect.HistoryServiceHandler
	Audit   apiv1connect.AuditServiceHandler

	// Keep writes down calls that change something and are no task; nil: nothing does.
	Keep connect.Interceptor

	// Console redeems a ticket of VMService.OpenConsole for the console's byte
	// stream. A ticket that is unknown, used or too old is [core.Denied].
	// Closing the stream unblocks its Read. The context ends with the session.
	Console func(ctx context.Context, ticket string) (io.ReadWriteCloser, error)
}

// Handler serves s: the Connect API below /limiquantix.v1.*, the WebSocket
// /console?ticket=…. It does not ask who calls: that is the listener's part
// ([ServeTCP], [ServeUnix], [InMemory]).
func Handler(s Services, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	around := []connect.Interceptor{&edge{log: log}, bounds{}}
	if s.Keep != nil {
		around = append(around, s.Keep)
	}
	opts := connect.WithHandlerOptions(
		connect.WithInterceptors(around...),
		connect.WithReadMaxBytes(maxMessage),
		connect.WithCompressMinBytes(compressFrom),
	)
	if s.Host != nil {
		mux.Handle(apiv1connect.NewHostServiceHandler(s.Host, opts))
	}
	if s.History != nil {
		mux.Handle(apiv1connect.NewHistoryServiceHandler(s.History, opts))
	}
	if s.Audit != nil {
		mux.Handle(apiv1connect.NewAuditServiceHandler(s.Audit, opts))
	}
	if s.Group != nil {
		mux.Handle(apiv1connect.NewHostGroupServiceHandler(s.Group, opts))
	}
	if s.Ready != nil {
		mux.Handle(apiv1connect.NewReadinessServiceHandler(s.Ready, opts))
	}
	if s.HostOS != nil {
		mux.Handle(apiv1connect.NewHostOSServiceHandler(s.HostOS, opts))
	}
	if s.VM != nil {
		mux.Handle(apiv1connect.NewVMServiceHandler(s.VM, opts))
	}
	if s.Task != nil {
		mux.Handle(apiv1connect.NewTaskServiceHandler(s.Task, opts))
	}
	if s.Storage != nil {
		mux.Handle(apiv1connect.NewStorageServiceHandler(s.Storage, opts))
	}
	if s.Image != nil {
		mux.Handle(apiv1connect.NewImageServiceHandler(s.Image, opts))
	}
	if s.Network != nil {
		mux.Handle(apiv1connect.NewNetworkServiceHandler(s.Network, opts))
	}
	if s.Event != nil {
		mux.Handle(apiv1connect.NewEventServiceHandler(s.Event, opts))
	}
	if s.Metric != nil {
		mux.Handle(apiv1connect.NewMetricServiceHandler(s.Metric, opts))
	}
	if s.App != nil {
		mux.Handle(apiv1connect.NewAppServiceHandler(s.App, opts))
	}
	if s.Search != nil {
		mux.Handle(apiv1connect.NewSearchServiceHandler(s.Search, opts))
	}
	if s.Console != nil {
		mux.Handle("GET "+consolePath, &consoleRelay{open: s.Console, log: log})
	}
	return mux
}
