// Figures as they are read: groups of three with a narrow space that does not break.

export const grouped = (digits: string | number): string => {
  const [whole = "", fraction] = `${digits}`.split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
};

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${grouped(n)} ${n === 1 ? one : many}`;
