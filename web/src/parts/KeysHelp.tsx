// All keys, by where they are of use.
import { Dialog } from "./Dialog";

const KEYS: [string, [string, string][]][] = [
  [
    "Inbox",
    [
      ["j", "next finding"],
      ["k", "finding before"],
      ["Enter", "open its case"],
      ["x", "pick or leave it"],
      ["X", "pick all since the last one"],
      ["*", "pick all, or none"],
      ["/", "look for an address"],
      [".", "show what is new"],
      ["Esc", "pick none"],
    ],
  ],
  [
    "Steps, on a case or on what is picked",
    [
      ["a", "assign to me"],
      ["e", "escalate"],
      ["c", "close"],
      ["z", "snooze"],
      ["n", "note, on a case"],
      ["y", "approve, on a case"],
      ["d", "decline, on a case"],
    ],
  ],
  [
    "Case",
    [
      ["j", "next case of the inbox"],
      ["k", "case before"],
      ["u", "back to the inbox"],
    ],
  ],
];

export const KeysHelp = ({
  nav,
  onClose,
}: {
  nav: { name: string; key: string }[];
  onClose: () => void;
}) => (
  <Dialog title="Keys" onClose={onClose}>
    <div className="keys-help">
      {[
        ...KEYS,
        [
          "Anywhere",
          [
            ...nav.map(({ name, key }) => [`g ${key}`, name] as [string, string]),
            ["?", "these keys"] as [string, string],
          ],
        ] as [string, [string, string][]],
      ].map(([title, keys]) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl>
            {keys.map(([key, says]) => (
              <div key={key}>
                <dt>
                  {key.split(" ").map((part) => (
                    <kbd className="key" key={part}>
                      {part}
                    </kbd>
                  ))}
                </dt>
                <dd>{says}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  </Dialog>
);
