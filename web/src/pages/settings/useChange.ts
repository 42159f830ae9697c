// One change at a time, and why it was not made.
import { useState } from "react";

import { asProblem, change, type Problem } from "../../api/ask";

export const useChange = (again: () => void) => {
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const make = async <T>(method: string, path: string, body?: unknown): Promise<T | undefined> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await change<T>(method, path, body);
      again();
      return answer;
    } catch (error) {
      setProblem(asProblem(error));
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return { make, problem, busy };
};
