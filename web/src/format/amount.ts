// What moved, in words: units of the asset table where it is known, else what can be said honestly.
import type { Amount } from "../api/types";
import { KINDS } from "../words/alert";
import { grouped } from "./number";
import { cut } from "./text";

/** Digits beyond which a number is cut in a row; the case shows all. */
const DIGITS_MAX = 15;

export type Moved = {
  /** The figure, or a dash. */
  figure: string;
  /** Its unit, ours; empty if there is none. */
  unit: string;
  /** What the token calls itself: foreign text. */
  claimed: string;
  /** What else must be said of it. */
  note: string;
};

const BARE = ["call", "creation", "delegation"];

const short = (raw: string) =>
  raw.length > DIGITS_MAX ? `${raw.slice(0, 4)}… (${raw.length} digits)` : grouped(raw);

export const moved = (amount: Amount): Moved => {
  if (BARE.includes(amount.kind)) {
    return { figure: "–", unit: "", claimed: "", note: KINDS[amount.kind] ?? amount.kind };
  }
  if (amount.decimal !== null) {
    return { figure: grouped(amount.decimal), unit: amount.symbol ?? "", claimed: "", note: "" };
  }
  const claimed = amount.token_says?.symbol ?? "";
  if (amount.token_id) {
    return {
      figure: grouped(amount.raw),
      unit: amount.raw === "1" ? "token" : "tokens",
      claimed: cut(claimed),
      note: `id ${cut(amount.token_id, 12)}`,
    };
  }
  return {
    figure: short(amount.raw),
    unit: "",
    claimed: cut(claimed),
    note: amount.token ? "smallest units of an unknown token" : "smallest units",
  };
};
