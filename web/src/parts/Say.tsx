// Small things that are said in many places: times, amounts, foreign words, facts, keys.
import type { ReactNode } from "react";

import type { Amount } from "../api/types";
import { moved } from "../format/amount";
import { cut } from "../format/text";
import { local, utc, utcMinute } from "../format/time";

export const Time = ({ at, exact = false }: { at: string; exact?: boolean }) => (
  <time dateTime={at} title={local(at)}>
    {exact ? utc(at) : utcMinute(at)}
    <span className="zone"> UTC</span>
  </time>
);

/** The day above the time of day, where a column is narrow. */
export const TwoLineTime = ({ at }: { at: string }) => {
  const [day, time] = utcMinute(at).split(" ");
  return (
    <time dateTime={at} title={local(at)}>
      {day}{" "}
      <span className="sub">
        {time}
        <span className="zone"> UTC</span>
      </span>
    </time>
  );
};

/** What somebody outside wrote: by itself, so that it turns nothing around it, and cut. */
export const Foreign = ({ text, most }: { text: string; most?: number }) => (
  <bdi className="foreign" title={cut(text, 400)}>
    {cut(text, most)}
  </bdi>
);

export const Moved = ({ amount }: { amount: Amount }) => {
  const { figure, unit, claimed, note } = moved(amount);
  return (
    <span className="moved" title={amount.decimal === null ? amount.raw : undefined}>
      <span className="figure">{figure}</span>
      {unit && <span className="unit"> {unit}</span>}
      {claimed && (
        <span className="unit">
          {" "}
          “<Foreign text={claimed} most={16} />”
        </span>
      )}
      {note && <span className="sub">{note}</span>}
    </span>
  );
};

export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

export const Key = ({ of }: { of: string }) => (
  <span className="key" aria-hidden="true">
    {of}
  </span>
);

export const Card = ({
  title,
  beside,
  children,
  className = "",
}: {
  title?: string;
  beside?: ReactNode;
  children: ReactNode;
  className?: string;
}) => (
  <section className={`card ${className}`}>
    {title && (
      <header className="card-head">
        <h2>{title}</h2>
        {beside}
      </header>
    )}
    {children}
  </section>
);

/** What is wider than the screen is pushed sideways, also by who has no mouse. */
export const Scrolls = ({ label, children }: { label: string; children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move what has the focus
  <section className="scrolls" aria-label={label} tabIndex={0}>
    {children}
  </section>
);
