/** What the name of an environment variable can be. What else stands in its place may be the secret itself: it is not shown. */
export const VARIABLE_NAME = /^[A-Za-z_]\w{0,63}$/;
