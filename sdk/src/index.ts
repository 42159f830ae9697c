// @interdict/sdk: is this address listed? `listed`, `clear` or `unknown`, and never one for another.

export type { Reason } from "./reason.js";
export { screen } from "./screen.js";
export type { Source } from "./source.js";
export type {
  AsOf,
  Clear,
  Decision,
  Entry,
  List,
  Listed,
  Listing,
  OnUnknown,
  Options,
  Provider,
  RequestFunction,
  Screener,
  Screening,
  Unknown,
} from "./types.js";
