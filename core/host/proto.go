package host

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

var stateProto = map[State]apiv1.Host_State{
	Idle: apiv1.Host_STATE_IDLE, Connecting: apiv1.Host_STATE_CONNECTING, Live: apiv1.Host_STATE_LIVE,
	Stale: apiv1.Host_STATE_STALE, Refused: apiv1.Host_STATE_REFUSED,
}

var connectProto = map[Connect]apiv1.Host_Connect{Always: apiv1.Host_CONNECT_ALWAYS, Demand: apiv1.Host_CONNECT_DEMAND}

func connectOf(p apiv1.Host_Connect) Connect {
	return map[apiv1.Host_Connect]Connect{apiv1.Host_CONNECT_ALWAYS: Always, apiv1.Host_CONNECT_DEMAND: Demand}[p]
}

var actionProto = map[Action]apiv1.Host_Action{
	NoAction: apiv1.Host_ACTION_NONE, Reconnect: apiv1.Host_ACTION_RECONNECT, AcceptKey: apiv1.Host_ACTION_ACCEPT_KEY, GiveSecret: apiv1.Host_ACTION_GIVE_SECRET,
	EditAddress: apiv1.Host_ACTION_EDIT_ADDRESS, EditLogin: apiv1.Host_ACTION_EDIT_LOGIN, Check: apiv1.Host_ACTION_CHECK,
}

func (s *Service) proto(ctx context.Context, h Host) *apiv1.Host {
	all, running := s.guests.Count(ctx, h.ID)
	out := &apiv1.Host{
		Id: h.ID, Name: h.Name, Address: h.Spec.Address, State: stateProto[h.State], Jumps: h.Spec.Jumps, Uri: h.Spec.URI,
		Cluster: h.Cluster, Site: h.Site, Connect: connectProto[h.Connect], Identities: h.Spec.Identities, Remembered: h.Remembered, Action: actionProto[h.WayOut()],
		Vms: int32(all), Running: int32(running), Facts: h.Facts.proto(),
	}
	if !h.Seen.IsZero() {
		seen := h.Seen
		if h.State == Live {
			seen = time.Now()
		}
		out.Seen = timestamppb.New(seen)
	}
	if h.Err != nil {
		out.Reason, out.Hint, out.Code = h.Err.Message, h.Err.Hint, string(h.Err.Code)
	}
	for _, i := range s.m.Inherited(h) {
		out.Inherited = append(out.Inherited, &apiv1.HostInherited{Field: i.Field, Values: i.Values, Group: i.Group})
	}
	return out
}
