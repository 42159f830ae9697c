// One stream of news for the whole page. Where the indexer has none, or it cannot be reached, the
// page asks by itself every few seconds instead; a hidden page asks for nothing.
import { useEffect, useRef, useSyncExternalStore } from "react";

/** Between two looks where there is no stream, in milliseconds. */
const LOOK_MS = 3_000;
/** After a stream that was refused, until it is tried again, in milliseconds. */
const RETRY_MS = 15_000;

export type News =
  | { kind: "alert"; id: string; told: string; severity: string }
  | { kind: "step"; id: string; version: number }
  | { kind: "status"; cursor?: number; lag?: number | null; ready?: boolean }
  /** Anything may have changed: time passed without a stream, or it is there again. */
  | { kind: "back" };

export type Line = "live" | "asking" | "lost";

const listeners = new Set<(news: News) => void>();
const watchers = new Set<() => void>();
let line: Line = "asking";
let isServed = false;
let source: EventSource | null = null;
let timer: ReturnType<typeof setInterval> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

const tell = (news: News) => {
  for (const listener of [...listeners]) listener(news);
};

const become = (next: Line) => {
  if (line === next) return;
  line = next;
  for (const watcher of [...watchers]) watcher();
};

/** One event of the stream as news; what cannot be read says that anything may have changed. */
export const newsOf = (kind: string, data: string): News => {
  try {
    const said = JSON.parse(data);
    if (kind === "alert" && typeof said.id === "string") {
      return { kind, id: said.id, told: `${said.kind ?? ""}`, severity: `${said.severity ?? ""}` };
    }
    if (kind === "step" && typeof said.alert === "string") {
      return { kind, id: said.alert, version: Number(said.version) };
    }
    if (kind === "status") return { kind, ...said };
  } catch {
    // Told below.
  }
  return { kind: "back" };
};

const look = () => {
  clearInterval(timer);
  timer = setInterval(() => tell({ kind: "back" }), LOOK_MS);
};

const close = () => {
  source?.close();
  source = null;
  clearInterval(timer);
  clearTimeout(retry);
};

const open = () => {
  close();
  if (!isServed) {
    look();
    return;
  }
  const stream = new EventSource("/v1/stream");
  source = stream;
  stream.onopen = () => {
    clearInterval(timer);
    become("live");
    tell({ kind: "back" });
  };
  for (const kind of ["alert", "step", "status"]) {
    stream.addEventListener(kind, (event) => tell(newsOf(kind, (event as MessageEvent).data)));
  }
  stream.onerror = () => {
    look();
    if (stream.readyState === EventSource.CLOSED) {
      become("asking");
      clearTimeout(retry);
      retry = setTimeout(open, RETRY_MS);
    } else {
      become("lost");
    }
  };
};

const visible = () => {
  if (document.hidden) close();
  else {
    open();
    tell({ kind: "back" });
  }
};

/** Starts to listen to the stream, or to look where there is none; the answer ends it. */
export const listen = (to: "stream" | "none"): (() => void) => {
  isServed = to === "stream";
  open();
  document.addEventListener("visibilitychange", visible);
  return () => {
    document.removeEventListener("visibilitychange", visible);
    close();
  };
};

/** Told of each piece of news while the part is shown. */
export const useLive = (listener: (news: News) => void): void => {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const told = (news: News) => latest.current(news);
    listeners.add(told);
    return () => {
      listeners.delete(told);
    };
  }, []);
};

export const useLine = (): Line =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => line,
  );
