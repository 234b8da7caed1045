import { expect, test } from "vitest";

import { stateOf, viewOf } from "./view-state";

const columns = [{ id: "name" }, { id: "state" }, { id: "memory" }, { id: "uuid", hidden: true }];
const now = { hidden: ["uuid", "state"], order: ["memory", "name"], widths: { name: 200 }, sorting: [{ id: "memory", desc: true }, { id: "name", desc: false }] };

test("a view keeps columns in their order and the sorting", () => expect(viewOf(columns, now)).toEqual({ columns: ["memory", "name"], sort: "-memory,name" }));
test("a table that was kept looks the same again", () => expect(stateOf(columns, viewOf(columns, now), { ...now, hidden: [], order: [], sorting: [] })).toEqual({ ...now, hidden: ["state", "uuid"] }));
test("a view from the command line says nothing of columns", () => expect(stateOf(columns, { columns: [], sort: "" }, now)).toEqual({ ...now, hidden: ["uuid"], order: [] }));
test("columns that there are no more are left out", () => expect(stateOf(columns, { columns: ["gone", "name"], sort: "gone,-name" }, now)).toMatchObject({ order: ["name"], sorting: [{ id: "name", desc: true }] }));
