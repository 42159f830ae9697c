// Times are said in UTC; the reader's own time stands behind them.

const pad = (n: number) => `${n}`.padStart(2, "0");

/** RFC 3339 as it is read: `2022-08-08 14:03:11`; what is no time is shown as it is. */
export const utc = (text: string): string => {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const day = `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`;
  return `${day} ${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}`;
};

/** The same without its seconds. */
export const utcMinute = (text: string): string => utc(text).replace(/:\d\d$/, "");

/** In the reader's own time zone, with its name. */
export const local = (text: string): string => {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  return `${at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" })} (your time)`;
};

/** How long ago, in the coarsest unit that says something. */
export const ago = (text: string, now: number): string => {
  const seconds = Math.round((now - new Date(text).getTime()) / 1000);
  if (Number.isNaN(seconds)) return "";
  if (seconds < 0) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? "1 day ago" : `${days} days ago`;
};

/** What is left of the ten business days, in words. */
export const left = (days: number): string => {
  if (days < 0) return days === -1 ? "1 business day overdue" : `${-days} business days overdue`;
  if (days === 0) return "due today";
  return days === 1 ? "1 business day left" : `${days} business days left`;
};
