// Built into one folder that the indexer embeds; while one writes pages, they are served by Vite and ask
// the indexer that INTERDICT_URL names.
import { defineConfig } from "vite";

const indexer = process.env.INTERDICT_URL ?? "http://127.0.0.1:8710";
const asked = ["/v1", "/readyz", "/livez", "/metrics", "/case.css"];

export default defineConfig({
  build: {
    // An asset in a style or script would be `data:`, which the policy of the pages allows for none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
  },
  server: { proxy: Object.fromEntries(asked.map((path) => [path, { target: indexer }])) },
  test: { include: ["src/**/*.test.ts"] },
});
