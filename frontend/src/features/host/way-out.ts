import { Host_Action } from "@/gen/limiquantix/v1/host_pb";

/** WayOut is what a button beside a host's state does, and is called. */
export interface WayOut {
  label: string;
  act: "reconnect" | "edit" | "check";
}

const WAYS: Partial<Record<Host_Action, WayOut>> = {
  [Host_Action.RECONNECT]: { label: "Connect", act: "reconnect" },
  [Host_Action.ACCEPT_KEY]: { label: "Compare its key", act: "reconnect" },
  [Host_Action.GIVE_SECRET]: { label: "Log in", act: "reconnect" },
  [Host_Action.EDIT_ADDRESS]: { label: "Edit its address", act: "edit" },
  [Host_Action.EDIT_LOGIN]: { label: "Edit its login", act: "edit" },
  [Host_Action.CHECK]: { label: "Check it", act: "check" },
};

/** wayOut returns the way out of a host's state; undefined when there is nothing to do. */
export function wayOut(action: Host_Action): WayOut | undefined {
  return WAYS[action];
}
