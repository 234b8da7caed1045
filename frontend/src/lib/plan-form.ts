import { useEffect, useRef, useState } from "react";

import { operate, type Mistake, type Request } from "./operate";

/** Told is what the server found wrong with fields, each with the value that it is about. */
type Told = Partial<Record<string, { value: unknown; text: string }>>;

/**
 * usePlanForm is for a form that ends in the plan sheet. submit asks for the
 * plan; what is wrong with the form's own fields is told there, by wrong, and no
 * sheet comes. What is wrong beside them, or the plan, is the sheet's to tell.
 * What a field was refused for is forgotten once another value stands in it.
 */
export function usePlanForm<F extends object>(values: F) {
  const [told, setTold] = useState<Told>({});
  const [busy, setBusy] = useState(false);
  const open = useRef(true);
  useEffect(() => {
    open.current = true;
    return () => void (open.current = false);
  }, []);
  const submit = async (request: Omit<Request, "form">) => {
    if (busy) return;
    setBusy(true);
    const form = (mistakes: Mistake[]) => {
      if (!open.current) return false;
      const here = mistakes.length > 0 && mistakes.every((m) => m.field in values);
      setTold(here ? toldOf(mistakes, values) : {});
      return !here;
    };
    await operate({ ...request, form });
    setBusy(false);
  };
  const wrong = (field: keyof F & string): string | undefined => {
    const t = told[field];
    return t && Object.is(t.value, values[field]) ? t.text : undefined;
  };
  return { submit, wrong, busy };
}

function toldOf(mistakes: Mistake[], values: object): Told {
  return Object.fromEntries(mistakes.map((m) => [m.field, { value: (values as Record<string, unknown>)[m.field], text: m.text }]));
}
