// The source lists, each a bit of the mask that the list keeps: `core/src/source.rs` is the table.

export const SOURCES = {
  "OFAC-SDN": 0,
  UK: 1,
  EU: 2,
  UN: 3,
  UA: 4,
  CH: 5,
  "IL-NBCTF": 6,
  OWN: 15,
} as const;

/** The code of a source list. */
export type Source = keyof typeof SOURCES;

const BITS = 16;

/** Every source at once. */
export const ANY = 0xffff;

/** The mask of some source lists; of all of them if none is named. */
export const maskOf = (sources: readonly Source[] | undefined): number => {
  if (!sources) return ANY;
  const bits = sources.map((source) => SOURCES[source]);
  const mask = bits.reduce<number>((all, bit) => all | (1 << bit), 0);
  if (!mask || bits.some((bit) => !(bit >= 0))) throw new TypeError("interdict: sources");
  return mask;
};

/** The codes of the bits of a mask; a bit that has no list shows as `#<bit>`. */
export const codesOf = (mask: number): string[] => {
  const codes = Object.keys(SOURCES) as Source[];
  const codeOf = (bit: number) => codes.find((code) => SOURCES[code] === bit) ?? `#${bit}`;
  return [...Array(BITS).keys()].filter((bit) => mask & (1 << bit)).map(codeOf);
};
