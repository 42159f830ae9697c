// What the inbox holds, and what changes it.
import type { Problem } from "../../api/ask";
import { AT_NONE, type ListState } from "../../keys/list";
import { NO_ROWS, type Rows } from "./rows";

export type State = {
  of: string;
  rows: Rows;
  list: ListState;
  asked: boolean;
  problem: Problem | undefined;
};

export type Action =
  | { do: "begin"; of: string }
  | { do: "rows"; of: string; make: (rows: Rows) => Rows }
  | { do: "failed"; of: string; problem: Problem }
  | { do: "list"; list: ListState }
  | { do: "unpick"; ids: string[] };

/** At work: somewhere down the list, on a row or with some picked. */
export const isAtWork = ({ list }: State): boolean =>
  window.scrollY > 40 || list.picked.size > 0 || list.at !== null;

export const begun = (of: string): State => ({
  of,
  rows: NO_ROWS,
  list: AT_NONE,
  asked: false,
  problem: undefined,
});

export const reduce = (state: State, action: Action): State => {
  switch (action.do) {
    case "begin":
      return state.of === action.of ? state : begun(action.of);
    case "rows":
      if (state.of !== action.of) return state;
      return { ...state, rows: action.make(state.rows), asked: true, problem: undefined };
    case "failed":
      return state.of === action.of ? { ...state, problem: action.problem, asked: true } : state;
    case "list":
      return { ...state, list: action.list };
    case "unpick": {
      const gone = new Set(action.ids);
      const picked = new Set([...state.list.picked].filter((id) => !gone.has(id)));
      return { ...state, list: { ...state.list, picked } };
    }
  }
};
