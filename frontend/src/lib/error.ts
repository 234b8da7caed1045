import { Code, ConnectError } from "@connectrpc/connect";

import { ErrorDetailSchema } from "@/gen/limiquantix/v1/error_pb";
import type { ErrorDetail, Plan } from "@/gen/limiquantix/v1/error_pb";

/** Problem is an error as the user sees it: one sentence, and what to do. */
export interface Problem {
  /** As ErrorDetail.code of the API: "not_found", "blocked", "unreachable" … */
  code: string;
  message: string;
  hint: string;
  /** Facts by key; "field" names the form field that is wrong. */
  detail: Record<string, string>;
  /** Of a blocked change: its blockers say why. */
  plan?: Plan;
  /** What else is wrong with the request; absent: nothing. */
  also?: Problem[];
}

/** mistakesIn is what is wrong with one field of a request, or with what is inside of it: "nics" has "nics[0].mac". */
export function mistakesIn(problem: Problem | undefined, field: string): Problem[] {
  const all = problem ? [problem, ...(problem.also ?? [])] : [];
  return all.filter(({ detail: { field: at = "" } }) => at === field || (at.startsWith(field) && /^[.[]/.test(at.slice(field.length))));
}

/** problemOf turns whatever was thrown into what the user is told. */
export function problemOf(error: unknown): Problem {
  const ce = ConnectError.from(error);
  const detail = ce.findDetails(ErrorDetailSchema)[0];
  if (detail) return fromDetail(detail);
  switch (ce.code) {
    case Code.Canceled:
      return { code: "canceled", message: "Canceled", hint: "", detail: {} };
    case Code.Unauthenticated:
      return { code: "denied", message: "This page has no valid token", hint: "Open the address that limiquantix serve prints, with all that is behind the #.", detail: {} };
    case Code.Unimplemented:
      return { code: "unsupported", message: "The running limiquantix does not know this call", hint: "Reload this page: it may be of another version.", detail: {} };
    case Code.Unavailable:
    case Code.Unknown:
      return { code: "lost", message: "limiquantix does not answer", hint: "It may have ended: start it again.", detail: {} };
  }
  return { code: "internal", message: sentence(ce.rawMessage), hint: "", detail: {} };
}

/** fromDetail is a Problem of what stands in a failed task. */
export function fromDetail(d: ErrorDetail): Problem {
  const also = d.also.length > 0 ? { also: d.also.map(fromDetail) } : {};
  return { code: d.code, message: sentence(d.message), hint: sentence(d.hint), detail: d.detail, plan: d.plan, ...also };
}

/**
 * sentence begins with a capital: the API's sentences follow a name and a colon
 * on the command line. A first word that is no plain word, as kvm1 or
 * web-2.example.org, is a name and stays as it is.
 */
export function sentence(text: string): string {
  return /^\p{Ll}+(?=[\s,:;.]|$)(?![.:]\S)/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
