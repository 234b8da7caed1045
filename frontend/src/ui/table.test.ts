import { describe, expect, test } from "vitest";

import { shownColumns, type ColumnDef } from "./table-columns";
import { toCSV, toText } from "./table-export";
import { choices, filterRows, parseRange, queryTest, sortRows } from "./table-rows";
import { noSelection, select } from "./table-selection";
import { nextSorting, parseState } from "./table-state";

interface VM {
  name: string;
  cpus?: number;
  mem: bigint;
}
const columns: ColumnDef<VM>[] = [
  { id: "name", header: "Name", value: (r) => r.name },
  { id: "cpus", header: "vCPUs", value: (r) => r.cpus, filter: "number" },
  { id: "mem", header: "Memory", value: (r) => r.mem, filter: "bytes" },
  { id: "icon", header: "Icon", cell: () => "x" },
];
const rows: VM[] = [
  { name: "vm10", cpus: 2, mem: 1n << 30n },
  { name: "VM9", cpus: undefined, mem: 4n << 30n },
  { name: "db", cpus: 8, mem: 4n << 30n },
  { name: "vm1", cpus: 2, mem: 2n << 30n },
];
const names = (list: readonly VM[]) => list.map((r) => r.name).join(" ");

describe("sorting", () => {
  test.each([
    ["as people count", [{ id: "name", desc: false }], "db vm1 VM9 vm10"],
    ["what is missing is last", [{ id: "cpus", desc: false }], "vm10 vm1 db VM9"],
    ["what is missing is last downwards too", [{ id: "cpus", desc: true }], "db vm10 vm1 VM9"],
    ["by several", [{ id: "mem", desc: true }, { id: "name", desc: false }], "db VM9 vm1 vm10"],
    ["by a column that is gone", [{ id: "gone", desc: true }], "vm10 VM9 db vm1"],
  ])("%s", (_, sorting, want) => expect(names(sortRows(rows, columns, sorting))).toBe(want));

  test("a press goes down, up, off; with shift beside the others", () => {
    const one = nextSorting([], "a", false);
    expect(one).toEqual([{ id: "a", desc: false }]);
    const two = nextSorting(one, "b", true);
    expect(nextSorting(two, "a", true)).toEqual([{ id: "a", desc: true }, { id: "b", desc: false }]);
    expect(nextSorting([{ id: "a", desc: true }], "a", false)).toEqual([]);
  });
});

describe("filters", () => {
  test.each([
    [{ name: "VM 1" }, "vm10 vm1"],
    [{ cpus: ">2" }, "db"],
    [{ cpus: "1..2" }, "vm10 vm1"],
    [{ mem: ">=2G" }, "VM9 db vm1"],
    [{ mem: "1024 MiB" }, "vm10"],
    [{ name: ["db", "vm1"] }, "db vm1"],
    [{ cpus: "many" }, "vm10 VM9 db vm1"],
    [{ cpus: "2", mem: "<2G" }, "vm10"],
  ])("%j", (filters, want) => expect(names(filterRows(rows, columns, filters))).toBe(want));

  test("a query looks in all columns", () => expect(names(filterRows(rows, columns, {}, queryTest(columns.slice(0, 2), "vm 2")))).toBe("vm10 vm1"));
  test("nothing filtered is the array itself", () => expect(filterRows(rows, columns, {})).toBe(rows));
  test("choices are counted", () => expect(choices(rows, columns[1] as ColumnDef<VM>)[0]).toEqual({ text: "2", rows: 2 }));
  test.each(["", ">", "x", "1..", "..2"])("%j is no range", (t) => expect(parseRange(t, false)).toBeUndefined());
});

describe("selection", () => {
  const ids = ["a", "b", "c", "d"];
  const got = (s: { selected: ReadonlySet<string> }) => [...s.selected].join("");
  test("shift takes the range from the anchor, both ways", () => {
    const at = select(noSelection, { do: "toggle", id: "b" });
    const down = select(at, { do: "range", id: "d", ids });
    expect(got(down)).toBe("bcd");
    expect(got(select(down, { do: "range", id: "a", ids }))).toBe("ab");
  });
  test("an anchor that is filtered away begins anew", () => {
    const at = select(noSelection, { do: "toggle", id: "x" });
    expect(got(select(at, { do: "range", id: "c", ids }))).toBe("c");
  });
  test("toggle, all, clear", () => {
    const all = select(noSelection, { do: "all", ids });
    expect(got(select(all, { do: "toggle", id: "b" }))).toBe("acd");
    expect(got(select(all, { do: "clear" }))).toBe("");
  });
});

describe("columns and what is kept", () => {
  const defaults = { hidden: [], order: [], widths: {}, sorting: [] };
  test("the first stays first and shown", () => {
    expect(shownColumns(columns, ["mem", "name"], ["name", "icon"]).map((c) => c.id)).toEqual(["name", "mem", "cpus"]);
  });
  test.each([null, "", "{", "3", "[]", '{"hidden":[1],"widths":{"a":"b"},"sorting":[{"id":1}],"density":"tiny","inspector":1}'])("%j gives way to the defaults", (json) => {
    expect(parseState(json, defaults)).toEqual(defaults);
  });
  test("what was stored comes back", () => {
    const state = { hidden: ["a"], order: ["b"], widths: { a: 100 }, sorting: [{ id: "a", desc: true }], density: "compact", inspector: true };
    expect(parseState(JSON.stringify(state), defaults)).toEqual(state);
  });
});

describe("export", () => {
  const evil: VM[] = [{ name: '=cmd|"x"', mem: 1n }, { name: "a,\r\nb", cpus: -1, mem: 2n }];
  test("CSV is quoted and no formula", () => {
    expect(toCSV(columns, evil)).toBe('Name,vCPUs,Memory\r\n"\'=cmd|""x""",,1\r\n"a,\r\nb",-1,2\r\n');
  });
  test("text is one line a row, and no formula", () => expect(toText(columns, evil)).toBe('Name\tvCPUs\tMemory\n\'=cmd|"x"\t\t1\na, b\t-1\t2\n'));
  test.each([
    ["=1+1", "'=1+1"],
    [" @SUM(A1)", "' @SUM(A1)"],
    ["＝1+1", "'＝1+1"],
    ["-x", "'-x"],
    ["web;=1+1", '"web;=1+1"'],
    ["-1.5", "-1.5"],
    ["web1", "web1"],
  ])("a cell %j in CSV", (name, want) => expect(toCSV(columns, [{ name, mem: 1n }])).toBe(`Name,vCPUs,Memory\r\n${want},,1\r\n`));
});
