/** Plain data: what crosses every border of a durable program. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
