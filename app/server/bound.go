package server

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/limiquantix/limiquantix/core"
)

// What one field of a request may hold, when [boundOf] does not say otherwise.
// The services have narrower rules of their own: this is so that none is
// without any, and that nothing absurd comes into a plan, a journal or a host.
const (
	maxText  = 4 << 10 // bytes of a string: Linux's PATH_MAX
	maxItems = 1000    // elements of a list
	maxDepth = 8       // messages within messages
)

// boundOf returns how many elements and how many bytes each the field may have.
func boundOf(name protoreflect.FullName) (items, bytes int) {
	items, bytes = maxItems, maxText
	switch name {
	case "limiquantix.v1.EditVMRequest.xml", "limiquantix.v1.EditVMRequest.before",
		"limiquantix.v1.SetVMRequest.before", "limiquantix.v1.SetVMRequest.like",
		"limiquantix.v1.DeleteVMRequest.Target.xml":
		bytes = 1 << 20 // a VM of 500 disks has 300 KiB
	case "limiquantix.v1.CloudInit.user_data", "limiquantix.v1.CloudInit.network_config":
		bytes = 1 << 20
	case "limiquantix.v1.SetVMRequest.description", "limiquantix.v1.LabelVMsRequest.notes", "limiquantix.v1.LabelVMsRequest.Labels.notes":
		bytes = 64 << 10
	case "limiquantix.v1.SearchRequest.query", "limiquantix.v1.CompleteQueryRequest.query", "limiquantix.v1.View.query":
		bytes = 64 << 10 // a selection of 1,000 VMs is a query
	case "limiquantix.v1.TypeVMRequest.text": // its service says what to do instead
		bytes = 256 << 10
	case "limiquantix.v1.CloudInit.ssh_keys":
		bytes = 16 << 10
	case "limiquantix.v1.ListVMsRequest.hosts", "limiquantix.v1.ListImagesRequest.hosts", "limiquantix.v1.ListPoolsRequest.hosts",
		"limiquantix.v1.ListNetworksRequest.hosts", "limiquantix.v1.WatchStatsRequest.hosts",
		"limiquantix.v1.LabelVMsRequest.vms", "limiquantix.v1.LabelVMsRequest.targets":
		items = 10_000
	}
	return items, bytes
}

// checkBounds refuses a request one of whose fields holds more than it may:
// [core.Invalid] with the detail "field".
func checkBounds(request any) error {
	m, ok := request.(proto.Message)
	if !ok {
		return nil
	}
	return checkMessage(m.ProtoReflect(), maxDepth)
}

func checkMessage(m protoreflect.Message, depth int) (err error) {
	if depth == 0 {
		return core.Errorf(core.Invalid, "the request is nested too deeply")
	}
	if len(m.GetUnknown()) > maxText {
		return core.Errorf(core.Invalid, "the request holds what nobody knows")
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.IsList() {
			err = checkList(f, v.List(), depth)
		} else {
			err = core.InField(checkValue(f, v, depth), string(f.Name()))
		}
		return err == nil
	})
	return err
}

func checkList(f protoreflect.FieldDescriptor, list protoreflect.List, depth int) error {
	if items, _ := boundOf(f.FullName()); list.Len() > items {
		return core.Errorf(core.Invalid, "%s has %d entries", f.Name(), list.Len()).
			WithHint("give at most %d", items).WithDetail("field", string(f.Name()))
	}
	for i := range list.Len() {
		if err := checkValue(f, list.Get(i), depth); err != nil {
			return core.InField(err, fmt.Sprintf("%s[%d]", f.Name(), i))
		}
	}
	return nil
}

// checkValue looks at one value of a field.
func checkValue(f protoreflect.FieldDescriptor, v protoreflect.Value, depth int) error {
	size := 0
	switch f.Kind() {
	case protoreflect.StringKind:
		size = len(v.String())
	case protoreflect.BytesKind:
		size = len(v.Bytes())
	case protoreflect.MessageKind:
		return checkMessage(v.Message(), depth-1)
	}
	if _, limit := boundOf(f.FullName()); size > limit {
		return core.Errorf(core.Invalid, "%s is too long: %s", f.Name(), core.Bytes(size)).WithHint("give at most %s", core.Bytes(limit))
	}
	return nil
}

// bounds is the interceptor that checks each request before a service sees it.
type bounds struct{}

// WrapUnary implements [connect.Interceptor].
func (bounds) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		if err := checkBounds(req.Any()); err != nil {
			return nil, err
		}
		return next(ctx, req)
	}
}

// WrapStreamingHandler implements [connect.Interceptor].
func (bounds) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		return next(ctx, boundConn{conn})
	}
}

// WrapStreamingClient implements [connect.Interceptor]; we are no client.
func (bounds) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// boundConn checks what a stream receives.
type boundConn struct{ connect.StreamingHandlerConn }

// Receive implements [connect.StreamingHandlerConn].
func (c boundConn) Receive(m any) error {
	if err := c.StreamingHandlerConn.Receive(m); err != nil {
		return err
	}
	return ToConnect(checkBounds(m))
}
