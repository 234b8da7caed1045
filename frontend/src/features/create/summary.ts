import { bytes, plural } from "@/lib/format";
import type { Draft, ImageGroup } from "./draft";
import type { StepId } from "./rules";
import { readKeys } from "./ssh-key";

/** summaryOf says in a few words what a step holds; "" for nothing yet. */
export function summaryOf(step: StepId, d: Draft, image: ImageGroup | undefined): string {
  switch (step) {
    case "image":
      return image?.name ?? "";
    case "place":
      return [d.host, d.pool].filter(Boolean).join(" · ");
    case "size":
      return [d.vcpus && `${d.vcpus} vCPU`, d.memory && bytes(d.memory), d.disk && bytes(d.disk)].filter(Boolean).join(" · ");
    case "network":
      return networkSummary(d);
    case "cloud-init":
      return seedSummary(d);
    case "options":
      return d.name;
    case "review":
      return "";
  }
}

function networkSummary(d: Draft): string {
  if (d.nics.length === 0) return "None";
  if (d.host === "" && d.nics.every((n) => n.network === "")) return "The host's usual one";
  return d.nics.map((n, i) => n.network || (i === 0 ? "Not chosen" : "not chosen")).join(", ");
}

function seedSummary(d: Draft): string {
  if (!d.seed) return "None";
  const keys = readKeys(d.keys).length;
  const parts = [d.user && `user ${d.user}`, keys > 0 && plural(keys, "key"), d.password && "password", d.userData.trim() && "own user-data"];
  return parts.filter(Boolean).join(", ") || "Host name only";
}
