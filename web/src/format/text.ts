// Text that anybody can have written, such as a token's name.

/** Characters of a foreign text that are shown. */
export const FOREIGN_MAX_CHARACTERS = 40;

/** Cut to a length, whole characters only, without what controls the line around it. */
export const cut = (text: string, most = FOREIGN_MAX_CHARACTERS): string => {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
  const letters = [...plain];
  return letters.length <= most ? plain : `${letters.slice(0, most).join("")}…`;
};

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `blocked_in_error` as it is read. */
export const spoken = (word: string): string => capital(word.replaceAll("_", " "));
