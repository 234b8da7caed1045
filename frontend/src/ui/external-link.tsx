import type { ReactNode } from "react";

import { openOutside } from "@/lib/desktop";
import { webLink } from "@/lib/labels";
import { cx } from "./cx";

/** ExternalLink is a web address that a host or another administrator wrote: http or https, opened outside; anything else stays text. */
export function ExternalLink({ to, children, className }: { to: string; children: ReactNode; className?: string }) {
  const href = webLink(to);
  if (!href) return <bdi className={className}>{children}</bdi>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" title={href} className={cx("text-accent-fg hover:underline", className)}
      onClick={(e) => openOutside(href) && e.preventDefault()}>
      {children}
    </a>
  );
}
