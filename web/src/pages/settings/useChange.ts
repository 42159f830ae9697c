// One change at a time, and why it was not made.
import { useState } from "react";

import { asProblem, change, type Problem } from "../../api/ask";

export const useChange = (again: () => void) => {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  /** The answer, which may be empty; `undefined` if it was not made, and the problem says why. */
  const make = async <T>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ answer: T } | undefined> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await change<T>(method, path, body);
      again();
      return { answer };
    } catch (error) {
      const why = asProblem(error);
      setProblem(why);
      // What somebody else did meanwhile is shown, and one decides again.
      if (why.kind === "overtaken") again();
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { make, problem, busy };
};
