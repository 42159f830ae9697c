// Keys of the page one is on. A key belongs to a field while somebody writes, and to a dialog while
// one is open.
import { useEffect, useRef } from "react";

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const WRITES = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

/** Whether a key is meant for where it was pressed. */
export const isForAField = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest(WRITES) !== null;

export const useKeys = (keys: Keys): void => {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isForAField(event.target) || document.querySelector("dialog[open]")) return;
      const act = latest.current[event.key];
      if (act) act(event);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
};
