// Who is signed in, and what this indexer serves: asked once, and again when either changes.
import { createContext, type ReactNode, useContext, useMemo } from "react";

import { asProblem, get, type Problem } from "./api/ask";
import type { Role, Session } from "./api/types";
import { NEVER, useAsk } from "./api/useAsk";

export type Who = {
  /** `null`: nobody is signed in. `undefined`: not known yet. */
  session: Session | null | undefined;
  problem: Problem | undefined;
  /** Whether the indexer has this path, as its own document says. */
  serves: (path: string) => boolean;
  /** Whether who is signed in may use what needs one of these roles. */
  may: (...roles: Role[]) => boolean;
  again: () => void;
};

const NOBODY: Who = {
  session: undefined,
  problem: undefined,
  serves: () => true,
  may: () => false,
  again: () => undefined,
};

const Context = createContext<Who>(NOBODY);

/** What an indexer serves that has no document. */
const BEFORE_THE_DOCUMENT = ["/v1/alerts", "/v1/alerts/{id}", "/v1/acts", "/readyz"];

/** An indexer without sessions answers whoever reaches it. */
const ANYBODY: Session = { person: "anonymous", role: "viewer" };

const ONCE = { on: NEVER };

const askSession = async (signal: AbortSignal): Promise<Session | null> => {
  try {
    return await get<Session>("/v1/session", {}, signal);
  } catch (error) {
    if (asProblem(error).kind === "signed_out") return null;
    throw error;
  }
};

const askServed = async (signal: AbortSignal): Promise<string[]> => {
  try {
    const said = await get<{ paths: Record<string, unknown> }>("/v1/openapi.json", {}, signal);
    return Object.keys(said.paths);
  } catch (error) {
    if (asProblem(error).kind === "not_served") return BEFORE_THE_DOCUMENT;
    throw error;
  }
};

export const WhoAsks = ({ children }: { children: ReactNode }) => {
  const served = useAsk("/v1/openapi.json", {}, { ...ONCE, ask: askServed });
  const paths = useMemo(() => served.data && new Set(served.data), [served.data]);
  const hasSessions = paths?.has("/v1/session");
  const session = useAsk(hasSessions ? "/v1/session" : null, {}, { ...ONCE, ask: askSession });
  const known = paths && (hasSessions ? session.data : ANYBODY);
  const problem = served.problem ?? session.problem;
  const [askServedAgain, askSessionAgain] = [served.again, session.again];
  const who = useMemo(
    (): Who => ({
      session: known,
      problem,
      serves: (path) => paths?.has(path) ?? false,
      may: (...roles) => !!known && roles.includes(known.role),
      again: () => {
        askServedAgain();
        askSessionAgain();
      },
    }),
    [known, problem, paths, askServedAgain, askSessionAgain],
  );
  return <Context.Provider value={who}>{children}</Context.Provider>;
};

export const useWho = (): Who => useContext(Context);
