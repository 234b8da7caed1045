package audit

import (
	"context"
	"encoding/json"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/limiquantix/limiquantix/core"
)

// call is a call of the API that changes something and is no task.
type call struct {
	kind, title string
	// secret are fields that are left out of what is kept.
	secret []protoreflect.Name
}

// callOf returns what is to be kept of a call; false for one that changes
// nothing, or is a task.
func callOf(procedure string) (call, bool) {
	switch procedure {
	case "/limiquantix.v1.HostService/AddHost":
		return call{"host.add", "Add host", nil}, true
	case "/limiquantix.v1.HostService/EditHost":
		return call{"host.edit", "Edit host", nil}, true
	case "/limiquantix.v1.HostService/RemoveHost":
		return call{"host.remove", "Remove host", nil}, true
	case "/limiquantix.v1.HostService/ReconnectHost": // it may come to trust another key
		return call{"host.reconnect", "Reconnect host", nil}, true
	case "/limiquantix.v1.HostGroupService/AddHostGroup":
		return call{"hostgroup.add", "Add host group", nil}, true
	case "/limiquantix.v1.HostGroupService/SetHostGroup":
		return call{"hostgroup.set", "Change host group", nil}, true
	case "/limiquantix.v1.HostGroupService/RemoveHostGroup":
		return call{"hostgroup.remove", "Remove host group", nil}, true
	case "/limiquantix.v1.VMService/OpenConsole":
		return call{"vm.console", "Open the console of VM", nil}, true
	case "/limiquantix.v1.VMService/TypeVM":
		return call{"vm.type", "Type into VM", []protoreflect.Name{"text", "keys"}}, true
	case "/limiquantix.v1.TaskService/CancelTask":
		return call{"task.cancel", "Cancel task", nil}, true
	case "/limiquantix.v1.HistoryService/SetRetention":
		return call{"history.retention", "Change how much history is kept", nil}, true
	}
	return call{}, false
}

// secrets are fields that hold some in every request.
var secrets = []protoreflect.Name{"secret", "password", "passphrase"}

// Interceptor keeps a record of each call that changes something and is no task,
// before it is begun and when it has ended. A call whose beginning cannot be
// written is not made.
func (t *Trail) Interceptor() connect.UnaryInterceptorFunc {
	return func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			c, is := callOf(req.Spec().Procedure)
			m, ok := req.Any().(proto.Message)
			if !is || !ok {
				return next(ctx, req)
			}
			r := c.record(m)
			if err := t.Note(ctx, r); err != nil {
				return nil, err
			}
			res, err := next(ctx, req)
			r.Event, r.Request = "done", nil
			if err != nil {
				e := core.AsError(err)
				r.Event, r.Error = "failed", e.Message
			}
			if err := t.Note(ctx, r); err != nil {
				t.o.Log.Error("keep the end of a call", "call", c.kind, "err", err)
			}
			return res, err
		}
	}
}

func (c call) record(m proto.Message) Record {
	r := Record{Event: "begin", Act: core.NewUUID(), Kind: c.kind, Title: c.title}
	for _, name := range []protoreflect.Name{"name", "vm", "host", "id", "path"} {
		if r.Object = text(m, name); r.Object != "" {
			r.Title += " " + r.Object
			break
		}
	}
	r.Host = text(m, "host")
	kept := proto.Clone(m)
	blank(kept.ProtoReflect(), c.secret)
	request, err := protojson.Marshal(kept)
	if err != nil {
		request = []byte(`{}`) // not valid UTF-8
	}
	r.Request = json.RawMessage(request)
	return r
}

// text is a field of m; "" when it has none of that name.
func text(m proto.Message, name protoreflect.Name) string {
	f := m.ProtoReflect().Descriptor().Fields().ByName(name)
	if f == nil || f.Kind() != protoreflect.StringKind || f.IsList() {
		return ""
	}
	return m.ProtoReflect().Get(f).String()
}

// blank clears secrets in m and what is in it.
func blank(m protoreflect.Message, also []protoreflect.Name) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		for _, name := range append(also, secrets...) {
			if f.Name() == name {
				m.Clear(f)
				return true
			}
		}
		switch {
		case f.Message() == nil || f.IsMap():
		case f.IsList():
			for i := range v.List().Len() {
				blank(v.List().Get(i).Message(), also)
			}
		default:
			blank(v.Message(), also)
		}
		return true
	})
}
