// The keyboard of a list, as a function: where one stands, what is picked, which key came.

export type ListState = {
  /** The row one stands on. */
  at: string | null;
  picked: ReadonlySet<string>;
  /** Where picking a range began. */
  from: string | null;
};

export const AT_NONE: ListState = { at: null, picked: new Set(), from: null };

const clamp = (n: number, most: number) => Math.max(0, Math.min(n, most));

const moved = (state: ListState, rows: readonly string[], by: number): ListState => {
  if (rows.length === 0) return state;
  const now = state.at === null ? -1 : rows.indexOf(state.at);
  const next = now === -1 ? (by > 0 ? 0 : rows.length - 1) : clamp(now + by, rows.length - 1);
  return { ...state, at: rows[next] ?? null };
};

const toggled = (state: ListState, id: string): ListState => {
  const picked = new Set(state.picked);
  if (!picked.delete(id)) picked.add(id);
  return { at: id, picked, from: id };
};

/** All rows between where picking began and here. */
export const ranged = (state: ListState, rows: readonly string[], to: string): ListState => {
  const start = rows.indexOf(state.from ?? state.at ?? to);
  const end = rows.indexOf(to);
  if (start === -1 || end === -1) return toggled(state, to);
  const between = rows.slice(Math.min(start, end), Math.max(start, end) + 1);
  return { at: to, picked: new Set([...state.picked, ...between]), from: state.from ?? to };
};

/** What a key makes of it; `null` if it is none of the list's keys. */
export const pressed = (
  state: ListState,
  key: string,
  rows: readonly string[],
): ListState | null => {
  switch (key) {
    case "j":
    case "ArrowDown":
      return moved(state, rows, 1);
    case "k":
    case "ArrowUp":
      return moved(state, rows, -1);
    case "Home":
      return moved({ ...state, at: null }, rows, 1);
    case "End":
      return moved({ ...state, at: null }, rows, -1);
    case "x":
      return state.at === null ? moved(state, rows, 1) : toggled(state, state.at);
    case "X":
      return state.at === null ? state : ranged(state, rows, state.at);
    case "*": {
      const all = rows.length > 0 && rows.every((id) => state.picked.has(id));
      return { ...state, picked: new Set(all ? [] : rows) };
    }
    case "Escape":
      return state.picked.size > 0 ? { ...state, picked: new Set(), from: null } : null;
    default:
      return null;
  }
};

export const picked = (state: ListState, id: string): ListState => toggled(state, id);
