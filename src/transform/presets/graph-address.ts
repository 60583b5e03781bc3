import type { Rule } from "../rule.ts";

/** The address of a user of Microsoft Graph, which Entra ID and Azure AD B2C share (documented). */
export const GRAPH_ADDRESS: Rule = {
  object: {
    street_address: "streetAddress",
    locality: "city",
    region: "state",
    postal_code: "postalCode",
    country: "country",
  },
};
