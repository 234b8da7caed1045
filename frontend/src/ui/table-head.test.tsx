import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import type { ColumnDef } from "./table-columns";
import { TableHead } from "./table-head";

afterEach(cleanup);

interface Row {
  name: string;
}

const columns: ColumnDef<Row>[] = [
  { id: "name", header: "Name", value: (r) => r.name },
  { id: "state", header: "State", value: () => "on", filter: "choice" },
  { id: "picture", header: "Picture" },
];

function show() {
  const did = { onSort: vi.fn(), onFilter: vi.fn(), onWidth: vi.fn(), onAll: vi.fn() };
  render(
    <div role="grid">
      <TableHead columns={columns} rows={[{ name: "web1" }]} widths={{ of: [200, 100, 100], total: 400, style: {} }} sorting={[]} filters={{}} selectable some={false} every={false} {...did} />
      <div role="row" tabIndex={0}>web1</div>
    </div>,
  );
  const head = (name: string) => screen.getByRole("columnheader", { name });
  const focused = () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;
  const key = (name: string, on: object = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...on });
  return { did, head, focused, key };
}

test("the head is one stop of Tab, beside the box that selects all", () => {
  show();
  const stops = [...document.querySelectorAll<HTMLElement>("[role=columnheader], [role=columnheader] *")].filter((e) => e.tabIndex >= 0);
  expect(stops.map((e) => e.ariaLabel ?? e.getAttribute("aria-label"))).toEqual(["Name", "Select all rows"]);
});

test("arrows go from head to head, and down to the rows", () => {
  const { head, focused, key } = show();
  head("Name").focus();
  key("ArrowRight");
  expect(focused()).toBe("State");
  expect(head("State").tabIndex).toBe(0);
  expect(head("Name").tabIndex).toBe(-1);
  key("End");
  key("ArrowRight");
  expect(focused()).toBe("Picture");
  key("Home");
  expect(focused()).toBe("Name");
  key("ArrowDown");
  expect(focused()).toBe("web1");
});

test("Enter sorts, Shift with an arrow changes the width, Alt+Down filters", async () => {
  const { did, head, key } = show();
  head("State").focus();
  key("Enter");
  expect(did.onSort).toHaveBeenLastCalledWith([{ id: "state", desc: false }]);
  key("ArrowLeft", { shiftKey: true });
  expect(did.onWidth).toHaveBeenLastCalledWith("state", 84);
  key("ArrowLeft", { altKey: true });
  expect(did.onWidth).toHaveBeenCalledTimes(1);
  key("ArrowDown", { altKey: true });
  fireEvent.click(await screen.findByRole("checkbox", { name: /on/ }));
  key("Enter"); // in the filter, it is the filter's
  expect(did.onFilter).toHaveBeenCalledWith("state", undefined);
  expect(did.onSort).toHaveBeenCalledTimes(1);
  head("Picture").focus();
  key("Enter"); // nothing to sort by
  expect(did.onSort).toHaveBeenCalledTimes(1);
});
