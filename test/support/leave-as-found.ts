import { afterAll, vi } from "vitest";

// One process runs many files: none is to find the environment, the clock or the limits of the one before.
afterAll(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  vi.resetConfig();
});
