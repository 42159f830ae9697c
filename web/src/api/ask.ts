// Every question to the indexer goes through here, and whatever goes wrong comes out in one shape
// that says what to do next.

/** Time for one question, in milliseconds. The indexer itself gives up after ten seconds. */
const TIMEOUT_MS = 12_000;

export type ProblemKind =
  | "offline"
  | "signed_out"
  | "forbidden"
  | "not_served"
  | "missing"
  | "overtaken"
  | "refused"
  | "busy"
  | "failed";

/** What passes by itself: what was asked is asked again, so that no news is lost with an answer. */
export const PASSING: readonly ProblemKind[] = ["offline", "busy", "failed"];

/** Why a question was not answered. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly code: string;
  readonly next: string;
  readonly requestId: string | null;
  /** What else the answer says, such as the alert as it stands now. */
  readonly beside: Record<string, unknown>;

  constructor(
    kind: ProblemKind,
    said: { error: string; code?: string; next?: string; request_id?: string },
  ) {
    super(said.error);
    this.kind = kind;
    this.code = said.code ?? kind;
    this.next = said.next ?? "";
    this.requestId = said.request_id ?? null;
    this.beside = { ...said };
  }
}

const OFFLINE = {
  error: "The indexer does not answer",
  next: "see whether interdict-indexer runs and the network is there; this page asks again by itself",
};

/** What a status means to whoever asked. */
export const kindOf = (status: number, code: string): ProblemKind => {
  if (status === 401) return "signed_out";
  if (status === 403) return "forbidden";
  if (status === 404) return code === "no_page" || code === "" ? "not_served" : "missing";
  if (status === 405) return "not_served";
  if (status === 409) return "overtaken";
  if (status === 429) return "busy";
  return status >= 500 ? "failed" : "refused";
};

const refusal = async (answer: Response): Promise<Problem> => {
  const said = await answer.json().catch(() => null);
  const code = typeof said?.code === "string" ? said.code : "";
  const told = said && typeof said.error === "string" ? said : null;
  const error = `The indexer answered ${answer.status}`;
  return new Problem(kindOf(answer.status, code), told ?? { error, next: "see its log" });
};

export type Query = Record<string, string | number | boolean | null | undefined>;

/** A path with its parameters; what is empty is left out. */
export const withQuery = (path: string, query: Query = {}): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, `${value}`);
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
};

const send = async (path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> => {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(path, {
      ...init,
      credentials: "same-origin",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem("offline", OFFLINE);
  }
};

const read = async <T>(answer: Response): Promise<T> => {
  if (!answer.ok) throw await refusal(answer);
  if (answer.status === 204) return undefined as T;
  try {
    return (await answer.json()) as T;
  } catch {
    const error = "The answer cannot be read";
    throw new Problem("failed", { error, next: "see whether something stands in between" });
  }
};

export const get = async <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  read<T>(await send(withQuery(path, query), {}, signal));

/** Health answers with 503 when it is red, and that is an answer too. */
export const getHealth = async <T>(signal?: AbortSignal): Promise<T> => {
  const answer = await send("/readyz", {}, signal);
  if (answer.status !== 503) return read<T>(answer);
  return (await answer.json()) as T;
};

/** What is sent, and as what: a file as it is, everything else as JSON. */
const sent = (body: unknown): { type?: string; body?: BodyInit } => {
  if (body === undefined) return {};
  if (body instanceof Blob) return { type: body.type, body };
  return { type: "application/json", body: JSON.stringify(body) };
};

/** A change: by this header and the cookie's own rule no other site can send it. */
export const change = async <T>(
  method: string,
  path: string,
  content?: unknown,
  signal?: AbortSignal,
): Promise<T> => {
  const { type, body } = sent(content);
  const headers = { "x-interdict": "1", ...(type ? { "content-type": type } : {}) };
  return read<T>(await send(path, { method, headers, ...(body ? { body } : {}) }, signal));
};

/** Whether a page leads away from here, as a login elsewhere does; why it does not, if so. */
export const leadsElsewhere = async (path: string): Promise<void> => {
  const answer = await send(path, { redirect: "manual" });
  if (answer.type !== "opaqueredirect") throw await refusal(answer);
};

export const asProblem = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem("failed", { error: "This page failed", next: `reload it (${error})` });
