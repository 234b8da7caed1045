import { useState } from "react";

/** useTyped is what was typed to confirm a plan, named by its digest: it confirms no other. */
export function useTyped(plan: string | undefined): [string, (text: string) => void] {
  const [typed, setTyped] = useState({ text: "", plan });
  return [typed.plan === plan ? typed.text : "", (text) => setTyped({ text, plan })];
}
