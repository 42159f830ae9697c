// Shape, word and colour say the same, so that none of them is needed alone.
import type { ReactNode } from "react";

import type { Severity as Word } from "../api/types";
import { capital } from "../format/text";

const SHAPES: Record<Word, { path: string; hollow: boolean }> = {
  critical: { path: "M5 1h6l4 4v6l-4 4H5l-4-4V5z", hollow: false },
  high: { path: "M8 1.5 15 14H1z", hollow: false },
  medium: { path: "M8 1l7 7-7 7-7-7z", hollow: false },
  low: { path: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2z", hollow: true },
  informational: { path: "M3 3h10v10H3z", hollow: true },
};

export const SeverityShape = ({ of }: { of: Word }) => {
  const { path, hollow } = SHAPES[of] ?? SHAPES.informational;
  return (
    <svg className={`shape ${of}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} className={hollow ? "hollow" : undefined} />
    </svg>
  );
};

export const Severity = ({ of }: { of: Word }) => (
  <span className={`severity ${of}`}>
    <SeverityShape of={of} />
    {capital(of)}
  </span>
);

/** Three answers about an address, told apart as severities are. */
const ANSWERS = {
  listed: { path: SHAPES.critical.path, hollow: false },
  unknown: { path: SHAPES.medium.path, hollow: false },
  clear: { path: SHAPES.low.path, hollow: true },
};

export const AnswerMark = ({ of, children }: { of: keyof typeof ANSWERS; children: ReactNode }) => (
  <span className={`answer ${of}`}>
    <svg className="shape" viewBox="0 0 16 16" aria-hidden="true">
      <path d={ANSWERS[of].path} className={ANSWERS[of].hollow ? "hollow" : undefined} />
    </svg>
    {children}
  </span>
);
