// Where the pages are.
export const PATHS = {
  inbox: "/",
  case: (id: string) => `/alerts/${id}`,
  address: (address: string) => `/addresses/${address}`,
  list: "/list",
  screen: "/screen",
  health: "/health",
  audit: "/audit",
  settings: (part: string) => `/settings/${part}`,
  signIn: "/sign-in",
};
