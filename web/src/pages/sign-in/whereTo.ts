/** Where one came from, if that is a page of this site. */
export const whereTo = (search: string): string => {
  const to = new URLSearchParams(search).get("to") ?? "/";
  return /^\/(?![/\\])/.test(to) && !to.startsWith("/sign-in") ? to : "/";
};
