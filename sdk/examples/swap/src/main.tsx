import { createRoot } from "react-dom/client";

import { App } from "./App.js";
import { readSite } from "./site.js";
import "./swap.css";

const root = createRoot(document.getElementById("root") as HTMLElement);
readSite().then(
  (site) => root.render(<App site={site} />),
  // Without its rules the site does nothing at all.
  (error) => root.render(<p className="fatal">This site is not configured: {`${error}`}</p>),
);
