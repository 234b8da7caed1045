import { LoaderCircle, type LucideIcon } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps, MouseEvent, ReactNode } from "react";

import { cx } from "./cx";
import { Tooltip } from "./tooltip";

/** How loud a button is: one primary on a surface; danger for what destroys. */
export type ButtonVariant = "primary" | "default" | "ghost" | "danger";
/** Height: md 28 px, sm 24 px. */
export type ButtonSize = "md" | "sm";

const variants: Record<ButtonVariant, string> = {
  primary: "bg-accent text-fg-on-accent hover:bg-accent-hover",
  default: "border border-line-strong/60 bg-panel text-fg hover:bg-raised hover:border-line-strong",
  ghost: "text-fg-secondary hover:bg-raised hover:text-fg aria-pressed:bg-accent-soft aria-pressed:text-accent-fg",
  danger: "bg-danger text-fg-on-accent hover:bg-danger-hover",
};

const base =
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap " +
  "disabled:opacity-45 aria-disabled:opacity-45 disabled:pointer-events-none data-[state=open]:bg-raised";

function look(variant: ButtonVariant, size: ButtonSize): string {
  return cx(base, variants[variant], size === "sm" ? "h-(--control-sm) px-2 text-table" : "h-(--control) px-3 text-body");
}

export type ButtonProps = ComponentProps<"button"> & {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** Before the words. */
  icon?: LucideIcon;
  /** The act goes on: a turning mark, and no second press. The width stays. */
  busy?: boolean;
  /** Why it cannot be pressed now. It stays reachable by keyboard and tells it. */
  disabledReason?: string;
  /** Renders its only child, such as a link, as the button. */
  asChild?: boolean;
};

/** A button that names its act: "Grow disk to 40 GiB", never "OK". */
export function Button({ variant = "default", size = "md", icon, busy = false, disabledReason, asChild, ...props }: ButtonProps) {
  const { className, children, onClick, type = "button", ...rest } = props;
  const off = busy || disabledReason !== undefined;
  const press = (e: MouseEvent<HTMLButtonElement>) => {
    if (!off) return onClick?.(e);
    e.preventDefault();
    e.stopPropagation();
  };
  const Tag = asChild ? Slot.Root : "button";
  const button = (
    <Tag
      {...rest}
      {...(asChild ? {} : { type })}
      className={cx(look(variant, size), className)}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      onClick={press}
    >
      {asChild ? children : <Inside icon={icon} busy={busy} size={size} label={children} />}
    </Tag>
  );
  return disabledReason ? <Tooltip content={disabledReason}>{button}</Tooltip> : button;
}

function Inside({ icon: Icon, busy, size, label }: { icon?: LucideIcon; busy: boolean; size: ButtonSize; label: ReactNode }) {
  const px = size === "sm" ? 13 : 14;
  const Mark = busy ? LoaderCircle : Icon;
  return (
    <>
      {Mark && <Mark size={px} aria-hidden className={cx("-ml-0.5 shrink-0", busy && "animate-spin")} />}
      {label}
    </>
  );
}

export type IconButtonProps = Omit<ComponentProps<"button">, "children" | "aria-label"> & {
  /** What it does; said by screen readers and shown as a tip. */
  label: string;
  icon: LucideIcon;
  /** The shortcut, shown in the tip: "Ctrl+K". */
  shortcut?: string;
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** For what is on or off. */
  pressed?: boolean;
  disabledReason?: string;
};

/** A square button with an icon alone. */
export function IconButton({ label, icon: Icon, shortcut, variant = "ghost", size = "md", pressed, disabledReason, ...props }: IconButtonProps) {
  const { className, onClick, type = "button", ...rest } = props;
  return (
    <Tooltip content={disabledReason ?? label} shortcut={disabledReason ? undefined : shortcut}>
      <button
        {...rest}
        type={type}
        aria-label={label}
        aria-pressed={pressed}
        aria-disabled={disabledReason !== undefined || undefined}
        onClick={disabledReason ? undefined : onClick}
        className={cx(look(variant, size), "px-0!", size === "sm" ? "w-(--control-sm)" : "w-(--control)", className)}
      >
        <Icon size={size === "sm" ? 14 : 16} aria-hidden />
      </button>
    </Tooltip>
  );
}
