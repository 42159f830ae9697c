// A labelled field with what is wrong said beside it.
import { type ReactNode, useId } from "react";

export const Field = ({
  label,
  hint,
  wrong,
  children,
}: {
  label: string;
  hint?: ReactNode;
  wrong?: string | undefined;
  children: (attributes: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean;
  }) => ReactNode;
}) => {
  const id = useId();
  const said = wrong || hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-describedby": said ? `${id}-said` : undefined,
        "aria-invalid": !!wrong,
      })}
      {said && (
        <p id={`${id}-said`} className={wrong ? "wrong" : "hint"}>
          {said}
        </p>
      )}
    </div>
  );
};
