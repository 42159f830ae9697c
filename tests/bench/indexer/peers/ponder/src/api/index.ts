import { Hono } from "hono";
import { count } from "ponder";
import { db } from "ponder:api";
import { transfer } from "ponder:schema";

const app = new Hono();

/// How many rows there are.
app.get("/rows", async (c) => {
  const [rows] = await db.select({ rows: count() }).from(transfer);
  return c.json(rows);
});

export default app;
