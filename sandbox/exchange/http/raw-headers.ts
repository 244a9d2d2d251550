/** Header names and values in turn, in the order they go out; a name may come twice. */
export type RawHeaders = readonly string[];
