import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { Host_Action, HostSchema } from "@/gen/limiquantix/v1/host_pb";
import { editWrongs, inherited } from "./edit-host-dialog";
import { wayOut } from "./way-out";

test.each([
  [Host_Action.NONE, undefined],
  [Host_Action.RECONNECT, "reconnect"],
  [Host_Action.ACCEPT_KEY, "reconnect"],
  [Host_Action.GIVE_SECRET, "reconnect"],
  [Host_Action.EDIT_ADDRESS, "edit"],
  [Host_Action.EDIT_LOGIN, "edit"],
  [Host_Action.CHECK, "check"],
])("the way out of action %s is %s", (action, want) => expect(wayOut(action)?.act).toBe(want));

const fields = { name: "kvm1", address: "root@kvm1", cluster: "", site: "", jumps: "", identities: "", connect: "always" };

test.each([
  [{}, []],
  [{ site: "eu/berlin" }, []],
  [{ site: "eu//berlin" }, ["site"]],
  [{ site: "../x" }, ["site"]],
  [{ name: "" }, ["name"]],
  [{ address: "-oProxyCommand=x" }, ["spec.address"]],
])("of %j these are wrong: %j", (part, want) => expect(Object.keys(editWrongs({ ...fields, ...part }))).toEqual(want));

test("what a group gives is told", () => {
  const h = create(HostSchema, { inherited: [{ field: "jumps", values: ["gate"], group: "eu" }] });
  expect(inherited(h, "jumps")).toBe("From group eu: gate");
  expect(inherited(h, "user")).toBeUndefined();
});
