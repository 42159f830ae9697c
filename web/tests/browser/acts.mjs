// What somebody does on a page until it shows what is to be looked at.
import { CAST } from "./story.mjs";
import { somebody } from "./world.mjs";

/** Addresses of which each gets another answer. */
export const screened = async (page) => {
  await page
    .getByLabel("Addresses")
    .fill(`${CAST.listed}\n${CAST.clear}\nTXEsK1s8bGS7Dh1oyHTZcLBFWcWxzFeVyr`);
  await page.getByRole("button", { name: /^Screen/ }).click();
  await page.getByRole("heading", { name: /listed/ }).waitFor();
};
/** A file of subjects, looked at before it is taken in. */
export const csv = async (page) => {
  const line = (n, kind, reference) => `${somebody(n)},${kind},${reference}\n`;
  const file = [
    "address,kind,reference\n",
    line(31, "customer", "K-1031"),
    line(32, "pool", '"P-7, the second"'),
    line(33, "customer", "K-1033"),
    line(36, "friend", "K-1036"),
  ];
  await page.getByRole("button", { name: "From a CSV" }).click();
  await page.getByLabel("File").setInputFiles({
    name: "customers.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(file.join("")),
  });
  await page.getByText("1 line cannot be read").waitFor();
};
/** The deliveries of the receiver that is down, with what was given up. */
export const givenUp = async (page) => {
  const summary = page.getByText("Deliveries, 2 given up");
  await summary.click();
  await page.locator(".deliveries li").first().waitFor();
  await summary.evaluate((one) => one.closest("li").scrollIntoView());
};
/** Three are picked, and one dialog asks for all of them. */
export const many = async (page) => {
  await page.locator("table.findings tbody tr").nth(2).waitFor();
  for (const key of ["j", "x", "j", "x", "j", "x", "z"]) await page.keyboard.press(key);
  await page.getByRole("dialog").waitFor();
};
