// Addresses and hashes: whole, grouped for reading, copied without the gaps.
import { useEffect, useState } from "react";
import { Link } from "wouter";

import { groups } from "../format/hex";
import { PATHS } from "../go";

/** How long the button says that it has copied, in milliseconds. */
const SAID_MS = 1600;

export const Groups = ({ hex }: { hex: string }) => {
  let at = 0;
  return (
    <span className="hex">
      {groups(hex).map((part) => {
        at += part.length;
        return (
          <span key={at} className="four">
            {part}
          </span>
        );
      })}
    </span>
  );
};

export const Copy = ({ text, what }: { text: string; what: string }) => {
  const [said, setSaid] = useState<"" | "Copied" | "Not copied">("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied"),
      () => setSaid("Not copied"),
    );
  return (
    <button
      type="button"
      className="copy"
      onClick={copy}
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
    >
      <svg className="drawn" viewBox="0 0 16 16" aria-hidden="true">
        {said === "Copied" ? (
          <path d="M3 8.5 6.5 12 13 4.5" />
        ) : (
          <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />
        )}
      </svg>
      <span className="unseen" role="status">
        {said}
      </span>
    </button>
  );
};

/** An address that leads to its page. */
export const Address = ({ of, copy = true }: { of: string; copy?: boolean }) => (
  <span className="address">
    <Link href={PATHS.address(of)}>
      <Groups hex={of} />
    </Link>
    {copy && <Copy text={of} what="the address" />}
  </span>
);

export const Hash = ({ of, what }: { of: string; what: string }) => (
  <span className="address">
    <Groups hex={of} />
    <Copy text={of} what={what} />
  </span>
);
