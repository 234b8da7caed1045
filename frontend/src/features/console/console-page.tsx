import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";

import { setTitle } from "@/lib/desktop";
import { ConsoleView } from "./console-view";
import { useSubject, type Kind } from "./guest";

/** ConsolePage is a console window: the console of one VM and nothing else. */
export function ConsolePage() {
  const { host, uuid } = useParams({ from: "/bare/console/$host/$uuid" });
  const { serial } = useSearch({ from: "/bare/console/$host/$uuid" });
  const navigate = useNavigate();
  const { vm } = useSubject(host, uuid, true);
  const name = vm?.name;
  useEffect(() => setTitle(name ?? "Console"), [name]);
  const onKind = (k: Kind) => void navigate({ to: "/console/$host/$uuid", params: { host, uuid }, search: { serial: k === "serial" }, replace: true });
  const asked = serial === undefined ? undefined : serial ? "serial" : "graphical";
  return (
    <main id="main" className="h-full">
      <ConsoleView key={`${host}/${uuid}`} host={host} uuid={uuid} asked={asked} onKind={onKind} alone />
    </main>
  );
}
