import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, test, vi } from "vitest";

import { Button } from "./button";
import { matches } from "./combobox";
import { Field } from "./field";
import { NumberInput, SizeInput, sizeText } from "./input";
import { step } from "./listbox";
import { amountText } from "./progress";
import { Select } from "./select";
import { TooltipProvider } from "./tooltip";

afterEach(cleanup);

function Size({ first }: { first: bigint | undefined }) {
  const [value, setValue] = useState(first);
  return (
    <Field label="Memory" hint="Of the guest" error={value === undefined ? "No size" : undefined}>
      <SizeInput value={value} onChange={setValue} />
    </Field>
  );
}

describe("sizes", () => {
  test.each([
    [4n << 30n, "4"],
    [1536n << 20n, "1.5"],
    [512n << 20n, "512 MiB"],
    [100n << 20n, "100 MiB"],
    [1000n, "1000 B"],
    [3072n, "3 KiB"],
    [0n, "0"],
  ])("%d bytes are typed as %s", (value, want) => expect(sizeText(value, "GiB")).toBe(want));

  test("what is typed stays while it is typed, and becomes tidy after", () => {
    render(<Size first={4n << 30n} />);
    const input = screen.getByLabelText<HTMLInputElement>("Memory");
    fireEvent.change(input, { target: { value: "8192 MiB" } });
    expect(input.value).toBe("8192 MiB");
    fireEvent.blur(input);
    expect(input.value).toBe("8");
  });

  test("what is no size stays, with its error tied to it", () => {
    render(<Size first={4n << 30n} />);
    const input = screen.getByLabelText<HTMLInputElement>("Memory");
    fireEvent.change(input, { target: { value: "lots" } });
    fireEvent.blur(input);
    expect(input.value).toBe("lots");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    const ids = input.getAttribute("aria-describedby")?.split(" ") ?? [];
    expect(ids.map((id) => document.getElementById(id)?.textContent)).toEqual(["No size", "Of the guest"]);
  });
});

test("a number steps within its limits", () => {
  const onChange = vi.fn();
  render(<NumberInput aria-label="vCPUs" value={4} onChange={onChange} min={1} max={4} />);
  const input = screen.getByRole("spinbutton");
  fireEvent.keyDown(input, { key: "ArrowUp" });
  fireEvent.keyDown(input, { key: "ArrowDown" });
  fireEvent.change(input, { target: { value: "2x" } });
  expect(onChange.mock.calls.map(([v]) => v as number | undefined)).toEqual([4, 3, undefined]);
});

test("a select opens, moves and picks by keyboard, over what cannot be chosen", () => {
  const onChange = vi.fn();
  const options = [
    { value: "a", label: "a" },
    { value: "b", label: "b", disabledReason: "It is full" },
    { value: "c", label: "c" },
  ];
  render(<Select label="Pool" value="a" onChange={onChange} options={options} />);
  const box = screen.getByRole("combobox");
  for (const key of ["ArrowDown", "ArrowDown", "Enter"]) fireEvent.keyDown(box, { key });
  expect(onChange).toHaveBeenCalledWith("c");
  expect(step(options, 2, 1)).toBe(2);
  expect(step(options, -1, 1)).toBe(0);
});

test("a button that cannot be pressed now stays reachable and does nothing", () => {
  const onClick = vi.fn();
  render(
    <TooltipProvider>
      <Button disabledReason="Host kvm1 is not reachable" onClick={onClick}>
        Start
      </Button>
      <Button busy onClick={onClick}>
        Stop
      </Button>
    </TooltipProvider>,
  );
  for (const name of ["Start", "Stop"]) {
    const button = screen.getByRole<HTMLButtonElement>("button", { name });
    expect([button.disabled, button.getAttribute("aria-disabled")]).toEqual([false, "true"]);
    fireEvent.click(button);
  }
  expect(onClick).not.toHaveBeenCalled();
});

test.each([
  [{ done: 1 << 30, total: 4 * (1 << 30), perSecond: 1 << 30 }, "1 GiB of 4 GiB · 1 GiB/s · 3 s left"],
  [{ done: 3, total: 0, unit: "count" as const }, "3"],
  [{ done: 4, total: 4, unit: "count" as const, perSecond: 1 }, "4 of 4"],
])("amount %j", (amount, want) => expect(amountText(amount)).toBe(want));

test.each([
  ["kvm 1", true],
  ["VIENNA", true],
  ["kvm graz", false],
])("an option by the words %s: %s", (text, want) => expect(matches({ value: "kvm1", label: "Host kvm1", group: "Vienna" }, text)).toBe(want));
