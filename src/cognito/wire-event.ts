/** Tells of what happens on the wire: no attribute, no password, no URL. */
export type WireEvent =
  | {
      readonly kind: "call-repeated";
      readonly operation: string;
      readonly attempt: number;
      readonly error: string;
      readonly waitMs: number;
    }
  /** The account's rate in a category of requests. */
  | { readonly kind: "quota-read"; readonly category: string; readonly rps: number }
  /** The account's rate could not be read, so the documented one is taken for it. */
  | {
      readonly kind: "quota-assumed";
      readonly category: string;
      readonly rps: number;
      readonly error: string;
    }
  /** The service refused a request as too many; those of this quota go at that rate for now. */
  | { readonly kind: "slowed-down"; readonly quota: string; readonly rps: number };

/** Takes events as they happen; must not throw. */
export type WireObserver = (event: WireEvent) => void;
