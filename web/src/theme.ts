// Light, dark, or as the system has it.
export type Theme = "system" | "light" | "dark";

const KEY = "interdict.theme";

export const theme = (): Theme => {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
};

export const applyTheme = (next: Theme = theme()): void => {
  if (next === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, next);
  document.documentElement.dataset.theme = next;
};
