import real from "../../../vitest.config.ts";

/** The configuration of all tests, for the one file that must fail under it. */
export default { ...real, test: { ...real.test, include: ["test/support/proxy/wrong-wire.ts"] } };
