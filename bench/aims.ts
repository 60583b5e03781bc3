import type { Aim, Figures } from "./row.ts";

/** Wall time as a multiple of the reference's. */
export function wallRatio(atMost?: number): Aim {
  return {
    what: "wall time",
    unit: "times",
    value: (work, reference) => work.seconds / reference.seconds,
    ...bound(atMost),
  };
}

/** CPU time of all threads as a multiple of the reference's: it moves less with what else the machine does. */
export function cpuRatio(): Aim {
  const of = ({ cpuSeconds = Number.NaN }: Figures): number => cpuSeconds;
  return { what: "CPU time", unit: "times", value: (work, reference) => of(work) / of(reference) };
}

/** Peak memory as a multiple of the reference's. */
export function peakRatio(atMost?: number): Aim {
  return {
    what: "peak memory",
    unit: "times",
    value: (work, reference) => peak(work) / peak(reference),
    ...bound(atMost),
  };
}

/** Peak memory in megabytes. */
export function peakOf(atMost?: number): Aim {
  return { what: "peak memory", unit: "MB", value: peak, ...bound(atMost) };
}

function peak({ peakMegabytes = Number.NaN }: Figures): number {
  return peakMegabytes;
}

function bound(atMost: number | undefined): Pick<Aim, "bound"> {
  return atMost === undefined ? {} : { bound: { atMost } };
}
