// The list as its acts tell it. An act that does not follow the one before, or whose head does not
// come out, is refused: a copy is complete, or known not to be.

import type { Stands } from "../listing.js";
import { Unanswered } from "../reason.js";
import { ANY, SOURCES } from "../source.js";
import type { Entry } from "../types.js";
import { FOREVER } from "../wire.js";
import { KIND, KINDS, type Act, type ActEntry } from "./act.js";
import { fold, NO_HEAD } from "./fold.js";

/** How an address stands, as the contract's word of it. */
export interface Standing extends Stands {
  readonly entries: readonly Entry[];
}

const entryOf = ({ uid, designatedOn }: ActEntry): Entry => ({
  uid,
  designatedOn: designatedOn || null,
});

const listed = (was: Standing | undefined, act: Act, entry: ActEntry): Standing | undefined => {
  const { number, kind, sources, until, time } = act;
  if (!was || was.until <= time) {
    const provisional = kind === KIND.listProvisional;
    return { provisional, sources, act: number, since: time, until, entries: [entryOf(entry)] };
  }
  // Another person under the same address in the act that began it.
  const entries = was.act === number ? [...was.entries, entryOf(entry)] : was.entries;
  if (kind === KIND.listProvisional) return { ...was, entries };
  return { ...was, entries, sources: was.sources | sources, until, provisional: false };
};

const delisted = (was: Standing | undefined, act: Act): Standing | undefined => {
  // A second person of the same act finds the address delisted already.
  if (!was || was.until <= act.time) return was;
  const left = was.sources & ~act.sources;
  if (left) return { ...was, sources: left };
  return { ...was, provisional: false, until: act.until };
};

const changed = (was: Standing | undefined, act: Act, entry: ActEntry): Standing | undefined => {
  switch (act.kind) {
    case KIND.listProvisional:
    case KIND.list:
      return listed(was, act, entry);
    case KIND.delist:
    case KIND.delistMany:
    case KIND.retract:
      return delisted(was, act);
    default:
      return was;
  }
};

export class Ledger {
  readonly acts: Act[] = [];
  /**
   * Acts whose time decides what they did: whether a hold was on still when they listed anew. The
   * head covers every other thing that an act says.
   */
  readonly timed: number[] = [];
  readonly #standings = new Map<string, Standing>();
  readonly #freshness = new Map<number, readonly [number, number]>();

  get head(): string {
    return this.acts.at(-1)?.head ?? NO_HEAD;
  }

  /** The first acts of these, which have been folded already. */
  upTo(count: number): Ledger {
    const ledger = new Ledger();
    for (const act of this.acts.slice(0, count)) ledger.take(act);
    return ledger;
  }

  /** Takes in the next act, if it folds to the head that it states. */
  push(act: Act): void {
    if (fold(this.head, act) !== act.head) {
      throw new Unanswered("unproved", `act ${act.number} folds to another head`);
    }
    this.take(act);
  }

  get(account: string): Standing | undefined {
    return this.#standings.get(account);
  }

  /** How many addresses are listed and ratified: the contract's `count`. */
  get count(): number {
    const all = [...this.#standings.values()];
    return all.filter(({ until, provisional }) => until === FOREVER && !provisional).length;
  }

  /** How fresh the sources that count are, as a node is asked: data as of, checked at; or 0. */
  freshness(mask: number): readonly [number, number] {
    const bits = Object.values(SOURCES).filter((bit) => mask & (1 << bit));
    const known = bits.map((bit) => this.#freshness.get(bit) ?? ([0, 0] as const));
    const attested = known.filter(([, checkedAt]) => checkedAt);
    if (mask === ANY) return attested.sort(([, a], [, b]) => a - b)[0] ?? [0, 0];
    if (attested.length < bits.length) return [0, 0];
    return [Math.min(...attested.map(([data]) => data)), Math.min(...attested.map(([, at]) => at))];
  }

  /** Takes in the next act, whose fold is known. */
  take(act: Act): void {
    const { number, kind, until, time } = act;
    const follows = number === this.acts.length + 1 && time >= (this.acts.at(-1)?.time ?? 0);
    const ends = [KIND.delist, KIND.delistMany, KIND.retract].some((one) => one === kind);
    if (!follows || kind >= KINDS || (ends && until !== time)) {
      throw new Unanswered("unproved", `act ${number} does not follow`);
    }
    for (const entry of act.entries) {
      const was = this.#standings.get(entry.account);
      const lists = kind === KIND.list || kind === KIND.listProvisional;
      if (lists && was?.provisional && this.timed.at(-1) !== number) this.timed.push(number);
      const now = changed(was, act, entry);
      if (now) this.#standings.set(entry.account, now);
    }
    for (let bit = 0; kind === KIND.attest && bit < 16; bit++) {
      if (act.sources & (1 << bit)) this.#freshness.set(bit, [act.dataAsOf, time]);
    }
    this.acts.push(act);
  }
}
