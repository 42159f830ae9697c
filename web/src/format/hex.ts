// Addresses and hashes are shown whole, in groups of four; copied, they have no gaps.

export const groups = (hex: string): string[] => {
  const digits = hex.startsWith("0x") ? hex.slice(2) : hex;
  const parts = digits.match(/.{1,4}/g) ?? [];
  return hex.startsWith("0x") ? parts.map((part, i) => (i === 0 ? `0x${part}` : part)) : parts;
};

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
export const isAddress = (text: string): boolean => ADDRESS.test(text);

/** Addresses of a pasted text, in its order and each once; what stands beside them apart. */
export const addressesIn = (text: string): { addresses: string[]; others: string[] } => {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  const seen = new Set<string>();
  const addresses: string[] = [];
  const others: string[] = [];
  for (const word of words) {
    const key = word.toLowerCase();
    if (seen.has(key)) continue;
    seen.add(key);
    (isAddress(word) ? addresses : others).push(word);
  }
  return { addresses, others };
};
