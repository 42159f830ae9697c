// What the site's operator has chosen: which list, whose sources, and what happens to the unknown.

import type { List, Source } from "@interdict/sdk";

export interface Site {
  readonly list: List;
  readonly sources: readonly Source[];
  readonly onUnknown: "block" | "allow";
  /** Where visitors write who think that they are refused by mistake. */
  readonly contact: string;
}

export const readSite = async (): Promise<Site> => {
  const response = await fetch("/site.json");
  if (!response.ok) throw new Error(`site.json: HTTP ${response.status}`);
  return response.json();
};

/** Who keeps a source list, and where it takes a request for review. */
export const AUTHORITIES: Readonly<Record<string, { name: string; review?: string }>> = {
  "OFAC-SDN": {
    name: "the US Treasury’s Office of Foreign Assets Control (SDN list)",
    review:
      "https://ofac.treasury.gov/specially-designated-nationals-list-sdn-list/filing-a-petition-for-removal-from-an-ofac-list",
  },
  UK: {
    name: "the UK Foreign, Commonwealth & Development Office (UK Sanctions List)",
    review:
      "https://www.gov.uk/government/publications/making-a-sanctions-challenge-how-to-seek-a-variation-or-revocation-of-a-sanctions-designation",
  },
  EU: { name: "the Council of the European Union (consolidated list)" },
  UN: {
    name: "the United Nations Security Council (consolidated list)",
    review: "https://main.un.org/securitycouncil/en/sanctions/delisting",
  },
  UA: { name: "the National Security and Defence Council of Ukraine" },
  CH: { name: "the Swiss State Secretariat for Economic Affairs" },
  "IL-NBCTF": { name: "Israel’s National Bureau for Counter Terror Financing" },
};
